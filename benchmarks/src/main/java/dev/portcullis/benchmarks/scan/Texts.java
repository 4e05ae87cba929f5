package dev.portcullis.benchmarks.scan;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Made-up traffic, the same on every run. */
public final class Texts {
    private static final String[] WORDS =
            ("the user asked for a short summary of each open task and the model answered with a list "
                            + "sorted by date then the tool read the file config and wrote the result into a table of names values and "
                            + "counts please note that key points about token limits access and secret santa are kept for later review "
                            + "so we can update this project without much work in general data from api calls is parsed before use")
                    .split(" ");

    private Texts() {}

    /** A chat request as model APIs take it: roles, escaped text with numbers, ids, dates and some code. */
    public static byte[] chatJson(int bytes) {
        var random = new Random(1);
        var text = new StringBuilder("{\"model\":\"m-large-4\",\"max_tokens\":4096,\"stream\":true,\"messages\":[");
        while (text.length() < bytes - 200) {
            text.append("{\"role\":\"")
                    .append(random.nextBoolean() ? "user" : "assistant")
                    .append("\",\"content\":\"");
            for (var line = 0; line < 6; line++) {
                words(text, random, 14);
                switch (random.nextInt(6)) {
                    case 0 ->
                        text.append(", see \\\"")
                                .append("issue-")
                                .append(random.nextInt(9999))
                                .append("\\\"");
                    case 1 ->
                        text.append(" at 2026-03-")
                                .append(10 + random.nextInt(18))
                                .append("T08:15:0")
                                .append(random.nextInt(9))
                                .append("Z");
                    case 2 ->
                        text.append(" (https://docs.example.org/v2/guide?page=")
                                .append(random.nextInt(99))
                                .append(")");
                    case 3 -> text.append(" `for (int i = 0; i < n; i++) sum += rows[i].price;`");
                    default -> text.append('.');
                }
                text.append("\\n");
            }
            text.append("\",\"id\":\"msg_")
                    .append(1_000_000 + random.nextInt(9_000_000))
                    .append("\",\"usage\":{\"input\":")
                    .append(random.nextInt(4000))
                    .append(",\"output\":")
                    .append(random.nextInt(900))
                    .append("}},");
        }
        text.append("{\"role\":\"user\",\"content\":\"");
        while (text.length() < bytes - 4) {
            text.append("go ");
        }
        text.append("\"}]}");
        return text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
    }

    /** Turns of a chat with tool calls, one like the other: prose, names of members, numbers; no secret in them. */
    public static byte[] turns(int bytes) {
        var unit = "{\"role\":\"assistant\",\"content\":\"The build failed because the module path has two versions of"
                + " one package. Remove the older one, run the tests again and send me what they print.\","
                + "\"tokens\":182,\"finish_reason\":\"stop\",\"tool\":{\"name\":\"read_file\",\"arguments\":"
                + "{\"path\":\"src/main/java/App.java\",\"lines\":[12,48]}}},\n";
        var text = new byte[bytes];
        var begin = "{\"messages\":[\n";
        var end = "{}]}\n";
        var filled = put(text, 0, begin);
        while (filled + unit.length() + end.length() <= bytes) {
            filled = put(text, filled, unit);
        }
        while (filled + end.length() < bytes) {
            text[filled++] = ' ';
        }
        put(text, filled, end);
        return text;
    }

    private static int put(byte[] text, int at, String ascii) {
        for (var i = 0; i < ascii.length(); i++) {
            text[at + i] = (byte) ascii.charAt(i);
        }
        return at + ascii.length();
    }

    /** A page of documentation: tags, links, attributes, some code and some letters outside ASCII. */
    public static byte[] page(int bytes) {
        var random = new Random(2);
        var text = new StringBuilder("<!doctype html><html lang=\"en\"><head><title>Guide</title></head><body>\n");
        while (text.length() < bytes) {
            text.append("<h2 id=\"s").append(random.nextInt(999)).append("\">");
            words(text, random, 4);
            text.append("</h2>\n<p class=\"lead\">");
            words(text, random, 40);
            text.append(" &mdash; <a href=\"/docs/page-")
                    .append(random.nextInt(99))
                    .append("\">");
            words(text, random, 3);
            text.append("</a>.</p>\n<ul><li>");
            words(text, random, 9);
            text.append("</li><li>caf\u00e9 na\u00efve \u2013 ");
            words(text, random, 5);
            text.append("</li></ul>\n<pre><code>var total = list.stream().mapToInt(Item::price).sum();</code></pre>\n");
        }
        return cut(text, bytes);
    }

    private static void words(StringBuilder text, Random random, int count) {
        for (var i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
    }

    /** {@code unit} over and over. */
    static byte[] repeated(String unit, int bytes) {
        var text = new StringBuilder(bytes + unit.length());
        while (text.length() < bytes) {
            text.append(unit);
        }
        return cut(text, bytes);
    }

    private static byte[] cut(StringBuilder text, int bytes) {
        var all = text.toString().getBytes(StandardCharsets.UTF_8);
        return all.length <= bytes ? all : java.util.Arrays.copyOf(all, bytes);
    }
}
