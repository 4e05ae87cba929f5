package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Samples of the flow records of the hosts that come near a threshold: {@value #RECORDS} records each, chosen evenly
 * from all that came (reservoir sampling), with newer seconds slowly displacing older ones. Owned by one thread.
 */
final class Reservoirs {
    static final int NONE = 0;

    /** Records kept for one host. */
    static final int RECORDS = 2048;

    /** Hosts sampled at once by one worker in one direction. */
    static final int HOSTS = 64;

    private final long[] @Nullable [] records = new long[HOSTS + 1][];
    private final long[] highs = new long[HOSTS + 1];
    private final long[] lows = new long[HOSTS + 1];
    private final long[] seen = new long[HOSTS + 1];
    private final boolean[] taken = new boolean[HOSTS + 1];
    private long random;

    Reservoirs(long seed) {
        random = seed | 1;
    }

    /** An empty reservoir, or {@link #NONE} when all are taken. */
    int take(long high, long low) {
        for (var reservoir = 1; reservoir <= HOSTS; reservoir++) {
            if (!taken[reservoir]) {
                taken[reservoir] = true;
                highs[reservoir] = high;
                lows[reservoir] = low;
                seen[reservoir] = 0;
                return reservoir;
            }
        }
        return NONE;
    }

    void release(int reservoir) {
        taken[reservoir] = false;
        records[reservoir] = null;
    }

    boolean taken(int reservoir) {
        return taken[reservoir];
    }

    long high(int reservoir) {
        return highs[reservoir];
    }

    long low(int reservoir) {
        return lows[reservoir];
    }

    void offer(int reservoir, long remoteHigh, long remoteLow, FlowRecord flow, long packets, long bytes) {
        var count = seen[reservoir]++;
        int place;
        if (count < RECORDS) {
            place = (int) count;
        } else {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            var drawn = (random >>> 1) % (count + 1);
            if (drawn >= RECORDS) {
                return;
            }
            place = (int) drawn;
        }
        var into = records[reservoir];
        if (into == null) {
            into = new long[RECORDS * HostSample.FIELDS];
            records[reservoir] = into;
        }
        HostSample.write(into, place * HostSample.FIELDS, remoteHigh, remoteLow, flow, packets, bytes);
    }

    /** A copy of what there is; from now on every new record counts as much as all older ones together did for one. */
    HostSample copy(int reservoir) {
        var count = (int) Math.min(seen[reservoir], RECORDS);
        seen[reservoir] = count;
        var from = records[reservoir];
        return new HostSample(from == null ? new long[0] : Arrays.copyOf(from, count * HostSample.FIELDS), count);
    }
}
