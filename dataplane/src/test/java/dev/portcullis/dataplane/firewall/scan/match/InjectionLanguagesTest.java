package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the rules for several languages find in each of them, and what is near it and ordinary. */
class InjectionLanguagesTest {
    private static final RulePack PACK = RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS);
    private static final Set<String> LANGUAGES = Set.of("de", "es", "pt", "fr", "ru", "zh", "ja");

    private record Sentence(String rule, String language, boolean found, String text) {}

    @Test
    void everySentenceIsFoundByItsRuleAndNoneThatIsOnlyNearIt() throws IOException {
        var problems = new ArrayList<String>();
        for (var entry : PACK.rules()) {
            var alone = RuleSet.of(RuleSet.Reading.PROSE, List.of(entry.rule(PACK.gap())));
            for (var sentence : sentences()) {
                if (sentence.rule().equals(entry.name()) && finds(alone, sentence.text()) != sentence.found()) {
                    problems.add(entry.name() + (sentence.found() ? " misses " : " finds ") + sentence.text());
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void noRuleFindsWhatIsOnlyNearOne() throws IOException {
        var all = RuleSet.of(RuleSet.Reading.PROSE, PACK.rulesWithout(List.of()));
        assertThat(sentences())
                .filteredOn(sentence -> !sentence.found())
                .noneMatch(sentence -> finds(all, sentence.text()));
    }

    @Test
    void everyRuleHasTwoSentencesAndOneThatIsNearInEachLanguage() throws IOException {
        var count = new TreeMap<String, int[]>();
        for (var sentence : sentences()) {
            assertThat(LANGUAGES).contains(sentence.language());
            count.computeIfAbsent(sentence.rule() + " " + sentence.language(), key -> new int[2])[
                    sentence.found() ? 0 : 1]++;
        }
        var languages = new TreeMap<String, Set<String>>();
        count.forEach((key, numbers) -> {
            assertThat(numbers[0]).as(key).isGreaterThanOrEqualTo(2);
            assertThat(numbers[1]).as(key).isGreaterThanOrEqualTo(1);
            var rule = key.substring(0, key.indexOf(' ')).replace("-cjk", "-languages");
            languages.computeIfAbsent(rule, name -> new HashSet<>()).add(key.substring(key.indexOf(' ') + 1));
        });
        assertThat(languages.keySet())
                .containsExactlyInAnyOrderElementsOf(PACK.rules().stream()
                        .map(RulePack.Entry::name)
                        .filter(name -> name.endsWith("-languages"))
                        .toList());
        assertThat(languages).allSatisfy((rule, spoken) -> assertThat(spoken).isEqualTo(LANGUAGES));
    }

    private static List<Sentence> sentences() throws IOException {
        var all = new ArrayList<Sentence>();
        var rule = "";
        try (var in = InjectionLanguagesTest.class.getResourceAsStream("/injection-languages.txt")) {
            for (var line : new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("= ")) {
                    rule = line.substring(2);
                } else if (!line.startsWith("#")) {
                    all.add(new Sentence(rule, line.substring(0, 2), line.charAt(3) == '+', line.substring(5)));
                }
            }
        }
        return all;
    }

    private static boolean finds(RuleSet rules, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var budget = new WorkBudget();
        budget.grant(bytes.length);
        var found = new boolean[1];
        new Sweep(rules, budget, (rule, start, end, encoding) -> found[0] = true)
                .search(bytes, 0, bytes.length, bytes.length, 0);
        return found[0];
    }
}
