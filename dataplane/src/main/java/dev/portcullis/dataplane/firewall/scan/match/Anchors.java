package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/**
 * Starts of possible matches that wait for a literal their rule needs, so that common words alone cost no regular
 * expression. Not thread-safe.
 */
final class Anchors {
    private static final int[] NONE = {};

    /** Starts that wait for one rule; beyond that the oldest is checked at once. */
    static final int MOST = 8;

    private final int[][] starts;
    private final int[] counts;
    /** Where the last needed literal of each rule began, plus one; 0 for none yet. */
    private final int[] neededAt;

    private boolean used;

    Anchors(int rules) {
        starts = new int[rules][];
        Arrays.fill(starts, NONE);
        counts = new int[rules];
        neededAt = new int[rules];
    }

    /**
     * Lets {@code start} wait for rule {@code r}.
     *
     * @return a start to check at once, or -1
     */
    int add(int r, int start, int reach) {
        if (neededAt[r] > start) {
            return start;
        }
        used = true;
        var waiting = starts[r];
        if (waiting.length == 0) {
            waiting = new int[MOST];
            starts[r] = waiting;
        }
        var count = counts[r];
        var gone = 0;
        while (gone < count && waiting[gone] + reach <= start) {
            gone++;
        }
        var oldest = -1;
        if (gone == 0 && count == MOST) {
            oldest = waiting[0];
            gone = 1;
        }
        System.arraycopy(waiting, gone, waiting, 0, count - gone);
        count -= gone;
        waiting[count] = start;
        counts[r] = count + 1;
        return oldest;
    }

    /** A literal that rule {@code r} needs begins at {@code at}. */
    void needed(int r, int at) {
        used = true;
        neededAt[r] = at + 1;
    }

    /** Takes the next start that waits for rule {@code r} and whose match may reach {@code at}; -1 where there is none. */
    int take(int r, int at, int reach) {
        while (counts[r] > 0) {
            var start = starts[r][0];
            counts[r]--;
            System.arraycopy(starts[r], 1, starts[r], 0, counts[r]);
            if (start + reach > at) {
                return start;
            }
        }
        return -1;
    }

    /** True where there is something to forget. */
    boolean used() {
        return used;
    }

    /** Forgets everything, for another text. */
    void clear() {
        used = false;
        Arrays.fill(counts, 0);
        Arrays.fill(neededAt, 0);
    }
}
