package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/**
 * Starts of possible matches that wait for a literal their rule needs, so that common words alone cost no regular
 * expression. Not thread-safe.
 */
final class Anchors {
    /** Who checks starts. */
    interface Checks {
        /** True where nothing more is asked of rule {@code r}. */
        boolean settled(int r);

        /** Looks for a match of rule {@code r} from {@code start} on. */
        void verify(int r, AnchoredPattern pattern, int start);
    }

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

    /** At {@code place} is a possible start of a match, or a literal without which there is none ({@code needed}). */
    void await(Checks checks, int r, AnchoredPattern pattern, int place, boolean needed) {
        if (needed) {
            used = true;
            neededAt[r] = place + 1;
            check(checks, r, pattern, place);
            return;
        }
        var ready = add(r, place, pattern.reach());
        if (ready >= 0) {
            checks.verify(r, pattern, ready);
        }
    }

    /** Checks the starts that wait for rule {@code r} and whose match may reach {@code at}. */
    void check(Checks checks, int r, AnchoredPattern pattern, int at) {
        for (var start = take(r, at, pattern.reach());
                start >= 0 && !checks.settled(r);
                start = take(r, at, pattern.reach())) {
            checks.verify(r, pattern, start);
        }
    }

    /**
     * Lets {@code start} wait for rule {@code r}.
     *
     * @return a start to check at once, or -1
     */
    private int add(int r, int start, int reach) {
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

    /** Takes the next start that waits for rule {@code r} and whose match may reach {@code at}; -1 where there is none. */
    private int take(int r, int at, int reach) {
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
