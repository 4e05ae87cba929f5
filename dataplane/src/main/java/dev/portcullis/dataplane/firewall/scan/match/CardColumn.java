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
        var numbers = 0;
        var cards = 0;
        var at = end;
        while (numbers < NEIGHBOURS && at < length && at - end < AROUND) {
            while (at < length && !PaymentNumbers.digit(text[at])) {
                at++;
            }
            var first = at;
            while (at < length && PaymentNumbers.digit(text[at])) {
                at++;
            }
            if (at - first == digits) {
                numbers++;
                cards += PaymentNumbers.cardAt(text, first, length) == at ? 1 : 0;
            }
        }
        var most = numbers + NEIGHBOURS;
        var before = start;
        while (numbers < most && before > 0 && start - before < AROUND) {
            while (before > 0 && !PaymentNumbers.digit(text[before - 1])) {
                before--;
            }
            var last = before;
            while (before > 0 && PaymentNumbers.digit(text[before - 1])) {
                before--;
            }
            if (last - before == digits) {
                numbers++;
                cards += PaymentNumbers.cardAt(text, before, length) == last ? 1 : 0;
            }
        }
        budget.pay(2L * AROUND);
        // With the one that is asked about.
        return numbers - cards >= FEW && (cards + 1) * SHARE < numbers + 1 && !called(text, start);
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
