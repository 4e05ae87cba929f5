package dev.portcullis.dataplane.firewall.scan;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.DlpSpec.SecretPattern;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.KnownForms;
import dev.portcullis.dataplane.firewall.scan.match.RequiredLiteral;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import dev.portcullis.dataplane.firewall.scan.match.SquashedValue;
import dev.portcullis.dataplane.firewall.scan.match.UserPattern;
import dev.portcullis.dataplane.firewall.scan.seed.SeedPhraseWalk;
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
    private static final String CANARY = "canary-";

    private final RuleSet rules;
    private final Action action;
    private final ClassSettings classes;
    private final CurrencyPolicy currencies;
    private final Map<String, Own> own = new HashMap<>();

    private record Own(@Nullable Action action, DomainSet exempt) {}

    SecretPolicy(AgentPolicySpec spec, RulePack pack, List<KnownValue> known) {
        var dlp = spec.dlp();
        action = spec.mode() == AgentPolicySpec.Mode.Strict ? Action.Block : dlp.action();
        classes = new ClassSettings(pack, dlp.disabledClasses(), dlp.classes(), "spec.dlp");
        var all = new ArrayList<>(classes.rules());
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
            all.addAll(value.canary() ? canary(value) : KnownForms.rules(KNOWN + value.name(), value.value()));
        }
        if (dlp.seedPhrases()) {
            all.add(SeedPhraseWalk.rule());
        }
        currencies = new CurrencyPolicy(spec.addresses());
        all.addAll(currencies.rules());
        rules = RuleSet.of(RuleSet.Reading.SECRETS, all);
    }

    private static List<Rule> canary(KnownValue value) {
        var name = CANARY + value.name();
        // The walk finds it as it stands and in JSON; the other forms change its letters.
        var rules = new ArrayList<Rule>();
        for (var form : KnownForms.rules(name, value.value())) {
            if (!form.encoding().isEmpty() && !form.encoding().equals("json")) {
                rules.add(form);
            }
        }
        try {
            rules.add(new Rule(
                    name,
                    AgentPolicySpec.Severity.critical,
                    false,
                    List.of(),
                    false,
                    new SquashedValue(value.value(), KnownValue.SHORTEST),
                    "split"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "spec.dlp.canaries: the value '" + value.name() + "' has " + e.getMessage(), e);
        }
        return rules;
    }

    static Rule rule(SecretPattern pattern, String field) {
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
        if (mine == null && classes.exempts(rule.name(), host)) {
            return null;
        }
        if (currencies.has(rule.name())) {
            return currencies.finding(rule, offset, length, encoding, location);
        }
        var what = rule.name().startsWith(KNOWN)
                ? "a value that the policy lists as known"
                : rule.name().startsWith(CANARY)
                        ? "a canary that nobody has a reason to send"
                        : rule.name().equals(SeedPhraseWalk.NAME)
                                ? "a wallet's seed phrase"
                                : "a secret of class " + rule.name();
        var wrapped = encoding.equals("plaintext") ? "" : " (" + encoding + ")";
        return new Finding(
                scanner(rule),
                rule.name(),
                rule.severity(),
                action(rule, mine),
                encoding,
                location,
                offset,
                length,
                what + " is in the " + location + wrapped,
                hint(rule, mine != null, host));
    }

    private Action action(Rule rule, @Nullable Own mine) {
        var said = mine != null
                ? mine.action()
                : classes.of(rule.name()) instanceof ClassSettings.Setting setting ? setting.action() : null;
        return said == null ? action : said;
    }

    private static ScannerName scanner(Rule rule) {
        if (rule.core()) {
            return ScannerName.CORE_DLP;
        }
        return rule.name().startsWith(CANARY)
                ? ScannerName.CANARY
                : rule.name().equals(SeedPhraseWalk.NAME) ? ScannerName.SEED_PHRASE : ScannerName.DLP;
    }

    private static String hint(Rule rule, boolean mine, String host) {
        if (rule.core()) {
            return host.isEmpty()
                    ? "spec.dlp.action: Warn  # core class: spec.dlp.disabledClasses cannot switch it off"
                    : "spec.dlp.classes: [{name: " + rule.name() + ", exemptDomains: [\"" + host
                            + "\"]}]  # core class: spec.dlp.disabledClasses cannot switch it off";
        }
        if (rule.name().startsWith(KNOWN)) {
            return "remove the value from spec.dlp.known";
        }
        if (rule.name().startsWith(CANARY)) {
            return "remove the value from spec.dlp.canaries";
        }
        if (rule.name().equals(SeedPhraseWalk.NAME)) {
            return "spec.dlp.seedPhrases: false";
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
