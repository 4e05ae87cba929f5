package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/**
 * Counters of one kind of key (hosts, prefixes or groups) in one direction, as one worker saw them. Owned by that worker's
 * thread alone, which also makes the {@link HostSums} for the tick, piece by piece between datagrams; nothing in here is
 * ever read by another thread.
 *
 * <p>Two levels keep a million hosts in little memory, and the decision exact for every one. Each host has a slot in
 * {@link HostTable} with {@link Light} counters, enough to prove that it is far below every limit. One that may be nearer
 * gets a ring in {@link RateRings}: exact counters by second and class. Where memory for rings runs short the lightest lose
 * theirs; where slots run short a newcomer takes the place of a lighter host, so that a flood of made-up addresses never
 * displaces a host with real volume.
 */
final class HostWindow {
    private static final long SECOND_MASK = (1L << 28) - 1;
    private static final int RESERVOIR_SHIFT = 28;
    private static final int RESERVOIR_MASK = 0xFFF;
    private static final int RING_SHIFT = 40;
    private static final int MOST_RINGS = (1 << 24) - 1;

    // Beyond these a record is garbage; they keep sums of many records below 2^63.
    private static final double MOST_PACKETS = 1L << 36;
    private static final double MOST_BYTES = 1L << 42;

    private final WindowLimits.Share limits;
    private final HostTable table = new HostTable();
    private final Newcomers newcomers = new Newcomers();
    private final Reservoirs reservoirs;
    private final WindowPass pass;
    private RateRings rings;
    private long nowMillis;
    private long second;
    private long blockStart;
    private long refusedHosts;
    private long refusedSamples;
    private long evictedHosts;

    /** @param sampleFields longs a sampled record takes, see {@link HostSample} */
    HostWindow(WindowLimits.Share limits, int seconds, long seed, int sampleFields) {
        this.limits = limits;
        this.rings = new RateRings(seconds);
        this.reservoirs = new Reservoirs(limits.samples(), seed, sampleFields);
        this.pass = new WindowPass(this);
    }

    /** Sets the time of the records that follow. */
    void now(long millis) {
        nowMillis = millis;
        if (second != millis / 1000) {
            second = millis / 1000;
            var block = second - second % rings.seconds();
            if (block != blockStart) {
                blockStart = block;
                newcomers.forget();
            }
        }
    }

    int hosts() {
        return table.size();
    }

    HostTable table() {
        return table;
    }

    RateRings rings() {
        return rings;
    }

    Reservoirs reservoirs() {
        return reservoirs;
    }

    WindowLimits.Share limits() {
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

    /** Hosts forgotten to make room for others, since the last call. */
    long drainEvictedHosts() {
        var count = evictedHosts;
        evictedHosts = 0;
        return count;
    }

    /** Forgets a host to make room. */
    void evict(int slot) {
        remove(slot);
        evictedHosts++;
    }

    /** Hosts near a threshold that got no reservoir, since the last call. */
    long drainRefusedSamples() {
        var count = refusedSamples;
        refusedSamples = 0;
        return count;
    }

    /**
     * Counts a record for a host, under the {@code floors} of its {@code group}.
     *
     * @param high key, with {@code low}
     * @param otherHigh the address a sample keeps, with {@code otherLow}
     */
    void add(long high, long low, long otherHigh, long otherLow, FlowRecord flow, Floors floors, int group) {
        var packets = flow.packets;
        var bytes = flow.bytes;
        var flows = flow.countsAsFlow() ? 1L : 0L;
        if (flow.samplingRate != 1 || packets > MOST_PACKETS || bytes > MOST_BYTES) {
            packets = (long) Math.min(MOST_PACKETS, packets * flow.samplingRate + 0.5);
            bytes = (long) Math.min(MOST_BYTES, bytes * flow.samplingRate + 0.5);
            flows = flow.countsAsFlow() ? (long) (flow.samplingRate + 0.5) : 0;
        }
        var slot = table.find(high, low);
        if (slot == HostTable.ABSENT) {
            slot = admit(high, low, packets);
            if (slot == HostTable.ABSENT) {
                refusedHosts++;
                return;
            }
        }
        var state = table.state(slot);
        if (ringOf(state) == RateRings.NO_RING) {
            if (staysLight(slot, state, packets, bytes, flows, floors, group)) {
                return;
            }
            state = table.state(slot);
        } else if ((state & SECOND_MASK) != second) {
            state = state & ~SECOND_MASK | second;
            table.state(slot, state);
        }
        addHeavy(slot, state, otherHigh, otherLow, flow, flows, packets, bytes, floors, group);
    }

    private void addHeavy(
            int slot,
            long state,
            long otherHigh,
            long otherLow,
            FlowRecord flow,
            long flows,
            long packets,
            long bytes,
            Floors floors,
            int group) {
        var ring = ringOf(state);
        if (flow.durationMillis < LongFlows.SHORTEST && flow.arrivalMillis == nowMillis) {
            rings.add(ring, second, flow, flows, packets, bytes);
        } else {
            LongFlows.book(rings, ring, second, flow, flows, packets, bytes);
        }
        var reservoir = reservoirOf(state);
        if (reservoir == Reservoirs.NONE) {
            if (floors.worthSampling(rings.bucket(second), ring * RateRings.BUCKET, second, group)) {
                sample(slot, table.high(slot), table.low(slot));
            }
        } else if (reservoir != Reservoirs.REFUSED) {
            reservoirs.offer(reservoir, otherHigh, otherLow, flow, packets, bytes);
        }
    }

    /** Books the record with the light counters, or makes the host heavy and leaves the record to the caller. */
    private boolean staysLight(int slot, long state, long packets, long bytes, long flows, Floors floors, int group) {
        var packetWord = table.word(slot, HostTable.PACKETS);
        var byteWord = table.word(slot, HostTable.BYTES);
        var flowWord = table.word(slot, HostTable.FLOWS);
        var last = secondOf(state);
        if (last < blockStart) {
            var recent = last >= blockStart - rings.seconds();
            packetWord = recent ? Light.rolled(packetWord) : 0;
            byteWord = recent ? Light.rolled(byteWord) : 0;
            flowWord = recent ? Light.rolled(flowWord) : 0;
        }
        var nextPackets = Light.plus(packetWord, packets);
        var nextBytes = Light.plus(byteWord, bytes);
        var nextFlows = Light.plus(flowWord, flows);
        if (floors.mayMatter(Light.bound(nextFlows), Light.bound(nextPackets), Light.bound(nextBytes), group)
                && promote(
                        slot,
                        Light.bound(nextPackets),
                        Light.present(flowWord),
                        Light.present(packetWord),
                        Light.present(byteWord))) {
            return false;
        }
        table.state(slot, second);
        table.word(slot, HostTable.PACKETS, nextPackets);
        table.word(slot, HostTable.BYTES, nextBytes);
        table.word(slot, HostTable.FLOWS, nextFlows);
        return true;
    }

    /**
     * Gives a host a ring, unless there is none for one of its volume. What the present block holds is booked at the
     * block's start: certainly in the window, and out of it no later than it truly is.
     */
    private boolean promote(int slot, long volume, long flows, long packets, long bytes) {
        if (volume < pass.ringFloor()
                || rings.end() >= MOST_RINGS
                || !limits.rings().tryTake()) {
            return false;
        }
        var ring = rings.take(table.high(slot), table.low(slot));
        rings.carryOver(ring, blockStart, flows, packets, bytes);
        table.state(slot, (long) ring << RING_SHIFT | second);
        return true;
    }

    private int admit(long high, long low, long packets) {
        if (limits.hosts().tryTake()) {
            return table.insert(high, low, second);
        }
        var sum = newcomers.add(high, low, packets);
        // Never while a walk is under way, which would see hosts twice.
        if (!pass.underWay()) {
            var lightest = lightestNear(high, low);
            if (lightest != HostTable.ABSENT && volume(lightest) < sum) {
                evict(lightest);
                limits.hosts().take();
                return table.insert(high, low, second);
            }
        }
        return HostTable.ABSENT;
    }

    /** The lightest of some hosts without a ring near where a newcomer would be: as good as any random few. */
    private int lightestNear(long high, long low) {
        var lightest = HostTable.ABSENT;
        var least = Long.MAX_VALUE;
        var home = table.home(high, low);
        var end = Math.min(table.capacity() - 1, home + Newcomers.LOOK);
        for (var slot = home; slot < end; slot++) {
            var state = table.state(slot);
            if (state != 0 && ringOf(state) == RateRings.NO_RING && volume(slot) < least) {
                lightest = slot;
                least = volume(slot);
            }
        }
        return lightest;
    }

    /** Packets of a host without a ring in this block and the one before. */
    private long volume(int slot) {
        return Light.bound(table.word(slot, HostTable.PACKETS));
    }

    /** An estimate of a light counter over the window. */
    long estimate(int slot, int word) {
        var last = secondOf(table.state(slot));
        var value = table.word(slot, word);
        if (last < blockStart) {
            value = last >= blockStart - rings.seconds() ? Light.rolled(value) : 0;
        }
        return Light.estimate(value, (int) (second - blockStart), rings.seconds());
    }

    private void sample(int slot, long high, long low) {
        var reservoir = reservoirs.take(high, low);
        if (reservoir == Reservoirs.NONE) {
            refusedSamples++;
            reservoir = Reservoirs.REFUSED;
        }
        table.state(slot, table.state(slot) | (long) reservoir << RESERVOIR_SHIFT);
    }

    static int ringOf(long state) {
        return (int) (state >>> RING_SHIFT);
    }

    static int reservoirOf(long state) {
        return (int) (state >>> RESERVOIR_SHIFT) & RESERVOIR_MASK;
    }

    static long secondOf(long state) {
        return state & SECOND_MASK;
    }

    /** Forgets a host altogether. */
    void remove(int slot) {
        var state = table.state(slot);
        if (ringOf(state) != RateRings.NO_RING) {
            rings.release(ringOf(state));
            limits.rings().giveBack();
        }
        if (reservoirs.taken(reservoirOf(state))) {
            reservoirs.release(reservoirOf(state));
        }
        table.remove(slot);
        limits.hosts().giveBack();
    }

    /** Takes a host's ring away; its volume stays known. */
    void demote(int slot, long flows, long packets, long bytes) {
        var state = table.state(slot);
        rings.release(ringOf(state));
        limits.rings().giveBack();
        table.state(slot, secondOf(state));
        table.word(slot, HostTable.PACKETS, Light.of(packets));
        table.word(slot, HostTable.BYTES, Light.of(bytes));
        table.word(slot, HostTable.FLOWS, Light.of(flows));
    }

    /** Ends the sampling of a host, refused or not. */
    void unsample(int slot) {
        var state = table.state(slot);
        if (reservoirs.taken(reservoirOf(state))) {
            reservoirs.release(reservoirOf(state));
        }
        table.state(slot, state & ~((long) RESERVOIR_MASK << RESERVOIR_SHIFT));
    }

    /** Forgets everything. */
    void clear() {
        pass.abandon();
        for (var slot = table.capacity() - 1; slot >= 0; slot--) {
            if (table.state(slot) != 0) {
                remove(slot);
            }
        }
    }

    /** Measures over another length of time from now on; what is counted is kept as far as it fits. */
    void resize(int seconds) {
        if (seconds == rings.seconds()) {
            return;
        }
        pass.abandon();
        var old = rings;
        rings = new RateRings(seconds);
        blockStart = second - second % seconds;
        for (var slot = 0; slot < table.capacity(); slot++) {
            var state = table.state(slot);
            if (state != 0 && ringOf(state) != RateRings.NO_RING) {
                var ring = rings.take(table.high(slot), table.low(slot));
                rings.copyFrom(old, ringOf(state), ring, second);
                table.state(slot, state & (1L << RING_SHIFT) - 1 | (long) ring << RING_SHIFT);
            }
        }
    }
}
