package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/** The literals that stand in one text, in order of their start. Reusable; not thread-safe. */
final class NotedHits {
    /** Hits kept; a text with more of them is searched again instead. */
    static final int MOST = 16_384;

    private int[] literals = new int[0];
    private int[] starts = new int[0];
    private int count;
    private boolean overflowed;

    /** Forgets all, for another text. */
    void clear() {
        count = 0;
        overflowed = false;
    }

    /** Notes that {@code literal} stands at {@code start}, which is not before the one noted last. */
    void add(int literal, int start) {
        if (count == literals.length) {
            if (count == MOST) {
                overflowed = true;
                return;
            }
            literals = Arrays.copyOf(literals, Math.max(256, 2 * count));
            starts = Arrays.copyOf(starts, literals.length);
        }
        literals[count] = literal;
        starts[count++] = start;
    }

    /** True where there were more than are kept. */
    boolean overflowed() {
        return overflowed;
    }

    int count() {
        return count;
    }

    int literal(int n) {
        return literals[n];
    }

    int start(int n) {
        return starts[n];
    }
}
