package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Literals told by changes are all that a search of the words finds, wherever marks, digits and literals stand. */
class WordHitsTest {
    private static final RulePack PACK = RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS);
    private static final RuleSet RULES = RuleSet.of(RuleSet.Reading.PROSE, PACK.rulesWithout(List.of()));
    private static final String MARKS = " \t\n.*_-~>#|/\\\"'`+^";
    private static final String MEANT = "o0i1e3a4s5t7a@s$";

    private record Hit(int rule, int start) implements Comparable<Hit> {
        @Override
        public int compareTo(Hit other) {
            return start == other.start ? Integer.compare(rule, other.rule) : Integer.compare(start, other.start);
        }
    }

    @Test
    void changesTellAllLiterals() {
        assertThat(RULES.wordsByChanges()).isTrue();
        var random = new Random(11);
        var parts = parts();
        var told = 0;
        for (var round = 0; round < 30_000; round++) {
            var text = text(random, parts);
            var from = random.nextInt(4) == 0 ? random.nextInt(text.length + 1) : 0;
            var to = random.nextInt(4) == 0 ? from + random.nextInt(text.length + 1 - from) : text.length;
            told += compare(text, from, to);
        }
        assertThat(told).isGreaterThan(10_000);
    }

    private static int compare(byte[] text, int from, int to) {
        var words = new Words();
        if (!words.read(text, text.length)) {
            return 0;
        }
        var low = behind(words, from);
        var high = to == text.length ? words.length() : behind(words, to);
        var noted = new NotedHits();
        RULES.index().scan(text, from, to, text.length, noted::add);
        var expected = new TreeSet<Hit>();
        RULES.index().scan(words.bytes(), low, high, words.length(), (literal, start) -> {
            if (RULES.onlyNeeded(literal) || mayMatch(RULES.ruleOfLiteral(literal), words, start)) {
                expected.add(hit(literal, start));
            }
        });
        var found = new TreeSet<Hit>();
        var last = new int[1];
        var block = new Block(words.bytes(), words.length(), words.map(), 0, text.length, false, "words", 1, true);
        WordHits.scan(RULES, block, words, noted, low, high, (literal, start) -> {
            assertThat(start).isBetween(Math.max(low, last[0]), high - 1);
            last[0] = start;
            found.add(hit(literal, start));
        });
        assertThat(found).as("%s", new String(text, StandardCharsets.UTF_8)).containsAll(expected);
        return expected.size();
    }

    /** Or more text might make it a match. */
    private static boolean mayMatch(int rule, Words words, int start) {
        var pattern = ((AnchoredPattern) RULES.rule(rule).trigger()).pattern();
        var text = new String(words.bytes(), 0, words.length(), StandardCharsets.ISO_8859_1);
        var matcher = pattern.matcher(text).region(start, words.length());
        return matcher.lookingAt() || matcher.hitEnd();
    }

    private static Hit hit(int literal, int start) {
        return new Hit(RULES.ruleOfLiteral(literal), start);
    }

    private static int behind(Words words, int place) {
        var at = 0;
        while (at < words.length() && words.map()[at] < place) {
            at++;
        }
        return at;
    }

    private static List<String> parts() {
        var all = new ArrayList<String>();
        for (var rule : PACK.rules()) {
            all.addAll(rule.examples());
            all.addAll(rule.counterexamples() == null ? List.of() : rule.counterexamples());
            all.addAll(rule.literals() == null ? List.of() : rule.literals());
        }
        return all.stream().map(RulePack::utf8AsLatin1).map(WordHitsTest::lower).toList();
    }

    private static String lower(String latin) {
        var lower = new StringBuilder();
        latin.chars().forEach(c -> lower.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return lower.toString();
    }

    /** Some of {@code parts} with marks between and in them, and letters written as digits. */
    private static byte[] text(Random random, List<String> parts) {
        var text = new StringBuilder();
        var marks = random.nextInt(12);
        var digits = random.nextInt(12);
        for (var n = random.nextInt(1, 5); n > 0; n--) {
            var part = parts.get(random.nextInt(parts.size()));
            for (var i = 0; i < part.length(); i++) {
                var c = part.charAt(i);
                if (c == ' ' && random.nextInt(12) < marks) {
                    text.append(mark(random));
                    if (random.nextBoolean()) {
                        text.append(mark(random));
                    }
                } else if (MEANT.indexOf(c) >= 0 && random.nextInt(12) < digits && random.nextInt(6) == 0) {
                    text.append(MEANT.charAt(MEANT.indexOf(c) + 1));
                } else {
                    text.append(c);
                }
                if (random.nextInt(60) < marks && random.nextInt(4) == 0) {
                    text.append(mark(random));
                }
            }
            text.append(random.nextInt(3) == 0 ? mark(random) : ' ');
        }
        // At the very end of a text, what would follow a literal is not asked for.
        return text.append(" and so on").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static char mark(Random random) {
        return MARKS.charAt(random.nextInt(MARKS.length()));
    }
}
