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
 * <p>This class counts; who has a place, a ring and a reservoir is the business of {@link TrackedHosts}, what a slot's state
 * says that of {@link SlotState}.
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

    private final WindowLimits.Share limits;
    private final Kind kind;
    private final boolean outgoing;
    private final TrackedHosts hosts;
    private final HostTable table;
    private final long[] hashes = new long[FlowSink.BATCH];
    private final WindowPass pass;
    private WindowPlan plan;
    private Floors floors;
    private long[] tops;

    /** A bit for each segment of the table with hosts in groups of an earlier plan. */
    private long ungrouped;

    private long nowMillis;
    private long second;
    private long blockStart;

    // Written so that the compiler does not leave out reads whose result nobody needs.
    @SuppressWarnings("UnusedVariable")
    private long touched;

    /**
     * A window without hosts.
     *
     * @param outgoing true where the other address, which samples keep, is a record's destination
     * @param slabs where the memory of the worker's tables comes from
     */
    HostWindow(Kind kind, boolean outgoing, WindowLimits.Share limits, Slabs slabs, WindowPlan plan, long seed) {
        this.kind = kind;
        this.outgoing = outgoing;
        this.limits = limits;
        this.hosts = new TrackedHosts(
                limits,
                new Reservoirs(
                        limits.samples(),
                        seed,
                        kind == Kind.INCOMING || kind == Kind.OUTGOING
                                ? HostSample.FIELDS
                                : HostSample.FIELDS_WITH_HOST),
                slabs,
                plan.seconds());
        this.table = hosts.table();
        this.plan = plan;
        this.floors = plan.floors(kind).ofWorkers(limits.workers());
        this.tops = Light.tops(floors.promotion());
        this.pass = new WindowPass(this, hosts);
    }

    /** Sets the time of the records that follow. */
    void now(long millis) {
        nowMillis = millis;
        if (second != millis / 1000) {
            second = millis / 1000;
            var block = second - second % plan.seconds();
            if (block != blockStart) {
                blockStart = block;
                hosts.forgetNewcomers();
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
        if (hosts.resize(newPlan.seconds(), second)) {
            blockStart = second - second % newPlan.seconds();
        }
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
                hosts.remove(slot);
            } else {
                table.state(slot, SlotState.withGroup(table.state(slot), group));
            }
        }
    }

    Floors floors() {
        return floors;
    }

    /** What is known of the hosts, for whoever reads or sums it up. */
    TrackedHosts hosts() {
        return hosts;
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

    WindowPass pass() {
        return pass;
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
        var slot = hosts.admit(hash, high, low, flow.realPackets, SlotState.of(group, second));
        if (slot == HostTable.ABSENT) {
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
                Light.roll(slots, at, last >= blockStart - plan.seconds());
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
        var ring = (int) slots[at + TrackedHosts.RING];
        var rings = hosts.rings();
        var now = flow.durationMillis < LongFlows.SHORTEST && flow.arrivalMillis == nowMillis;
        if (now) {
            rings.add(ring, second, flow, flow.realPackets, flow.realBytes);
        } else {
            LongFlows.book(rings, ring, second, flow);
        }
        var reservoir = (int) slots[at + TrackedHosts.RESERVOIR];
        if (reservoir == Reservoirs.NONE
                && (floors.worthSampling(rings.bucket(second), ring * RateRings.BUCKET, second, group)
                        || !now && goesOnNear(ring, group))) {
            reservoir = hosts.sample(slots, at);
        }
        if (reservoir != Reservoirs.NONE && reservoir != Reservoirs.REFUSED) {
            hosts.reservoirs().offer(reservoir, flow, outgoing);
        }
    }

    /** True where long flows alone bring a host near a limit: their seconds are still to come. */
    boolean goesOnNear(int ring, int group) {
        return floors.worthSampling(hosts.rings().going(ring), group);
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
        if (volume < pass.ringFloor() || !hosts.promote(slots, at, second)) {
            return false;
        }
        hosts.rings()
                .carryOver(
                        (int) slots[at + TrackedHosts.RING],
                        blockStart,
                        Light.upper(present),
                        Light.lower(present),
                        bytes);
        return true;
    }

    /** Forgets everything. */
    void clear() {
        pass.abandon();
        hosts.clear();
    }
}
