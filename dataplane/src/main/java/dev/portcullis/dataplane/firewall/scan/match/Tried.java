package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/**
 * Places of one text at which a rule's expression failed: where the same bytes stand again it fails again, and comparing
 * them costs a fraction of asking it. Not thread-safe.
 */
final class Tried {
    /** Places kept for each rule; the oldest makes room. */
    private static final int KEPT = 4;

    /** Bytes before the first start that say whether a match may begin there. */
    static final int BEFORE = 2;

    /** Compared bytes that cost one unit of work: the library compares many at a time. */
    private static final int BYTES_A_UNIT = 32;

    private static final int FIELDS = 3;
    private static final int[] NONE = {};

    private final WorkBudget budget;

    /** For each rule and place kept: where the literal stands, bytes that count before it, and from it on. */
    private final int[][] places;

    /** Places noted for each rule in the text of this number. */
    private final int[] noted;

    private final int[] texts;
    private int text;
    private int ahead;

    Tried(int rules, WorkBudget budget) {
        this.budget = budget;
        places = new int[rules][];
        Arrays.fill(places, NONE);
        noted = new int[rules];
        texts = new int[rules];
    }

    /** Forgets everything, for another text. */
    void forget() {
        text++;
    }

    /** True where rule {@code r} failed at another literal with the same bytes around it as that at {@code literal}. */
    boolean again(int r, byte[] bytes, int literal, int length) {
        if (texts[r] != text) {
            return false;
        }
        var kept = places[r];
        for (var k = 0; k < Math.min(noted[r], KEPT); k++) {
            var before = kept[FIELDS * k + 1];
            var ahead = kept[FIELDS * k + 2];
            if (literal < before || ahead > length - literal) {
                continue;
            }
            var other = kept[FIELDS * k];
            var differs =
                    Arrays.mismatch(bytes, other - before, other + ahead, bytes, literal - before, literal + ahead);
            budget.pay(1 + (differs < 0 ? before + ahead : differs) / BYTES_A_UNIT);
            if (differs < 0) {
                this.ahead = ahead;
                return true;
            }
        }
        return false;
    }

    /** Bytes from the literal on that count, where the last {@link #again} was true. */
    int ahead() {
        return ahead;
    }

    /**
     * Notes that rule {@code r} fails at {@code literal} for the bytes in {@code [start, end)} and before, which all lie in
     * the text: neither its start nor its end was seen.
     */
    void failed(int r, int start, int literal, int end) {
        if (start < BEFORE) {
            return;
        }
        if (texts[r] != text) {
            texts[r] = text;
            noted[r] = 0;
        }
        if (places[r].length == 0) {
            places[r] = new int[FIELDS * KEPT];
        }
        var at = FIELDS * (noted[r] < KEPT ? noted[r] : noted[r] % KEPT);
        places[r][at] = literal;
        places[r][at + 1] = literal - start + BEFORE;
        places[r][at + 2] = Math.max(1, end - literal);
        noted[r] = noted[r] == 2 * KEPT - 1 ? KEPT : noted[r] + 1;
    }
}
