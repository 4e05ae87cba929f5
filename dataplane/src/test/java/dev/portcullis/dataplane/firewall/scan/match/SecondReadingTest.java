package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.seed.SeedPhraseWalk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * What is read a second time only around its escapes says the same as all of it read a second time, wherever escapes and
 * secrets stand.
 */
class SecondReadingTest {
    private static final RuleSet RULES = rules();
    private static final List<String> SECRETS = secrets();
    private static final String[] WORDS = {
        "the build failed because of two versions ",
        "return list.stream().map(Item::price).sum();\\n    ",
        "\\\"name\\\": \\\"value\\\", ",
        "key = ",
        "see https://docs.example.org/guide?page=7 ",
        "{\"role\":\"tool\",\"content\":\"",
        "12 of 48 rows, 2026-03-11 ",
        "src/main/java/App.java\\t",
        "\n",
        "\"},\n"
    };
    private static final String[] DIFFERENCES = {
        "\u00e4", "\u0430", "\u2026", "\u200b", "\\u00e9", "%20", "&amp;", "\\/", "\\d", "\uff0c", "\u4e2d", "\u0001"
    };

    private static RuleSet rules() {
        var all = new ArrayList<>(
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rulesWithout(List.of()));
        all.add(SeedPhraseWalk.rule());
        all.addAll(KnownForms.rules("known-a", "tr0ub4dor&3-correct-horse".getBytes(StandardCharsets.UTF_8)));
        return RuleSet.of(RuleSet.Reading.SECRETS, all);
    }

    private static List<String> secrets() {
        var all = new ArrayList<String>();
        for (var rule :
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rules()) {
            for (var example : rule.examples()) {
                all.add(example.replace("<>", ""));
            }
        }
        for (var n = 0; n < 20; n++) {
            all.add("legal winner thank year wave sausage worth useful legal winner thank yellow");
            all.add("tr0ub4dor&3-correct-horse");
            all.add("4111 1111 1111 1111");
            all.add("DE89 3704 0044 0532 0130 00");
        }
        return all;
    }

    @Property(tries = 6_000, seed = "6", shrinking = ShrinkingMode.OFF)
    void partsSayWhatTheWholeSays(@ForAll long seed) {
        var random = new Random(seed);
        var text = text(random).getBytes(StandardCharsets.UTF_8);
        var whole = found(text, Integer.MAX_VALUE);
        assertThat(found(text, SecondReading.NEAR))
                .as(new String(text, StandardCharsets.UTF_8))
                .isEqualTo(whole);
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        filler(text, random, random.nextInt(3_000));
        var secret = SECRETS.get(random.nextInt(SECRETS.size()));
        switch (random.nextInt(8)) {
            case 0 -> secret = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
            case 1 -> secret = HexFormat.of().formatHex(secret.getBytes(StandardCharsets.UTF_8));
            // What is between words and between letters at once is read by luck.
            case 2 -> secret = secret.matches("[\\w-]+") ? String.join(" ", secret.split("")) : secret;
            default -> {}
        }
        written(text, secret, random);
        filler(text, random, random.nextInt(3_000));
        return text.toString();
    }

    /** The secret with none, one, some or all of its characters written in another way. */
    private static void written(StringBuilder text, String secret, Random random) {
        var every = new int[] {Integer.MAX_VALUE, 1, 2, 5, 17, 40}[random.nextInt(6)];
        var one = random.nextBoolean() ? random.nextInt(secret.length()) : -1;
        var how = random.nextInt(8);
        for (var i = 0; i < secret.length(); i++) {
            var c = secret.charAt(i);
            if (i != one && (every == Integer.MAX_VALUE || i % every != 0) || c >= 0x80) {
                text.append(c);
                continue;
            }
            switch (random.nextInt(4) == 0 ? random.nextInt(8) : how) {
                case 0 -> text.append(String.format("\\u%04x", (int) c));
                case 1 -> text.append(String.format("%%%02X", (int) c));
                case 2 -> text.append("&#").append((int) c).append(';');
                case 3 -> text.append(c > ' ' && c < 0x7f ? (char) (c + 0xFEE0) : c);
                case 4 -> text.append('\u200b').append(c);
                case 5 -> text.append(String.format("\\x%02x", (int) c));
                case 6 -> text.append(c).append('\u0301');
                default -> text.append("%25").append(String.format("%02x", (int) c));
            }
        }
    }

    /** Ordinary text with differences that are near each other, far from each other, or none. */
    private static void filler(StringBuilder text, Random random, int length) {
        var end = text.length() + length;
        var one = new int[] {2, 20, 200}[random.nextInt(3)];
        while (text.length() < end) {
            text.append(
                    random.nextInt(one) == 0
                            ? DIFFERENCES[random.nextInt(DIFFERENCES.length)]
                            : WORDS[random.nextInt(WORDS.length)]);
        }
    }

    private static Set<String> found(byte[] text, int near) {
        var names = new TreeSet<String>();
        var budget = new WorkBudget();
        budget.grant(100L * text.length);
        new Sweep(RULES, budget, (rule, start, end, encoding) -> names.add(rule.name()), false, near)
                .search(text, 0, text.length, text.length, 0);
        return names;
    }
}
