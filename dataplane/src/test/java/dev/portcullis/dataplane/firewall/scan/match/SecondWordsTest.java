package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is ruled out by the bytes behind the first word of a rule is no match of it, whatever was asked before. */
class SecondWordsTest {
    private static final String[] PARTS = {
        " ",
        "\n",
        "-",
        ".",
        "\"",
        " the ",
        "\nthe\n",
        " thus",
        " rest",
        "all",
        " al1 ",
        "my",
        "your ",
        " previous",
        "rules",
        " \u00e9",
        "\u00c2\u00a0",
        "this tool",
        " this",
        "x"
    };

    @Test
    void nothingThatMatchesIsRuledOut() {
        var random = new Random(3);
        var ruledOut = 0;
        for (var entry :
                RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS).rules()) {
            var rule = entry.rule("(?:[^A-Za-z0-9:]{1,6})");
            var trigger = (AnchoredPattern) rule.trigger();
            for (var literal : rule.literals()) {
                var second = new SecondWords(literal, trigger.pattern(), trigger.leftBoundary());
                var word = new String(literal, StandardCharsets.ISO_8859_1);
                for (var n = 0; n < 40; n++) {
                    ruledOut += ruledOut(second, trigger.pattern(), text(word, entry, random));
                }
            }
        }
        assertThat(ruledOut).isGreaterThan(10_000);
    }

    private static int ruledOut(SecondWords second, Pattern pattern, String text) {
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (second.at(bytes, 1, bytes.length) == SecondWords.POSSIBLE) {
            return 0;
        }
        assertThat(pattern.matcher(text).region(1, text.length()).lookingAt())
                .as(text)
                .isFalse();
        return 1;
    }

    /** What begins as a match may, and goes on as one or not. */
    private static String text(String word, RulePack.Entry entry, Random random) {
        var examples = entry.examples().stream()
                .map(RulePack::utf8AsLatin1)
                .map(String::toLowerCase)
                .filter(example -> example.contains(word))
                .toList();
        if (!examples.isEmpty() && random.nextInt(4) == 0) {
            var example = examples.get(random.nextInt(examples.size()));
            return ' ' + example.substring(example.indexOf(word)) + "     ";
        }
        var text = new StringBuilder(" ").append(word);
        for (var n = random.nextInt(1, 6); n > 0; n--) {
            text.append(PARTS[random.nextInt(PARTS.length)]);
        }
        return text.append("     ").toString();
    }
}
