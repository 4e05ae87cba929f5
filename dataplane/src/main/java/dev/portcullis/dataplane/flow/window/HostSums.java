package dev.portcullis.dataplane.flow.window;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums over the window of many hosts in one direction: what a worker hands to the tick, and what the tick adds up over
 * workers. One row a host; a host's sums are those of {@link RateRings#sum}. Used by one thread at a time.
 */
public final class HostSums {
    /** Sums there are of each counter. */
    static final int PARTS = 3;

    private static final int ROW = 2 + PARTS * Metric.COUNTERS;

    private record Sampled(long high, long low, HostSample sample) {}

    private long[] rows = new long[ROW * 64];
    private int size;
    private int[] index = {};
    private int mask;
    private final List<Sampled> sampled = new ArrayList<>();
    private final Map<Integer, List<HostSample>> samples = new HashMap<>();
    private int seconds = 1;
    private final HostCount count = new HostCount();

    /** Forgets everything; the memory is kept. */
    public void clear(int windowSeconds) {
        size = 0;
        count.clear();
        sampled.clear();
        samples.clear();
        seconds = windowSeconds;
        Arrays.fill(index, 0);
    }

    /** Length of the window the sums are over. */
    public int seconds() {
        return seconds;
    }

    /** How many hosts there are. */
    public int size() {
        return size;
    }

    /** High half of the address of row {@code row}. */
    public long high(int row) {
        return rows[row * ROW];
    }

    /** Low half of the address of row {@code row}. */
    public long low(int row) {
        return rows[row * ROW + 1];
    }

    /**
     * The larger of a counter's two sums: of the whole seconds of the window, and of the window that ends now. Both
     * cover no more than the window's length, so the result over the length is never above a true average.
     */
    public long sum(int row, int counter) {
        var at = row * ROW + 2 + counter;
        return Math.max(rows[at], rows[at + Metric.COUNTERS]);
    }

    /** The rate of a metric a second, in packets, bits or flows. */
    public double rate(int row, Metric metric) {
        var sum = (double) sum(row, metric.counter());
        return (metric.bits() ? sum * 8 : sum) / seconds;
    }

    /** What one second alone holds of a counter: the present one in its second half, else the one before, which is whole. */
    public long secondAlone(int row, int counter) {
        return rows[row * ROW + 2 + 2 * Metric.COUNTERS + counter];
    }

    /** Samples of a row's records, one from each worker that has one. Only of sums made by {@link #merge}. */
    public List<HostSample> samples(int row) {
        return samples.getOrDefault(row, List.of());
    }

    /** How many hosts there are beside those with rows, which are the heaviest. */
    HostCount count() {
        return count;
    }

    /**
     * Hosts that are tracked, however many workers see each and in whichever direction: those with rows, and those too light
     * for one. Exact while there are few of the latter, then within some two per cent ({@link HostCount}). Of sums made by
     * {@link #merge}.
     */
    public static int tracked(HostSums incoming, HostSums outgoing) {
        var listed = incoming.size;
        for (var row = 0; row < outgoing.size; row++) {
            if (incoming.find(outgoing.high(row), outgoing.low(row)) < 0) {
                listed++;
            }
        }
        if (incoming.count.allListed() && outgoing.count.allListed()) {
            return listed;
        }
        var all = new HostCount();
        all.merge(incoming.count);
        all.merge(outgoing.count);
        return Math.max(listed, Math.toIntExact(all.distinct()));
    }

    int append(RateRings rings, int ring, long now, long alone) {
        reserveRow();
        var at = size * ROW;
        rows[at] = rings.high(ring);
        rows[at + 1] = rings.low(ring);
        rings.sum(ring, now, alone, rows, at + 2);
        return size++;
    }

    /** Adds a host of which only totals are known. */
    void append(long high, long low, long flows, long packets, long bytes) {
        reserveRow();
        var at = size * ROW;
        rows[at] = high;
        rows[at + 1] = low;
        Arrays.fill(rows, at + 2, at + ROW, 0);
        rows[at + 2 + Metric.FLOWS_PER_SEC.counter()] = flows;
        rows[at + 2 + Metric.PPS.counter()] = packets;
        rows[at + 2 + Metric.MBPS.counter()] = bytes;
        size++;
    }

    private void reserveRow() {
        if ((size + 1) * ROW > rows.length) {
            rows = Arrays.copyOf(rows, rows.length * 2);
        }
    }

    /** Takes back the last row. */
    void dropLast() {
        size--;
    }

    void addSample(long high, long low, HostSample sample) {
        sampled.add(new Sampled(high, low, sample));
    }

    /** The row of a host, or -1. Only of sums made by {@link #merge}. */
    public int find(long high, long low) {
        if (index.length == 0) {
            return -1;
        }
        for (var at = home(high, low); ; at = at + 1 & mask) {
            var row = index[at] - 1;
            if (row < 0 || high(row) == high && low(row) == low) {
                return row;
            }
        }
    }

    /** Adds the hosts of {@code other}, which is of one worker, to these. */
    public void merge(HostSums other) {
        var before = size;
        reserve(size + other.size);
        count.merge(other.count);
        for (var row = 0; row < other.size; row++) {
            mergeRow(other, row, before);
        }
        for (var each : other.sampled) {
            var row = find(each.high(), each.low());
            if (row >= 0) {
                samples.computeIfAbsent(row, unused -> new ArrayList<>(2)).add(each.sample());
            }
        }
    }

    /**
     * Adds one host. A method of its own, as with every loop that runs once a second: the compiler takes to what is called often,
     * and to a loop that is entered once a second after a minute only.
     *
     * @param before rows that were there before {@code other} was merged
     */
    private void mergeRow(HostSums other, int row, int before) {
        var high = other.high(row);
        var low = other.low(row);
        var at = home(high, low);
        while (index[at] != 0 && (high(index[at] - 1) != high || low(index[at] - 1) != low)) {
            at = at + 1 & mask;
        }
        var from = row * ROW;
        if (index[at] == 0) {
            index[at] = size + 1;
            System.arraycopy(other.rows, from, rows, size * ROW, ROW);
            size++;
        } else if (index[at] > before) {
            // Listed as a light host, then given a ring while the walk went on: the ring has it all.
            System.arraycopy(other.rows, from, rows, (index[at] - 1) * ROW, ROW);
        } else {
            var to = (index[at] - 1) * ROW;
            for (var column = 2; column < ROW; column++) {
                rows[to + column] += other.rows[from + column];
            }
        }
    }

    private void reserve(int hosts) {
        if (hosts * ROW > rows.length) {
            rows = Arrays.copyOf(rows, hosts * ROW);
        }
        if (hosts * 2 > index.length) {
            var length = Integer.highestOneBit(Math.max(64, hosts * 2 - 1)) * 2;
            index = new int[length];
            mask = length - 1;
            for (var row = 0; row < size; row++) {
                var at = home(high(row), low(row));
                while (index[at] != 0) {
                    at = at + 1 & mask;
                }
                index[at] = row + 1;
            }
        }
    }

    private int home(long high, long low) {
        var hash = (high * 0x9E3779B97F4A7C15L ^ low) * 0xD6E8FEB86659FD93L;
        return (int) (hash >>> 32) & mask;
    }
}
