package dev.portcullis.benchmarks.scan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Requests to model APIs as agents send them: files in tool replies, chats in several languages. The same on every run. */
public final class Conversations {
    private static final int SHORTEST_PART = 400;
    private static final int LONGEST_PART = 3_000;

    private Conversations() {}

    /** Source code of several languages in tool replies: line ends, quotes and backslashes are escaped. */
    public static byte[] code(int bytes) {
        var source = text("code.txt");
        var random = new Random(3);
        var body = new StringBuilder("{\"model\":\"m-large-4\",\"messages\":[");
        while (body.length() < bytes) {
            var length = SHORTEST_PART + random.nextInt(LONGEST_PART - SHORTEST_PART);
            var at = random.nextInt(source.length() - length);
            body.append("{\"role\":\"tool\",\"tool_call_id\":\"call_")
                    .append(random.nextInt(100_000))
                    .append("\",\"content\":\"");
            escaped(body, source.substring(at, at + length));
            body.append("\"},");
        }
        return cut(body, bytes);
    }

    /** A chat in {@code language}: de, ru or zh. */
    public static byte[] chat(String language, int bytes) {
        var sentences = text("chat-" + language + ".txt").split("\n");
        var random = new Random(4);
        var body = new StringBuilder("{\"model\":\"m-large-4\",\"messages\":[");
        for (var turn = 0; body.length() < bytes; turn++) {
            body.append("{\"role\":\"")
                    .append(turn % 2 == 0 ? "user" : "assistant")
                    .append("\",\"content\":\"");
            for (var n = 1 + random.nextInt(4); n >= 0; n--) {
                escaped(body, sentences[random.nextInt(sentences.length)]);
                body.append(n == 0 ? "" : "\\n");
            }
            body.append("\"},");
        }
        return cut(body, bytes);
    }

    private static void escaped(StringBuilder body, String text) {
        JsonStringEncoder.getInstance().quoteAsString(text, body);
    }

    /** The first {@code bytes} bytes, the last characters of which may be cut. */
    private static byte[] cut(StringBuilder body, int bytes) {
        return Arrays.copyOf(body.toString().getBytes(StandardCharsets.UTF_8), bytes);
    }

    private static String text(String name) {
        try (var in = Conversations.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
