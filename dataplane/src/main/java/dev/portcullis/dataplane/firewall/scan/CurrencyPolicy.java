package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AddressesSpec;
import dev.portcullis.crd.v1alpha1.AddressesSpec.OnAddress;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.crypto.AddressBook;
import dev.portcullis.dataplane.firewall.scan.crypto.AddressBook.Verdict;
import dev.portcullis.dataplane.firewall.scan.crypto.AddressWalk;
import dev.portcullis.dataplane.firewall.scan.crypto.Chain;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one policy says about addresses of crypto currencies in what leaves. Immutable. */
final class CurrencyPolicy {
    private final Map<String, Action> actions = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();

    /**
     * Compiles {@code addresses}.
     *
     * @throws IllegalArgumentException naming the field, when a known address is none of its chain
     */
    CurrencyPolicy(@Nullable AddressesSpec addresses) {
        if (addresses == null || !addresses.enabled()) {
            return;
        }
        for (var name : new LinkedHashSet<>(addresses.chains())) {
            var chain = Chain.of(name.name());
            var known = new ArrayList<String>();
            for (var i = 0; i < addresses.known().size(); i++) {
                var entry = addresses.known().get(i);
                if (entry.chain() == name) {
                    if (!chain.valid(entry.address())) {
                        throw new IllegalArgumentException("spec.addresses.known[" + i + "].address: '"
                                + entry.address() + "' is no " + chain.label()
                                + " address or its checksum is wrong: copy it again from where it comes from");
                    }
                    known.add(entry.address());
                }
            }
            var book = new AddressBook(chain, known);
            add(book, Verdict.LOOKALIKE, addresses.onLookalike());
            add(book, Verdict.UNKNOWN, addresses.onUnknown());
        }
    }

    private void add(AddressBook book, Verdict verdict, OnAddress what) {
        if (what != OnAddress.Allow) {
            var rule = AddressWalk.rule(book, verdict);
            rules.add(rule);
            actions.put(rule.name(), what == OnAddress.Block ? Action.Block : Action.Warn);
        }
    }

    /** The rules, none where the policy does not look for addresses. */
    List<Rule> rules() {
        return rules;
    }

    /** True where {@code rule} is one of them. */
    boolean has(String rule) {
        return actions.containsKey(rule);
    }

    Finding finding(Rule rule, long offset, long length, String encoding, String location) {
        var lookalike = rule.name().endsWith("lookalike");
        return new Finding(
                ScannerName.ADDRESS,
                rule.name(),
                rule.severity(),
                actions.getOrDefault(rule.name(), Action.Block),
                encoding,
                location,
                offset,
                length,
                lookalike
                        ? "an address in the " + location + " looks like one that the policy knows and is another"
                        : "an address in the " + location + " is none that the policy knows",
                "spec.addresses.known: add the address if it is right");
    }
}
