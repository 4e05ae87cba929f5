package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;
import java.util.List;

/**
 * One walk over a {@link HostWindow} for a tick: forgets idle hosts, makes room where there is little, and adds up the
 * rest. Done in steps, so that the worker reads its socket in between. Owned by the window's thread.
 */
final class WindowPass {
    /** Hosts without exact counters that get a row all the same, the heaviest by packets. */
    static final int LISTED = 16_384;

    private static final int BINS = 64;

    /** What the keys of a window are. */
    enum Kind {
        INCOMING,
        OUTGOING,
        PREFIXES,
        TOTALS
    }

    private final HostWindow window;
    private final int[] slotBins = new int[BINS];
    private final int[] ringBins = new int[BINS];
    private HostSums into = new HostSums();
    private WindowPlan plan;
    private Kind kind = Kind.INCOMING;
    private boolean checkNetworks;
    private long now;
    private int slot = -1;
    private int slotCapacity;
    private int ring = -1;
    private int listed;
    private int listFrom;
    private int evictBelow;
    private int demoteBelow;
    private int evictLeft;
    private int demoteLeft;
    private long ringFloor;

    WindowPass(HostWindow window) {
        this.window = window;
        var none = new Floors(new long[0], new int[0]);
        this.plan = new WindowPlan(
                PrefixTable.of(List.of()), 1, 0, 1, none, none, none, List.of(), new boolean[0], new boolean[0], null);
    }

    /** Packets a host without a ring needs to get one; 0 while rings are plenty. */
    long ringFloor() {
        return ringFloor;
    }

    /** True from {@link #begin} until the last {@link #step}. */
    boolean underWay() {
        return slot >= 0 || ring >= 0;
    }

    /**
     * Starts a walk.
     *
     * @param checkNetworks true after a change of policy: hosts that are not judged any more are forgotten
     */
    void begin(HostSums into, Kind kind, WindowPlan plan, boolean checkNetworks, long now) {
        this.into = into;
        this.kind = kind;
        this.plan = plan;
        this.checkNetworks = checkNetworks;
        this.now = now;
        into.clear(window.rings().seconds());
        listed = 0;
        slotCapacity = window.table().capacity();
        slot = slotCapacity - 1;
        ring = 1;
        Arrays.fill(slotBins, 0);
        Arrays.fill(ringBins, 0);
    }

    /** Does about {@code work} slots' worth; true when the walk is over. */
    boolean step(int work) {
        // A table that grew in between has its hosts elsewhere: the rest of the slots wait for the next walk.
        if (window.table().capacity() != slotCapacity) {
            slot = -1;
        }
        var left = work;
        while (slot >= 0 && left > 0) {
            visitSlot();
            slot--;
            left--;
        }
        while (slot < 0 && ring >= 0 && ring < window.rings().end() && left > 0) {
            visitRing();
            ring++;
            left -= 4;
        }
        if (slot >= 0 || ring >= 0 && ring < window.rings().end()) {
            return false;
        }
        if (ring >= 0) {
            finish();
            ring = -1;
        }
        return true;
    }

    void abandon() {
        slot = -1;
        ring = -1;
    }

    /** Adds up what is sampled now, beside any walk. */
    void glance(HostSums sampled, long second) {
        var reservoirs = window.reservoirs();
        for (var reservoir = 1; reservoir < reservoirs.end(); reservoir++) {
            if (reservoirs.taken(reservoir)) {
                var at = window.table().find(reservoirs.high(reservoir), reservoirs.low(reservoir));
                if (at != HostTable.ABSENT) {
                    var owned = HostWindow.ringOf(window.table().state(at));
                    window.rings().advance(owned, second);
                    sampled.append(window.rings(), owned, second);
                }
            }
        }
    }

    private void visitSlot() {
        var table = window.table();
        var state = table.state(slot);
        if (state == 0) {
            return;
        }
        if (checkNetworks && group(table.high(slot), table.low(slot)) < 0) {
            window.remove(slot);
            return;
        }
        if (HostWindow.ringOf(state) != RateRings.NO_RING) {
            return;
        }
        if (now - HostWindow.secondOf(state) > window.rings().seconds()) {
            window.remove(slot);
            return;
        }
        var packets = window.estimate(slot, HostTable.PACKETS);
        var bin = bin(packets);
        if (evictLeft > 0 && bin < evictBelow) {
            evictLeft--;
            window.evict(slot);
            return;
        }
        slotBins[bin]++;
        if (bin >= listFrom && listed < LISTED) {
            listed++;
            into.append(
                    table.high(slot),
                    table.low(slot),
                    window.estimate(slot, HostTable.FLOWS),
                    packets,
                    window.estimate(slot, HostTable.BYTES));
        }
    }

    /** The group that judges a key, or one below 0. */
    private int group(long high, long low) {
        return switch (kind) {
            case INCOMING -> plan.networks().lookup(high, low);
            case OUTGOING -> {
                var group = plan.networks().lookup(high, low);
                yield group >= 0 && plan.judgesOutgoing()[group] ? group : -1;
            }
            // A prefix may be longer or shorter than the network it is of: whether it is judged, traffic shows.
            case PREFIXES -> plan.carpet() == null ? -1 : 0;
            case TOTALS -> low <= plan.summed().length && plan.summed()[(int) low - 1] ? (int) low - 1 : -1;
        };
    }

    private Floors floors() {
        var carpet = plan.carpet();
        return switch (kind) {
            case INCOMING -> plan.incoming();
            case OUTGOING -> plan.outgoing();
            case PREFIXES -> carpet == null ? plan.incoming() : carpet.floors();
            case TOTALS -> plan.totals();
        };
    }

    private void visitRing() {
        var rings = window.rings();
        if (!rings.owned(ring)) {
            return;
        }
        var goesOn = rings.advance(ring, now);
        var row = into.append(rings, ring, now);
        var packets = into.sum(row, Metric.PPS.counter());
        var table = window.table();
        var at = table.find(rings.high(ring), rings.low(ring));
        if (at == HostTable.ABSENT) {
            into.dropLast();
            return;
        }
        if (HostWindow.reservoirOf(table.state(at)) == Reservoirs.REFUSED) {
            // It may ask again: another may be free by now.
            window.unsample(at);
        }
        var sampled = HostWindow.reservoirOf(table.state(at)) != Reservoirs.NONE;
        var light = !goesOn && !sampled && isLight(row, rings.high(ring), rings.low(ring));
        if (light || demoteLeft > 0 && !sampled && bin(packets) < demoteBelow) {
            if (!light) {
                demoteLeft--;
            }
            var flows = into.sum(row, Metric.FLOWS_PER_SEC.counter());
            var bytes = into.sum(row, Metric.MBPS.counter());
            if (packets == 0 && flows == 0) {
                into.dropLast();
                window.remove(at);
            } else {
                window.demote(at, flows, packets, bytes);
            }
            return;
        }
        ringBins[bin(packets)]++;
    }

    /** True where a host is so far below what makes it heavy that it need not be: a quarter of it. */
    private boolean isLight(int row, long high, long low) {
        var group = group(high, low);
        return group < 0
                || !floors().mayMatter(
                                4 * into.sum(row, Metric.FLOWS_PER_SEC.counter()),
                                4 * into.sum(row, Metric.PPS.counter()),
                                4 * into.sum(row, Metric.MBPS.counter()),
                                group);
    }

    private void finish() {
        var reservoirs = window.reservoirs();
        for (var reservoir = 1; reservoir < reservoirs.end(); reservoir++) {
            if (reservoirs.taken(reservoir)) {
                visitReservoir(reservoir);
            }
        }
        into.lightHosts(Math.max(0, window.hosts() - into.size()));
        evictLeft = window.limits().hosts().shortage();
        evictBelow = evictLeft == 0 ? 0 : binHolding(slotBins, evictLeft);
        demoteLeft = window.limits().rings().shortage();
        demoteBelow = demoteLeft == 0 ? 0 : binHolding(ringBins, demoteLeft);
        ringFloor = demoteBelow == 0 ? 0 : 1L << demoteBelow - 1;
        listFrom = binOfHeaviest(slotBins, LISTED);
    }

    private void visitReservoir(int reservoir) {
        var reservoirs = window.reservoirs();
        var high = reservoirs.high(reservoir);
        var low = reservoirs.low(reservoir);
        var at = window.table().find(high, low);
        if (at == HostTable.ABSENT) {
            reservoirs.release(reservoir);
            return;
        }
        var group = group(high, low);
        if (group >= 0 && isNear(HostWindow.ringOf(window.table().state(at)), group)) {
            into.addSample(high, low, reservoirs.copy(reservoir));
        } else {
            window.unsample(at);
        }
    }

    private boolean isNear(int owned, int group) {
        var floors = floors().sampling();
        var row = into.append(window.rings(), owned, now);
        var near = false;
        for (var counter = 0; counter < Metric.COUNTERS && !near; counter++) {
            near = into.sum(row, counter) > floors[group * Metric.COUNTERS + counter];
        }
        into.dropLast();
        return near;
    }

    /** The bin below which the lightest {@code wanted} are, as far as one bin more or less can say. */
    private static int binHolding(int[] bins, int wanted) {
        var held = 0;
        for (var bin = 0; bin < BINS; bin++) {
            held += bins[bin];
            if (held >= wanted) {
                return bin + 1;
            }
        }
        return BINS;
    }

    /** The bin from which on there are no more than {@code most}. */
    private static int binOfHeaviest(int[] bins, int most) {
        var held = 0;
        for (var bin = BINS - 1; bin >= 0; bin--) {
            held += bins[bin];
            if (held > most) {
                return Math.min(BINS - 1, bin + 1);
            }
        }
        return 0;
    }

    private static int bin(long volume) {
        return volume <= 0 ? 0 : Math.min(BINS - 1, 64 - Long.numberOfLeadingZeros(volume));
    }
}
