package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.match.AnchoredPattern;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import dev.portcullis.dataplane.firewall.scan.match.Sweep;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import java.util.ArrayList;
import java.util.List;

/**
 * Secrets that lie across a seam: begun in what was sent before, ended in what is sent now. Looks only for classes of
 * severity high and above, since numbers put next to each other make card numbers of their own; and lets a secret begin
 * behind any character, since what stands before it may come from another request. Immutable, any thread.
 */
final class SeamScan {
    private final SecretPolicy policy;
    private final RuleSet rules;

    SeamScan(SecretPolicy policy) {
        this.policy = policy;
        rules = RuleSet.of(
                RuleSet.Reading.SECRETS,
                policy.rules().rules().stream()
                        .filter(rule -> rule.severity().compareTo(Severity.high) >= 0)
                        .map(SeamScan::withoutLeftBoundary)
                        .toList());
    }

    private static Rule withoutLeftBoundary(Rule rule) {
        return rule.trigger() instanceof AnchoredPattern pattern
                ? new Rule(
                        rule.name(),
                        rule.severity(),
                        rule.core(),
                        rule.literals(),
                        rule.folded(),
                        pattern.withoutLeftBoundary(),
                        rule.encoding())
                : rule;
    }

    /** What lies across {@code seam}; {@code host} is where it goes, for exemptions. */
    List<Finding> scan(byte[] text, int seam, int length, String host) {
        var found = new ArrayList<Finding>(1);
        var budget = new WorkBudget();
        budget.grant(length);
        var sweep = Sweep.ofEveryMatch(rules, budget, (rule, start, end, encoding) -> {
            if (start < seam
                    && end > seam
                    && found.stream().noneMatch(known -> known.rule().equals(rule.name()))) {
                var finding = policy.finding(rule, host, start, end - start, encoding, "requests");
                if (finding != null) {
                    found.add(finding);
                }
            }
        });
        try {
            sweep.search(text, 0, seam, length, 0);
        } catch (WorkBudget.Exhausted e) {
            found.add(policy.overBudget("requests", -1));
        }
        return found;
    }
}
