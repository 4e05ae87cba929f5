package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the automaton rules out {@link java.util.regex} does not match, for every expression of every pack. */
class LazyDfaTest {
    private static final int TEXTS = 300;

    /** So few that states are forgotten all the time. */
    private static final int FEW = 512;

    record Case(RulePack.Entry entry, AnchoredPattern pattern) {
        @Override
        public String toString() {
            return entry.name();
        }
    }

    static List<Case> cases() {
        var cases = new ArrayList<Case>();
        for (var pack : List.of(
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS),
                RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS))) {
            for (var entry : pack.rules()) {
                if (entry.rule(pack.gap()).trigger() instanceof AnchoredPattern pattern) {
                    cases.add(new Case(entry, pattern));
                }
            }
        }
        assertThat(cases).hasSizeGreaterThan(200);
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rulesOutOnlyWhatDoesNotMatch(Case rule) {
        var dfa = LazyDfa.of(rule.pattern().pattern());
        assertThat(dfa.knows()).as(rule.pattern().pattern().pattern()).isTrue();
        var few = LazyDfa.of(rule.pattern().pattern(), FEW);
        var random = new Random(rule.entry().name().hashCode());
        var matcher = rule.pattern().pattern().matcher("");
        var budget = new WorkBudget();
        budget.grant(Integer.MAX_VALUE);
        var ruledOut = 0;
        for (var n = 0; n < TEXTS; n++) {
            var text = changed(rule.entry().examples(), random);
            var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            var start = random.nextInt(Math.min(text.length(), 12));
            matcher.reset(text).region(start, text.length());
            var matches = matcher.lookingAt();
            for (var each : List.of(dfa, few)) {
                var failed = each.failsAt(bytes, start, bytes.length, budget);
                if (failed >= 0) {
                    ruledOut++;
                    assertThat(matches).as(text.substring(start)).isFalse();
                    assertThat(failed).isBetween(start, bytes.length - 1);
                    // Nothing behind the byte matters.
                    var other = text.substring(0, failed + 1) + text;
                    assertThat(matcher.reset(other)
                                    .region(start, other.length())
                                    .lookingAt())
                            .as(other)
                            .isFalse();
                }
                var ends = new byte[bytes.length - start + 1];
                var all = each.ends(bytes, start, bytes.length, ends, budget);
                assertThat(failed < 0 || all >= 0 || each == few).isTrue();
                for (var end = start + 1; end <= bytes.length; end++) {
                    var found = matcher.reset(text).region(start, end).lookingAt();
                    if (ends[end - start] == 0) {
                        assertThat(found).as(text.substring(start, end)).isFalse();
                    } else if (found && ends[end - start] == LazyDfa.HERE) {
                        assertThat(matcher.end()).as(text.substring(start, end)).isEqualTo(end);
                    }
                }
            }
        }
        assertThat(ruledOut).isPositive();
    }

    /** A text that begins as one of the examples does and may go on otherwise. */
    private static String changed(List<String> examples, Random random) {
        var example = RulePack.utf8AsLatin1(
                examples.get(random.nextInt(examples.size())).replace("<>", ""));
        var text = new StringBuilder(random.nextBoolean() ? example : example.toLowerCase(java.util.Locale.ROOT));
        for (var changes = random.nextInt(4); changes > 0; changes--) {
            var place = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(place, (char) random.nextInt(256));
                case 1 -> text.deleteCharAt(place);
                case 2 -> text.insert(place, " a1".charAt(random.nextInt(3)));
                default -> text.insert(place, example, 0, random.nextInt(example.length()));
            }
            if (text.isEmpty()) {
                text.append('x');
            }
        }
        return text.toString();
    }

    /** Counted repetitions have a position for each count, and skip none. */
    @ParameterizedTest
    @MethodSource("counted")
    void repetitions(String regex) {
        var pattern = Pattern.compile(regex);
        var dfa = LazyDfa.of(pattern, LazyDfa.TRANSITIONS);
        var budget = new WorkBudget();
        for (var count = 0; count < 12; count++) {
            for (var tail : List.of("", "b", "bb", "c")) {
                var text = "x" + "a".repeat(count) + tail + "!";
                var fails = dfa.failsAt(text.getBytes(StandardCharsets.ISO_8859_1), 0, text.length(), budget);
                assertThat(fails == LazyDfa.MAYBE)
                        .as(regex + " " + text)
                        .isEqualTo(pattern.matcher(text).lookingAt());
            }
        }
    }

    static List<String> counted() {
        return List.of(
                "xa{3}b",
                "xa{2,5}b",
                "xa{0,4}c",
                "x(?:a|b){2,}c",
                "x(?:aa?){2,3}!",
                "x(?:a?b?){3}!",
                "xa*b+!",
                "x(?:a{2}){1,2}b?!",
                "x(?:a{1,2}(?:b|c)?){2}!",
                "xab|xa{4}[^b]");
    }
}
