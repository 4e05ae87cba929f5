package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.FlowSink;

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
 *
 * <p>What a slot's state says is in {@link SlotState}. The slot of a heavy host has the numbers of its ring and its reservoir
 * where that of another has light counters.
 */
final class HostWindow {
    /** What the keys of a window are. */
    enum Kind {
        INCOMING,
        OUTGOING,
        PREFIXES,
        TOTALS
    }

    /** The group of what is not judged. */
    static final int NO_GROUP = PrefixTable.NONE;

    private static final int RING = HostTable.PRESENT;
    private static final int RESERVOIR = HostTable.BEFORE;
    private static final int MOST_RINGS = (1 << 24) - 1;

    private final WindowLimits.Share limits;
    private final Kind kind;
    private final boolean outgoing;
    private final HostTable table;
    private final long[] hashes = new long[FlowSink.BATCH];
    private final Newcomers newcomers = new Newcomers();
    private final Reservoirs reservoirs;
    private final WindowPass pass;
    private WindowPlan plan;
    private Floors floors;
    private long[] tops;

    /** A bit for each segment of the table with hosts in groups of an earlier plan. */
    private long ungrouped;

    private RateRings rings;
    private long nowMillis;
    private long second;
    private long blockStart;

    // Written so that the compiler does not leave out reads whose result nobody needs.
    @SuppressWarnings("UnusedVariable")
    private long touched;

    private long refusedHosts;
    private long refusedSamples;
    private long evictedHosts;

    /** @param outgoing true where the other address, which samples keep, is a record's destination */
    HostWindow(Kind kind, boolean outgoing, WindowLimits.Share limits, WindowPlan plan, long seed) {
        this.kind = kind;
        this.outgoing = outgoing;
        this.limits = limits;
        this.table = new HostTable(limits.hashSeed());
        this.plan = plan;
        this.floors = plan.floors(kind).ofWorkers(limits.workers());
        this.tops = Light.tops(floors.promotion());
        this.rings = new RateRings(plan.seconds());
        this.reservoirs = new Reservoirs(
                limits.samples(),
                seed,
                kind == Kind.INCOMING || kind == Kind.OUTGOING ? HostSample.FIELDS : HostSample.FIELDS_WITH_HOST);
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

    /**
     * Puts another plan in force. Hosts keep their counters; which group each is in now, or whether it is judged at all, is
     * looked up when its next record comes or by the next walk, whichever is earlier: a million lookups at once would be tens
     * of milliseconds in which nobody reads the sockets.
     */
    void apply(WindowPlan newPlan) {
        pass.abandon();
        plan = newPlan;
        floors = newPlan.floors(kind).ofWorkers(limits.workers());
        tops = Light.tops(floors.promotion());
        ungrouped = -1;
        resize(newPlan.seconds());
    }

    /** Puts the hosts of a segment under the groups of the plan in force, where that is still to be done. */
    void regroup(int segment) {
        if ((ungrouped >>> segment & 1) == 0) {
            return;
        }
        ungrouped &= ~(1L << segment);
        var last = table.lastSlot(segment);
        for (var slot = last; slot > last - table.slots(segment); slot--) {
            if (table.state(slot) == 0) {
                continue;
            }
            var group = plan.group(kind, table.high(slot), table.low(slot));
            if (group < 0) {
                remove(slot);
            } else {
                table.state(slot, SlotState.withGroup(table.state(slot), group));
            }
        }
    }

    Floors floors() {
        return floors;
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

    /** The second at which the present block of light counters began. */
    long blockStart() {
        return blockStart;
    }

    /** Whole seconds of that block that are over. */
    int past() {
        return (int) (second - blockStart);
    }

    /** True where the plan in force judges a host at all. */
    boolean judges(long high, long low) {
        return plan.group(kind, high, low) >= 0;
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

    /** Hosts near a threshold that got no reservoir, since the last call. */
    long drainRefusedSamples() {
        var count = refusedSamples;
        refusedSamples = 0;
        return count;
    }

    /** Says which host the {@code record}-th of a batch will be counted for. */
    void locate(int record, long high, long low) {
        hashes[record] = table.hash(high, low);
    }

    /** Brings the slots of located records into the cache; {@code records} has a bit for each. */
    void touch(long records) {
        var read = 0L;
        for (var left = records; left != 0; left &= left - 1) {
            read ^= table.touch(hashes[Long.numberOfTrailingZeros(left)]);
        }
        touched = read;
    }

    /**
     * Counts the {@code record}-th of a batch for the host that {@link #locate} was told.
     *
     * @param high key, with {@code low}
     * @return the host's group, below 0 where it is not judged and the record not counted
     */
    int add(int record, long high, long low, FlowRecord flow) {
        var hash = hashes[record];
        var slots = table.segment(hash);
        for (var at = table.start(hash); ; at += HostTable.SLOT) {
            var state = slots[at + HostTable.STATE];
            if (state == 0) {
                return addNew(hash, high, low, flow);
            }
            if (slots[at + HostTable.LOW] == low && slots[at + HostTable.HIGH] == high) {
                return ungrouped == 0 ? count(slots, at, state, flow) : countRegrouped(slots, at, state, flow);
            }
        }
    }

    /** The same while some hosts may still be in the groups of an earlier plan. */
    private int countRegrouped(long[] slots, int at, long state, FlowRecord flow) {
        var group = plan.group(kind, slots[at + HostTable.HIGH], slots[at + HostTable.LOW]);
        if (group < 0) {
            // The next walk forgets the host.
            return group;
        }
        var current = SlotState.withGroup(state, group);
        slots[at + HostTable.STATE] = current;
        return count(slots, at, current, flow);
    }

    private int addNew(long hash, long high, long low, FlowRecord flow) {
        var group = plan.group(kind, high, low);
        if (group < 0) {
            return group;
        }
        var slot = admit(hash, high, low, flow.realPackets, group);
        if (slot == HostTable.ABSENT) {
            refusedHosts++;
            return group;
        }
        return count(table.array(slot), table.start(slot), table.state(slot), flow);
    }

    /** Counts a record for the host of a slot; its group. */
    private int count(long[] slots, int at, long state, FlowRecord flow) {
        var group = SlotState.group(state);
        var last = SlotState.second(state);
        // Nearly every record of nearly every network is counted by the next few lines alone.
        if (SlotState.isLight(state)
                && last >= blockStart
                && Light.small(flow.realFlows, flow.realPackets, flow.realBytes)) {
            var present = slots[at + HostTable.PRESENT] + (flow.realFlows << 32 | flow.realPackets);
            var bytes = Light.moreBytes(slots[at + HostTable.BYTES], flow.realBytes);
            if (Light.below(tops, group, present, slots[at + HostTable.BEFORE], bytes)) {
                slots[at + HostTable.STATE] = SlotState.withSecond(state, second);
                slots[at + HostTable.PRESENT] = present;
                slots[at + HostTable.BYTES] = bytes;
                return group;
            }
        }
        countRarely(slots, at, state, flow, group);
        return group;
    }

    private void countRarely(long[] slots, int at, long state, FlowRecord flow, int group) {
        var last = SlotState.second(state);
        if (SlotState.isLight(state)) {
            if (last < blockStart) {
                Light.roll(slots, at, last >= blockStart - rings.seconds());
            }
            if (staysLight(slots, at, flow, group)) {
                slots[at + HostTable.STATE] = SlotState.withSecond(state, second);
                return;
            }
        } else if (last != second) {
            slots[at + HostTable.STATE] = SlotState.withSecond(state, second);
        }
        addHeavy(slots, at, flow, group);
    }

    private void addHeavy(long[] slots, int at, FlowRecord flow, int group) {
        var ring = (int) slots[at + RING];
        var now = flow.durationMillis < LongFlows.SHORTEST && flow.arrivalMillis == nowMillis;
        if (now) {
            rings.add(ring, second, flow, flow.realPackets, flow.realBytes);
        } else {
            LongFlows.book(rings, ring, second, flow);
        }
        var reservoir = (int) slots[at + RESERVOIR];
        if (reservoir == Reservoirs.NONE
                && (floors.worthSampling(rings.bucket(second), ring * RateRings.BUCKET, second, group)
                        || !now && goesOnNear(ring, group))) {
            reservoir = sample(slots[at + HostTable.HIGH], slots[at + HostTable.LOW]);
            slots[at + RESERVOIR] = reservoir;
        }
        if (reservoir != Reservoirs.NONE && reservoir != Reservoirs.REFUSED) {
            reservoirs.offer(reservoir, flow, outgoing);
        }
    }

    /** True where long flows alone bring a host near a limit: their seconds are still to come. */
    boolean goesOnNear(int ring, int group) {
        return floors.worthSampling(rings.going(ring), group);
    }

    /** Books the record with the light counters, or makes the host heavy and leaves the record to the caller. */
    private boolean staysLight(long[] slots, int at, FlowRecord flow, int group) {
        var present = slots[at + HostTable.PRESENT];
        var before = slots[at + HostTable.BEFORE];
        var bytes = slots[at + HostTable.BYTES];
        var nextPresent = Light.pair(Light.upper(present) + flow.realFlows, Light.lower(present) + flow.realPackets);
        var nextBytes = Light.bytes(Light.presentBytes(bytes) + flow.realBytes, Light.bytesBefore(bytes));
        if (!Light.below(tops, group, nextPresent, before, nextBytes)
                && promote(
                        slots,
                        at,
                        Light.lower(nextPresent) + Light.lower(before),
                        present,
                        Light.presentBytes(bytes))) {
            return false;
        }
        slots[at + HostTable.PRESENT] = nextPresent;
        slots[at + HostTable.BYTES] = nextBytes;
        return true;
    }

    /**
     * Gives a host a ring, unless there is none for one of its volume. What the present block holds is booked at the
     * block's start: certainly in the window, and out of it no later than it truly is.
     */
    private boolean promote(long[] slots, int at, long volume, long present, long bytes) {
        if (volume < pass.ringFloor()
                || rings.end() >= MOST_RINGS
                || !limits.rings().tryTake()) {
            return false;
        }
        var ring = rings.take(slots[at + HostTable.HIGH], slots[at + HostTable.LOW]);
        rings.carryOver(ring, blockStart, Light.upper(present), Light.lower(present), bytes);
        slots[at + HostTable.STATE] = SlotState.heavy(SlotState.withSecond(slots[at + HostTable.STATE], second));
        slots[at + RING] = ring;
        slots[at + RESERVOIR] = Reservoirs.NONE;
        return true;
    }

    private int admit(long hash, long high, long low, long packets, int group) {
        var state = SlotState.of(group, second);
        if (limits.hosts().tryTake()) {
            return table.insert(hash, high, low, state);
        }
        var lighter = Newcomers.lighterNear(table, table.home(hash), newcomers.add(high, low, packets));
        if (lighter == HostTable.ABSENT) {
            return HostTable.ABSENT;
        }
        remove(lighter);
        evictedHosts++;
        limits.hosts().take();
        return table.insert(hash, high, low, state);
    }

    private int sample(long high, long low) {
        var reservoir = reservoirs.take(high, low);
        if (reservoir == Reservoirs.NONE) {
            refusedSamples++;
            return Reservoirs.REFUSED;
        }
        return reservoir;
    }

    /** The second of a host's last record. */
    long lastSecond(int slot) {
        return SlotState.second(table.state(slot));
    }

    /** The group of the host in a slot. */
    int group(int slot) {
        return SlotState.group(table.state(slot));
    }

    /** The ring of the host in a slot, or {@link RateRings#NO_RING}. */
    int ring(int slot) {
        return SlotState.isHeavy(table.state(slot)) ? (int) table.word(slot, RING) : RateRings.NO_RING;
    }

    /** The reservoir of the host in a slot, {@link Reservoirs#NONE} or {@link Reservoirs#REFUSED}. */
    int reservoir(int slot) {
        return SlotState.isHeavy(table.state(slot)) ? (int) table.word(slot, RESERVOIR) : Reservoirs.NONE;
    }

    /** Forgets a host altogether. */
    void remove(int slot) {
        if (ring(slot) != RateRings.NO_RING) {
            rings.release(ring(slot));
            limits.rings().giveBack();
        }
        if (reservoirs.taken(reservoir(slot))) {
            reservoirs.release(reservoir(slot));
        }
        table.remove(slot);
        limits.hosts().giveBack();
    }

    /** Takes a host's ring away; its volume stays known. */
    void demote(int slot, long flows, long packets, long bytes) {
        rings.release(ring(slot));
        limits.rings().giveBack();
        table.state(slot, SlotState.light(table.state(slot)));
        table.word(slot, HostTable.PRESENT, Light.pair(flows, packets));
        table.word(slot, HostTable.BEFORE, 0);
        table.word(slot, HostTable.BYTES, Light.bytes(bytes, 0));
    }

    /** Ends the sampling of a heavy host, refused or not. */
    void unsample(int slot) {
        if (reservoirs.taken(reservoir(slot))) {
            reservoirs.release(reservoir(slot));
        }
        table.word(slot, RESERVOIR, Reservoirs.NONE);
    }

    /** Forgets everything. */
    void clear() {
        pass.abandon();
        for (var segment = 0; segment < HostTable.SEGMENTS; segment++) {
            var last = table.lastSlot(segment);
            for (var slot = last; slot > last - table.slots(segment); slot--) {
                if (table.state(slot) != 0) {
                    remove(slot);
                }
            }
        }
    }

    /** Measures over another length of time from now on; what is counted is kept as far as it fits. */
    private void resize(int seconds) {
        if (seconds == rings.seconds()) {
            return;
        }
        var old = rings;
        rings = new RateRings(seconds);
        blockStart = second - second % seconds;
        for (var segment = 0; segment < HostTable.SEGMENTS; segment++) {
            var last = table.lastSlot(segment);
            for (var slot = last; slot > last - table.slots(segment); slot--) {
                var before = ring(slot);
                if (before != RateRings.NO_RING) {
                    var ring = rings.take(table.high(slot), table.low(slot));
                    rings.copyFrom(old, before, ring, second);
                    table.word(slot, RING, ring);
                }
            }
        }
    }
}
