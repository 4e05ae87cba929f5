package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/**
 * Counters of the hosts of one direction, as one worker saw them. Owned by that worker's thread alone, which also makes
 * the {@link HostSums} for the tick, piece by piece between datagrams; nothing in here is ever read by another thread.
 *
 * <p>Two levels keep a million hosts in little memory: every host has a slot in {@link HostIndex}; those with a ring in
 * {@link RateRings} have exact counters. While rings last, every host gets one with its first record. Once they run
 * short the lightest lose theirs, and once slots run short the lightest without a ring lose those, so that a flood of
 * made-up addresses never displaces a host with real volume.
 */
final class HostWindow {
    private static final long SECOND_MASK = 0xFFFF_FFFFL;
    private static final int RESERVOIR_SHIFT = 32;
    private static final int RING_SHIFT = 40;
    private static final int MOST_RINGS = (1 << 24) - 1;

    // Beyond these a record is garbage; they keep sums of many records below 2^63.
    private static final double MOST_PACKETS = 1L << 36;
    private static final double MOST_BYTES = 1L << 42;

    private final WindowLimits limits;
    private final HostIndex index = new HostIndex();
    private final Reservoirs reservoirs;
    private final WindowPass pass;
    private RateRings rings;
    private long nowMillis;
    private long second;
    private long refusedHosts;
    private long refusedSamples;

    HostWindow(WindowLimits limits, int seconds, long seed) {
        this.limits = limits;
        this.rings = new RateRings(seconds);
        this.reservoirs = new Reservoirs(seed);
        this.pass = new WindowPass(this);
    }

    /** Sets the time of the records that follow. */
    void now(long millis) {
        nowMillis = millis;
        second = millis / 1000;
    }

    int hosts() {
        return index.size();
    }

    HostIndex index() {
        return index;
    }

    RateRings rings() {
        return rings;
    }

    Reservoirs reservoirs() {
        return reservoirs;
    }

    WindowLimits limits() {
        return limits;
    }

    WindowPass pass() {
        return pass;
    }

    /** Records that were not counted because the table was full, since the last call. */
    long drainRefusedHosts() {
        var count = refusedHosts;
        refusedHosts = 0;
        return count;
    }

    /** Hosts near a threshold that got no reservoir, since the last call. */
    long drainRefusedSamples() {
        var count = refusedSamples;
        refusedSamples = 0;
        return count;
    }

    /** Counts a record for a host. {@code floors} from {@code floorAt} on say from when the host is sampled. */
    void add(long high, long low, long remoteHigh, long remoteLow, FlowRecord flow, long[] floors, int floorAt) {
        var packets = flow.packets;
        var bytes = flow.bytes;
        var flows = flow.countsAsFlow() ? 1L : 0L;
        if (flow.samplingRate != 1 || packets > MOST_PACKETS || bytes > MOST_BYTES) {
            packets = (long) Math.min(MOST_PACKETS, packets * flow.samplingRate + 0.5);
            bytes = (long) Math.min(MOST_BYTES, bytes * flow.samplingRate + 0.5);
            flows = flow.countsAsFlow() ? (long) (flow.samplingRate + 0.5) : 0;
        }
        var slot = index.find(high, low);
        if (slot == HostIndex.ABSENT) {
            if (!limits.hosts().tryTake()) {
                refusedHosts++;
                return;
            }
            slot = index.insert(high, low, second);
        }
        var state = index.state(slot);
        var ring = (int) (state >>> RING_SHIFT);
        if (ring == RateRings.NO_RING) {
            ring = promote(slot, high, low, packets);
            if (ring == RateRings.NO_RING) {
                return;
            }
            state = index.state(slot);
        }
        if ((state & SECOND_MASK) != second) {
            state = state & ~SECOND_MASK | second;
            index.state(slot, state);
        }
        if (flow.durationMillis < 1000 && flow.arrivalMillis == nowMillis) {
            var at = rings.add(ring, second, flow, flows, packets, bytes);
            var reservoir = (int) (state >>> RESERVOIR_SHIFT) & 0xFF;
            if (reservoir != Reservoirs.NONE) {
                reservoirs.offer(reservoir, remoteHigh, remoteLow, flow, packets, bytes);
            } else if (aboveFloor(rings.bucket(second), at + 1, floors, floorAt)) {
                sample(slot, high, low);
            }
        } else {
            spread(ring, flow, flows, packets, bytes);
            var reservoir = (int) (state >>> RESERVOIR_SHIFT) & 0xFF;
            if (reservoir != Reservoirs.NONE) {
                reservoirs.offer(reservoir, remoteHigh, remoteLow, flow, packets, bytes);
            } else if (aboveFloor(rings.bucket(second), ring * RateRings.BUCKET + 1, floors, floorAt)) {
                sample(slot, high, low);
            }
        }
    }

    /**
     * Books a flow over the time it lasted, ending at its arrival: the seconds of the window get their part, what lies
     * before the window is over and gone. A record that waited for its template is booked when it came.
     */
    private void spread(int ring, FlowRecord flow, long flows, long packets, long bytes) {
        var end = flow.arrivalMillis;
        var start = end - flow.durationMillis;
        var last = end / 1000;
        if (last > second) {
            return;
        }
        if (flow.durationMillis < 1000) {
            if (last >= second - rings.seconds()) {
                rings.add(ring, last, flow, flows, packets, bytes);
            }
            return;
        }
        var first = Math.max(start / 1000, second - rings.seconds());
        for (var at = first; at <= last; at++) {
            var from = (double) (Math.max(start, at * 1000) - start) / flow.durationMillis;
            var to = (double) (Math.min(end, at * 1000 + 1000) - start) / flow.durationMillis;
            // Differences of rounded running totals: the parts add up to the whole.
            var partPackets = (long) (packets * to) - (long) (packets * from);
            var partBytes = (long) (bytes * to) - (long) (bytes * from);
            rings.add(ring, at, flow, at == last ? flows : 0, partPackets, partBytes);
        }
    }

    private int promote(int slot, long high, long low, long packets) {
        var volume = index.volume(slot) + packets;
        if (volume < pass.ringFloor()
                || rings.end() >= MOST_RINGS
                || !limits.rings().tryTake()) {
            index.volume(slot, volume);
            index.state(slot, second);
            return RateRings.NO_RING;
        }
        var ring = rings.take(high, low);
        index.volume(slot, 0);
        index.state(slot, (long) ring << RING_SHIFT | second);
        return ring;
    }

    private static boolean aboveFloor(long[] bucket, int at, long[] floors, int floorAt) {
        for (var counter = 0; counter < Metric.COUNTERS; counter++) {
            if (bucket[at + counter] > floors[floorAt + counter]) {
                return true;
            }
        }
        return false;
    }

    private void sample(int slot, long high, long low) {
        var reservoir = reservoirs.take(high, low);
        if (reservoir == Reservoirs.NONE) {
            refusedSamples++;
            return;
        }
        index.state(slot, index.state(slot) | (long) reservoir << RESERVOIR_SHIFT);
    }

    static int ringOf(long state) {
        return (int) (state >>> RING_SHIFT);
    }

    static int reservoirOf(long state) {
        return (int) (state >>> RESERVOIR_SHIFT) & 0xFF;
    }

    static long secondOf(long state) {
        return state & SECOND_MASK;
    }

    /** Forgets a host altogether. */
    void remove(int slot) {
        var state = index.state(slot);
        if (ringOf(state) != RateRings.NO_RING) {
            rings.release(ringOf(state));
            limits.rings().giveBack();
        }
        if (reservoirOf(state) != Reservoirs.NONE) {
            reservoirs.release(reservoirOf(state));
        }
        index.remove(slot);
        limits.hosts().giveBack();
    }

    /** Takes a host's ring away; its volume stays known. */
    void demote(int slot, long volume) {
        var state = index.state(slot);
        rings.release(ringOf(state));
        limits.rings().giveBack();
        index.volume(slot, volume);
        index.state(slot, secondOf(state));
    }

    /** Ends the sampling of a host. */
    void unsample(int reservoir) {
        var slot = index.find(reservoirs.high(reservoir), reservoirs.low(reservoir));
        if (slot != HostIndex.ABSENT) {
            index.state(slot, index.state(slot) & ~(0xFFL << RESERVOIR_SHIFT));
        }
        reservoirs.release(reservoir);
    }

    /** Measures over another length of time from now on; what is counted is kept as far as it fits. */
    void resize(int seconds) {
        if (seconds == rings.seconds()) {
            return;
        }
        pass.abandon();
        var old = rings;
        rings = new RateRings(seconds);
        for (var slot = 0; slot < index.capacity(); slot++) {
            var state = index.state(slot);
            if (state != 0 && ringOf(state) != RateRings.NO_RING) {
                var ring = rings.take(index.high(slot), index.low(slot));
                rings.copyFrom(old, ringOf(state), ring, second);
                index.state(slot, state & (1L << RING_SHIFT) - 1 | (long) ring << RING_SHIFT);
            }
        }
    }
}
