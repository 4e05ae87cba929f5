package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells the hashes of transactions, blocks and events from private keys, which look the same: by the name before one, the
 * name before the list in which it stands, or the word behind it.
 */
final class LedgerHash {
    private static final List<String> NAMES = List.of(
            "tx", "txn", "transaction", "transactions", "hash", "hashes", "block", "root", "txid", "topics", "proof");

    private static final Check NOT_NAMED = NotAfter.names(NAMES);

    private static final List<byte[]> WORDS = Stream.of("tx", "txn", "transaction", "hash", "block")
            .map(word -> word.getBytes(StandardCharsets.US_ASCII))
            .toList();

    private static final ByteSet BETWEEN = ByteSet.of(" \t\r\n\"',\\\\");
    private static final ByteSet HEX = ByteSet.of("0-9a-fA-F");

    /** Elements of a list that are looked over on the way to its name. */
    private static final int ELEMENTS = 16;

    private static final int LONGEST_GAP = 32;

    private LedgerHash() {}

    /** True where {@code [start, end)} of {@code text[0, length)}, 0x and 64 hex digits, is called a hash. */
    static boolean named(byte[] text, int start, int end, int length, WorkBudget budget) {
        if (followed(text, end, length)) {
            return true;
        }
        var size = end - start;
        var at = start;
        for (var element = 0; element < ELEMENTS; element++) {
            if (!NOT_NAMED.accepts(text, at, at + size, length)) {
                return true;
            }
            var before = elementBefore(text, at, size);
            budget.pay(size);
            if (before < 0) {
                return false;
            }
            at = before;
        }
        return false;
    }

    private static boolean followed(byte[] text, int end, int length) {
        var at = end;
        while (at < length && at - end < 3 && (text[at] == ' ' || text[at] == '"' || text[at] == '(')) {
            at++;
        }
        if (at == end) {
            return false;
        }
        for (var word : WORDS) {
            var after = at + word.length;
            if (after <= length
                    && LiteralIndex.standsAt(text, at, word)
                    && (after == length || !ByteSet.TOKEN.has(text[after]))) {
                return true;
            }
        }
        return false;
    }

    /** Where the element of the same shape starts that stands before the one at {@code start}, -1 where there is none. */
    private static int elementBefore(byte[] text, int start, int size) {
        var end = start;
        var comma = false;
        while (end > 0 && start - end < LONGEST_GAP && BETWEEN.has(text[end - 1])) {
            end--;
            comma |= text[end] == ',';
        }
        var before = end - size;
        if (!comma || before < 0 || text[before] != '0' || LiteralIndex.fold(text[before + 1]) != 'x') {
            return -1;
        }
        for (var i = before + 2; i < end; i++) {
            if (!HEX.has(text[i])) {
                return -1;
            }
        }
        return before;
    }
}
