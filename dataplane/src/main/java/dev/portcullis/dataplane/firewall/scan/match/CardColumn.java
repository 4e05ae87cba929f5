package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells card numbers from long numbers that pass for one by chance, as one in sixty of sixteen random digits does. Among
 * numbers of as many digits that are none, a number that no word calls a card is none either: cards come in columns of cards.
 */
final class CardColumn {
    /** Numbers looked at on each side. */
    private static final int NEIGHBOURS = 8;

    /** Bytes looked at on each side. */
    private static final int AROUND = 512;

    /** Neighbours that say nothing yet. */
    private static final int FEW = 3;

    /** One in so many of the neighbours is a card where cards stand between other numbers. */
    private static final int SHARE = 4;

    private static final int CALLED = 48;

    private static final List<byte[]> WORDS = Stream.of(
                    "card", "visa", "master", "amex", "american", "discover", "maestro", "credit", "debit", "pan\"")
            .map(word -> word.getBytes(StandardCharsets.US_ASCII))
            .toList();

    private CardColumn() {}

    /** True where the digits {@code [start, end)} of {@code text[0, length)}, which pass for a card number, are none. */
    static boolean chance(byte[] text, int start, int end, int length, WorkBudget budget) {
        var digits = end - start;
        var others = 0;
        var cards = 1;
        var at = end;
        for (var seen = 0; seen < NEIGHBOURS && at < length && at - end < AROUND; ) {
            while (at < length && !PaymentNumbers.digit(text[at])) {
                at++;
            }
            var first = at;
            while (at < length && PaymentNumbers.digit(text[at])) {
                at++;
            }
            if (at - first == digits) {
                seen++;
                if (PaymentNumbers.cardAt(text, first, length) == at) {
                    cards++;
                } else {
                    others++;
                }
            }
        }
        var before = start;
        for (var seen = 0; seen < NEIGHBOURS && before > 0 && start - before < AROUND; ) {
            while (before > 0 && !PaymentNumbers.digit(text[before - 1])) {
                before--;
            }
            var last = before;
            while (before > 0 && PaymentNumbers.digit(text[before - 1])) {
                before--;
            }
            if (last - before == digits) {
                seen++;
                if (PaymentNumbers.cardAt(text, before, length) == last) {
                    cards++;
                } else {
                    others++;
                }
            }
        }
        budget.pay(2L * AROUND);
        return others >= FEW && cards * SHARE < cards + others && !called(text, start);
    }

    private static boolean called(byte[] text, int start) {
        for (var at = Math.max(0, start - CALLED); at < start; at++) {
            for (var word : WORDS) {
                if (at + word.length <= start && LiteralIndex.standsAt(text, at, word)) {
                    return true;
                }
            }
        }
        return false;
    }
}
