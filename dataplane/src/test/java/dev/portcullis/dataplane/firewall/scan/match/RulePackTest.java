package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulePackTest {
    @ParameterizedTest
    @CsvSource({"credentials, SECRETS", "injection, PROSE"})
    void everyExampleIsFoundByItsRuleAndNoCounterexampleIs(String name, RuleSet.Reading reading) {
        var pack = pack(name);
        var problems = new ArrayList<String>();
        for (var entry : pack.rules()) {
            var alone = RuleSet.of(reading, List.of(entry.rule(pack.gap())));
            for (var example : entry.examples()) {
                var text = example.replace("<>", "");
                if (!found(alone, text).containsKey(entry.name())) {
                    problems.add(entry.name() + " misses " + text);
                }
            }
            for (var counterexample : entry.counterexamples() == null ? List.<String>of() : entry.counterexamples()) {
                var text = counterexample.replace("<>", "");
                if (found(alone, text).containsKey(entry.name())) {
                    problems.add(entry.name() + " finds " + text);
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"credentials, 150", "injection, 25"})
    void namesAreUniqueAndEveryRuleHasTwoExamples(String name, int least) {
        var pack = pack(name);
        var names = new HashSet<String>();
        for (var entry : pack.rules()) {
            assertThat(names.add(entry.name())).as(entry.name()).isTrue();
            assertThat(new HashSet<>(entry.examples())).as(entry.name()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(entry.counterexamples()).as(entry.name()).isNotEmpty();
            assertThat(entry.name()).matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?");
        }
        assertThat(names).hasSizeGreaterThanOrEqualTo(least);
    }

    @Test
    void theAutomatonOfEveryRuleFitsTheCache() {
        var pack = pack("credentials");
        var rules = RuleSet.of(RuleSet.Reading.SECRETS, pack.rulesWithout(List.of()));
        assertThat(rules.tableBytes()).isLessThan(1 << 20);
    }

    private static RulePack pack(String name) {
        return name.equals("credentials")
                ? RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS)
                : RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS);
    }

    private static TreeMap<String, String> found(RuleSet rules, String text) {
        var found = new TreeMap<String, String>();
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var budget = new WorkBudget();
        budget.grant(bytes.length);
        new Sweep(rules, budget, (rule, start, end, encoding) -> found.put(rule.name(), encoding))
                .search(bytes, 0, bytes.length, bytes.length, 0);
        return found;
    }
}
