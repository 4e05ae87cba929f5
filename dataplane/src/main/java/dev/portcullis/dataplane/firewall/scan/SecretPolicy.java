package dev.portcullis.dataplane.firewall.scan;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.SecretPattern;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.KnownForms;
import dev.portcullis.dataplane.firewall.scan.match.RequiredLiteral;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import dev.portcullis.dataplane.firewall.scan.match.UserPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What counts as a secret under one policy, and what is done about it: the built-in classes but those that
 * {@code dlp.disabledClasses} names, the policy's own patterns, and its known values. Core classes cannot be disabled.
 * Immutable.
 */
public final class SecretPolicy {
    private static final String KNOWN = "known-";

    private final RuleSet rules;
    private final Action action;
    private final Map<String, Own> own = new HashMap<>();

    private record Own(@Nullable Action action, DomainSet exempt) {}

    SecretPolicy(AgentPolicySpec spec, RulePack pack, List<KnownValue> known) {
        var dlp = spec.dlp();
        action = spec.mode() == AgentPolicySpec.Mode.Strict ? Action.Block : dlp.action();
        var all = new ArrayList<>(pack.rulesWithout(dlp.disabledClasses()));
        for (var i = 0; i < dlp.patterns().size(); i++) {
            var pattern = dlp.patterns().get(i);
            all.add(rule(pattern, "spec.dlp.patterns[" + i + "].regex"));
            own.put(pattern.name(), new Own(pattern.action(), new DomainSet(pattern.exemptDomains())));
        }
        for (var value : known) {
            if (value.value().length < KnownValue.SHORTEST) {
                throw new IllegalArgumentException("spec.dlp.known: the value '" + value.name() + "' has fewer than "
                        + KnownValue.SHORTEST + " bytes and would be found in ordinary text");
            }
            all.addAll(KnownForms.rules(KNOWN + value.name(), value.value()));
        }
        rules = RuleSet.of(RuleSet.Reading.SECRETS, all);
    }

    private static Rule rule(SecretPattern pattern, String field) {
        Pattern compiled;
        try {
            compiled = Pattern.compile(pattern.regex());
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
        }
        var literal = RequiredLiteral.of(pattern.regex());
        return new Rule(
                pattern.name(),
                pattern.severity(),
                false,
                literal == null ? List.of() : List.of(literal.getBytes(StandardCharsets.US_ASCII)),
                true,
                new UserPattern(compiled),
                "");
    }

    /** The compiled rules. */
    public RuleSet rules() {
        return rules;
    }

    /** What is done about a match of a built-in class. */
    Action action() {
        return action;
    }

    /**
     * The finding for a match.
     *
     * @param host where the secret would go; empty where that is not known, which exempts nothing
     * @param offset see {@link Finding#offset()}
     * @param length see {@link Finding#length()}
     * @return null where the policy exempts the host
     */
    public @Nullable Finding finding(
            Rule rule, String host, long offset, long length, String encoding, String location) {
        var mine = own.get(rule.name());
        if (mine != null && !host.isEmpty() && mine.exempt().matches(host)) {
            return null;
        }
        var what = rule.name().startsWith(KNOWN)
                ? "a value that the policy lists as known"
                : "a secret of class " + rule.name();
        var wrapped = encoding.equals("plaintext") ? "" : " (" + encoding + ")";
        return new Finding(
                rule.core() ? ScannerName.CORE_DLP : ScannerName.DLP,
                rule.name(),
                rule.severity(),
                mine == null || mine.action() == null ? action : mine.action(),
                encoding,
                location,
                offset,
                length,
                what + " is in the " + location + wrapped,
                hint(rule, mine != null, host));
    }

    private static String hint(Rule rule, boolean mine, String host) {
        if (rule.core()) {
            return "spec.dlp.action: Warn  # core class: spec.dlp.disabledClasses cannot switch it off";
        }
        if (rule.name().startsWith(KNOWN)) {
            return "remove the value from spec.dlp.known";
        }
        if (mine) {
            return host.isEmpty()
                    ? "spec.dlp.patterns[name=" + rule.name() + "].action: Warn"
                    : "spec.dlp.patterns[name=" + rule.name() + "].exemptDomains: [\"" + host + "\"]";
        }
        return "spec.dlp.disabledClasses: [\"" + rule.name() + "\"]";
    }

    /** The finding that stands for what could not be scanned because it needs too much work. */
    public Finding overBudget(String location, long offset) {
        return new Finding(
                ScannerName.DLP,
                "scan-work",
                AgentPolicySpec.Severity.high,
                action,
                "plaintext",
                location,
                offset,
                "the " + location + " is encoded in a way that needs more work to scan than is allowed",
                "");
    }
}
