package dev.portcullis.dataplane.firewall.scan.crypto;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The addresses of one chain that a policy knows, and what others are next to them. Immutable.
 *
 * <p>An address looks like a known one when both have the same length and either their first and last {@value #SHOWN}
 * characters (after what every address begins with), which is what people compare, or all but {@value #TYPOS} of them.
 */
public final class AddressBook {
    /** Characters at each end by which people and wallets tell addresses apart. */
    static final int SHOWN = 4;

    /** Different characters up to which two addresses count as one and a slip. */
    static final int TYPOS = 4;

    /** What an address is to a policy. */
    public enum Verdict {
        /** Known, or no address. */
        NONE,
        /** Made to be taken for a known one. */
        LOOKALIKE,
        /** A valid address that the policy does not know. */
        UNKNOWN
    }

    private final Chain chain;
    private final Set<String> known = new HashSet<>();
    private final List<String> list;

    /**
     * A book.
     *
     * @param addresses valid ones of {@code chain}
     */
    public AddressBook(Chain chain, List<String> addresses) {
        this.chain = chain;
        for (var address : addresses) {
            known.add(chain.canonical(address));
        }
        list = new ArrayList<>(known);
    }

    /** The chain. */
    public Chain chain() {
        return chain;
    }

    /** Judges {@code text}. A book without addresses knows nothing and says NONE to everything. */
    public Verdict judge(String text) {
        if (list.isEmpty() || !chain.length(text.length()) || !chain.shaped(text)) {
            return Verdict.NONE;
        }
        var candidate = chain.canonical(text);
        if (known.contains(candidate)) {
            return Verdict.NONE;
        }
        var prefix = chain.prefix(candidate);
        for (var address : list) {
            if (looksLike(address, candidate, prefix)) {
                return Verdict.LOOKALIKE;
            }
        }
        return chain.valid(text) ? Verdict.UNKNOWN : Verdict.NONE;
    }

    private static boolean looksLike(String address, String candidate, int prefix) {
        if (address.length() != candidate.length()) {
            return false;
        }
        var last = address.length() - SHOWN;
        if (address.startsWith(candidate.substring(prefix, prefix + SHOWN), prefix)
                && address.startsWith(candidate.substring(last), last)) {
            return true;
        }
        var different = 0;
        for (var i = 0; i < address.length() && different <= TYPOS; i++) {
            different += address.charAt(i) == candidate.charAt(i) ? 0 : 1;
        }
        return different <= TYPOS;
    }
}
