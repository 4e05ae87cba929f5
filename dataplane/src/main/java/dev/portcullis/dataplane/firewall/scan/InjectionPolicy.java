package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;

/**
 * What counts as a prompt injection under one policy, and what is done about it. Core classes cannot be disabled.
 * Immutable.
 */
final class InjectionPolicy {
    private final RuleSet rules;
    private final Action action;
    private final DomainSet exempt;

    InjectionPolicy(AgentPolicySpec spec, RulePack pack) {
        var injection = spec.injection();
        action = spec.mode() == AgentPolicySpec.Mode.Strict ? Action.Block : injection.action();
        exempt = new DomainSet(injection.exemptDomains());
        rules = RuleSet.of(RuleSet.Reading.PROSE, pack.rulesWithout(injection.disabledClasses()));
    }

    RuleSet rules() {
        return rules;
    }

    Finding finding(Rule rule, String host, long offset, long length, String encoding) {
        return new Finding(
                ScannerName.PROMPT_INJECTION,
                rule.name(),
                rule.severity(),
                action(host),
                encoding,
                "body",
                offset,
                length,
                "the response holds text that reads like a prompt injection: " + rule.name(),
                rule.core()
                        ? "spec.injection.exemptDomains: [\"" + host + "\"]"
                        : "spec.injection.disabledClasses: [\"" + rule.name() + "\"]");
    }

    Finding overBudget(String host, long place) {
        return new Finding(
                ScannerName.PROMPT_INJECTION,
                "scan-work",
                Severity.high,
                action(host),
                "plaintext",
                "body",
                place,
                "the response is encoded in a way that needs more work to scan than is allowed",
                "spec.injection.exemptDomains: [\"" + host + "\"]");
    }

    /** What is done about a finding in a response from {@code host}. */
    Action action(String host) {
        return exempt.matches(host) ? Action.Warn : action;
    }
}
