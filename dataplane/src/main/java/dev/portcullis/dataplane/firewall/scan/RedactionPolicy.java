package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is replaced in request bodies under one policy. Immutable. */
final class RedactionPolicy {
    /** The class that stands for every built-in class of credentials. */
    static final String CREDENTIALS = "credentials";

    private final RuleSet rules;
    private final boolean rewrites;

    private RedactionPolicy(RuleSet rules, boolean rewrites) {
        this.rules = rules;
        this.rewrites = rewrites;
    }

    /**
     * The rules of {@code spec}, or null where nothing is redacted.
     *
     * @throws IllegalArgumentException naming the field, for a class that there is not
     */
    static @Nullable RedactionPolicy of(AgentPolicySpec spec, RulePack pack) {
        var redact = spec.dlp().redact();
        if (!redact.enabled()) {
            return null;
        }
        var credentials = pack.rulesWithout(List.of());
        var chosen = new LinkedHashMap<String, Rule>();
        for (var i = 0; i < redact.classes().size(); i++) {
            var name = redact.classes().get(i);
            var personal = PersonalData.named(name);
            if (personal != null) {
                chosen.put(name, personal.rule());
                continue;
            }
            var before = chosen.size();
            for (var rule : credentials) {
                if (name.equals(CREDENTIALS) || name.equals(rule.name())) {
                    chosen.put(rule.name(), rule);
                }
            }
            for (var p = 0; p < spec.dlp().patterns().size(); p++) {
                var pattern = spec.dlp().patterns().get(p);
                if (pattern.name().equals(name)) {
                    chosen.put(name, SecretPolicy.rule(pattern, "spec.dlp.patterns[" + p + "].regex"));
                }
            }
            if (chosen.size() == before && !chosen.containsKey(name)) {
                throw new IllegalArgumentException("spec.dlp.redact.classes[" + i + "]: there is no class '" + name
                        + "': write email, ipv4, ipv6, cidr, mac, hash-md5, hash-sha1, hash-sha256, hash-sha512,"
                        + " credentials, a class of docs/scanner.md, or the name of one of spec.dlp.patterns.");
            }
        }
        return new RedactionPolicy(
                RuleSet.of(RuleSet.Reading.SECRETS, List.copyOf(chosen.values())),
                spec.mode() != AgentPolicySpec.Mode.Audit);
    }

    /** True where JSON bodies are rewritten, false where only what would be is reported. */
    boolean rewrites() {
        return rewrites;
    }

    /** Opens the search of one body. */
    RedactionScan open(RedactionScan.Spans spans) {
        return new RedactionScan(rules, spans);
    }

    /** Opens the scan of a body in which nothing can be replaced: what should be is a finding. */
    BodyScan check() {
        return new BodyWindow(rules, new Check(rewrites), Long.MAX_VALUE, null);
    }

    private record Check(boolean rewrites) implements BodyWindow.Judge {
        @Override
        public Finding finding(Rule rule, long start, long end, String encoding) {
            return new Finding(
                    ScannerName.DLP,
                    rewrites ? RedactionScan.NOT_JSON : RedactionScan.WOULD,
                    rule.severity(),
                    rewrites ? Action.Block : Action.Warn,
                    encoding,
                    "body",
                    start,
                    end - start,
                    "a value of class " + rule.name() + " is in the request body"
                            + (rewrites
                                    ? ", which is not JSON, so it cannot be redacted: send JSON"
                                    : " and would be redacted"),
                    rewrites ? "spec.dlp.redact.classes: [...]  # without " + rule.name() : "");
        }

        @Override
        public @Nullable Finding oversize(long limit) {
            return null;
        }

        @Override
        public Finding overBudget(long place) {
            return RedactionScan.refusal(
                    RedactionScan.WORK, place, "needs more work to redact than is allowed", Severity.high);
        }
    }
}
