package dev.portcullis.dataplane.firewall.scan.crypto;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.crypto.AddressBook.Verdict;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Finds the addresses of one chain about which its book says one thing. Looks only at runs of letters and digits that are long enough. */
public final class AddressWalk implements Rule.Walk {
    private static final int SHORTEST = 25;
    private static final int LONGEST = 90;
    private static final long COST = 400;

    private final AddressBook book;
    private final Verdict verdict;

    private AddressWalk(AddressBook book, Verdict verdict) {
        this.book = book;
        this.verdict = verdict;
    }

    /** The rule that finds the addresses of which {@code book} says {@code verdict}, named for both. */
    public static Rule rule(AddressBook book, Verdict verdict) {
        return new Rule(
                name(book.chain(), verdict),
                verdict == Verdict.LOOKALIKE ? Severity.critical : Severity.medium,
                false,
                List.of(),
                false,
                new AddressWalk(book, verdict),
                "");
    }

    /** The name of the rule, for example {@code eth-lookalike}. */
    public static String name(Chain chain, Verdict verdict) {
        return chain.label() + "-" + verdict.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
        var lowest = 0;
        for (var probe = from + SHORTEST - 1; probe < length; probe += SHORTEST) {
            if (!letterOrDigit(text[probe])) {
                continue;
            }
            var start = probe;
            while (start > lowest && letterOrDigit(text[start - 1])) {
                start--;
            }
            if (start >= to) {
                return;
            }
            var end = probe + 1;
            while (end < length && letterOrDigit(text[end])) {
                end++;
            }
            lowest = end;
            probe = end;
            if (start >= from && end - start >= SHORTEST && end - start <= LONGEST) {
                judge(text, start, end, found);
            }
        }
    }

    private void judge(byte[] text, int start, int end, Rule.Found found) {
        if (!book.chain().length(end - start)) {
            return;
        }
        found.pay(COST);
        if (book.judge(new String(text, start, end - start, StandardCharsets.ISO_8859_1)) == verdict) {
            found.at(start, end);
        }
    }

    private static boolean letterOrDigit(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
    }
}
