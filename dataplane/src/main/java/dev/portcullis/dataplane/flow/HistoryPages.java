package dev.portcullis.dataplane.flow;

import java.util.Arrays;

/**
 * Memory for the points of {@link TrafficHistory}, {@value #SERIES} series a page. A page's arrays are so large that no
 * collector moves them; a series of arrays of its own for each of a thousand hosts that are new at once was 9 MB to copy in
 * its pauses. Used by one thread at a time.
 */
final class HistoryPages {
    /** Packets a second. */
    static final int PACKETS = 0;

    /** Bits a second. */
    static final int BITS = 1;

    /** Flows a second. */
    static final int FLOWS = 2;

    /** Packets a second that are usual. */
    static final int NORMAL_PACKETS = 3;

    private static final int FIELDS = 4;
    private static final int SERIES = 512;

    /** Enough for those remembered and as many as may come before others are forgotten. */
    private static final int PAGES = (TrafficHistory.MOST + TrafficHistory.HEAVIEST + SERIES - 1) / SERIES;

    /** For each point the time it is of, in units of {@link TrafficHistory#SECONDS} since 1970; below 0 in an attack. */
    private final int[][] slots = new int[PAGES][];

    private final float[][] values = new float[PAGES][];
    private final int[] free = new int[PAGES * SERIES];
    private int freeCount;
    private int used;

    /** The number of an empty series. */
    int take() {
        if (freeCount > 0) {
            var number = free[--freeCount];
            Arrays.fill(slots[number / SERIES], point(number, 0), point(number, 0) + TrafficHistory.POINTS, 0);
            return number;
        }
        if (used % SERIES == 0) {
            slots[used / SERIES] = new int[SERIES * TrafficHistory.POINTS];
            values[used / SERIES] = new float[SERIES * TrafficHistory.POINTS * FIELDS];
        }
        return used++;
    }

    void giveBack(int number) {
        free[freeCount++] = number;
    }

    void write(int number, long slot, boolean attacked, float packets, float bits, float flows, float normalPackets) {
        var at = point(number, slot);
        slots[number / SERIES][at] = (int) (attacked ? -slot : slot);
        var into = values[number / SERIES];
        into[at * FIELDS + PACKETS] = packets;
        into[at * FIELDS + BITS] = bits;
        into[at * FIELDS + FLOWS] = flows;
        into[at * FIELDS + NORMAL_PACKETS] = normalPackets;
    }

    /** Whether a series has a point of that time. */
    boolean holds(int number, long slot) {
        return Math.abs(slots[number / SERIES][point(number, slot)]) == slot;
    }

    boolean attacked(int number, long slot) {
        return slots[number / SERIES][point(number, slot)] < 0;
    }

    float value(int number, long slot, int field) {
        return values[number / SERIES][point(number, slot) * FIELDS + field];
    }

    private static int point(int number, long slot) {
        return number % SERIES * TrafficHistory.POINTS + (int) (slot % TrafficHistory.POINTS);
    }
}
