package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Samples of the flow records of what comes near a threshold, chosen evenly from all that came (reservoir sampling), with
 * newer seconds slowly displacing older ones. How many records one has and how many there are altogether is the
 * {@link WindowLimits.Samples}' business. Owned by one thread.
 */
final class Reservoirs {
    static final int NONE = 0;

    /** The number of a host that wanted one when all were in use. */
    static final int REFUSED = 0xFFF;

    private static final int MOST = REFUSED - 1;

    private final WindowLimits.Samples limits;
    private final int fields;
    private long[] @Nullable [] records = new long[16][];
    private long[] keys = new long[16 * 2];
    private long[] seen = new long[16];
    private int[] copied = new int[16];
    private boolean[] small = new boolean[16];
    private double[] recent = new double[16];
    private int[] free = new int[16];
    private int freeCount;
    private int end = 1;
    private long random;

    /** @param fields longs a record takes */
    Reservoirs(WindowLimits.Samples limits, long seed, int fields) {
        this.limits = limits;
        this.fields = fields;
        random = seed * 0x9E3779B97F4A7C15L | 1;
    }

    /** An empty reservoir, or {@link #NONE} when all are taken. */
    int take(long high, long low) {
        if (freeCount == 0 && end > MOST) {
            return NONE;
        }
        var whole = limits.tryTake();
        if (!whole && !limits.tryTakeSmall()) {
            return NONE;
        }
        var reservoir = freeCount > 0 ? free[--freeCount] : end++;
        if (reservoir >= records.length) {
            records = Arrays.copyOf(records, reservoir * 2);
            keys = Arrays.copyOf(keys, reservoir * 4);
            seen = Arrays.copyOf(seen, reservoir * 2);
            copied = Arrays.copyOf(copied, reservoir * 2);
            small = Arrays.copyOf(small, reservoir * 2);
            recent = Arrays.copyOf(recent, reservoir * 2);
        }
        records[reservoir] = new long[(whole ? limits.records() : limits.smallRecords()) * fields];
        small[reservoir] = !whole;
        keys[reservoir * 2] = high;
        keys[reservoir * 2 + 1] = low;
        seen[reservoir] = 0;
        copied[reservoir] = 0;
        recent[reservoir] = 0;
        return reservoir;
    }

    void release(int reservoir) {
        records[reservoir] = null;
        limits.giveBack(small[reservoir]);
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, free.length * 2);
        }
        free[freeCount++] = reservoir;
    }

    /** Reservoir numbers run from 1 to below this. */
    int end() {
        return end;
    }

    /** How many are in use. */
    int count() {
        return end - 1 - freeCount;
    }

    boolean taken(int reservoir) {
        return reservoir != NONE && reservoir != REFUSED && records[reservoir] != null;
    }

    long high(int reservoir) {
        return keys[reservoir * 2];
    }

    long low(int reservoir) {
        return keys[reservoir * 2 + 1];
    }

    /** @param outgoing true where the remote address is the destination */
    void offer(int reservoir, FlowRecord flow, boolean outgoing) {
        var into = records[reservoir];
        if (into == null) {
            return;
        }
        var most = into.length / fields;
        var count = seen[reservoir]++;
        int place;
        if (count < most) {
            place = (int) count;
        } else {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            var drawn = (random >>> 1) % (count + 1);
            if (drawn >= most) {
                return;
            }
            place = (int) drawn;
        }
        HostSample.write(into, place * fields, flow, outgoing);
        if (fields == HostSample.FIELDS_WITH_HOST) {
            into[place * fields + 5] = outgoing ? flow.sourceHigh : flow.destinationHigh;
            into[place * fields + 6] = outgoing ? flow.sourceLow : flow.destinationLow;
        }
    }

    /** A copy of what there is; from now on every new record counts as much as all older ones together did for one. */
    HostSample copy(int reservoir) {
        var from = records[reservoir];
        if (from == null) {
            return new HostSample(new long[0], fields, 0, 0);
        }
        var count = (int) Math.min(seen[reservoir], from.length / fields);
        recent[reservoir] = recent[reservoir] / 2 + seen[reservoir] - copied[reservoir];
        seen[reservoir] = count;
        copied[reservoir] = count;
        return new HostSample(Arrays.copyOf(from, count * fields), fields, count, recent[reservoir]);
    }
}
