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
    private final ClassSettings classes;

    InjectionPolicy(AgentPolicySpec spec, RulePack pack) {
        var injection = spec.injection();
        action = spec.mode() == AgentPolicySpec.Mode.Strict ? Action.Block : injection.action();
        exempt = new DomainSet(injection.exemptDomains());
        classes = new ClassSettings(pack, injection.disabledClasses(), injection.classes(), "spec.injection");
        rules = RuleSet.of(RuleSet.Reading.PROSE, classes.rules());
    }

    RuleSet rules() {
        return rules;
    }

    Finding finding(Rule rule, String host, long offset, long length, String encoding) {
        return new Finding(
                ScannerName.PROMPT_INJECTION,
                rule.name(),
                rule.severity(),
                action(rule, host),
                encoding,
                "body",
                offset,
                length,
                "the response holds text that reads like a prompt injection: " + rule.name(),
                rule.core()
                        ? "spec.injection.exemptDomains: [\"" + host + "\"]"
                        : "spec.injection.disabledClasses: [\"" + rule.name() + "\"]");
    }

    private Action action(Rule rule, String host) {
        var setting = classes.of(rule.name());
        if (setting == null || exempt.matches(host)) {
            return action(host);
        }
        if (classes.exempts(rule.name(), host)) {
            return Action.Warn;
        }
        return setting.action() == null ? action : setting.action();
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
