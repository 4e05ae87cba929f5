package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;
import java.util.List;

/**
 * One walk over a {@link HostWindow} for a tick: forgets idle hosts, makes room where there is little, and adds up the
 * rest. Done in steps, so that the worker reads its socket in between. Owned by the window's thread.
 */
final class WindowPass {
    private static final int BINS = 64;

    private final HostWindow window;
    private final int[] slotBins = new int[BINS];
    private final int[] ringBins = new int[BINS];
    private HostSums into = new HostSums();
    private WindowPlan plan;
    private boolean outgoing;
    private boolean checkNetworks;
    private boolean aged;
    private long now;
    private long lastAged = -1;
    private int slot = -1;
    private int slotCapacity;
    private int ring = -1;
    private int evictBelow;
    private int demoteBelow;
    private int evictLeft;
    private int demoteLeft;
    private long ringFloor;

    WindowPass(HostWindow window) {
        this.window = window;
        this.plan = new WindowPlan(PrefixTable.of(List.of()), 1, 0, new long[0], new long[0], new boolean[0]);
    }

    /** Volume a host without a ring needs to get one; 0 while rings are plenty. */
    long ringFloor() {
        return ringFloor;
    }

    /**
     * Starts a walk.
     *
     * @param checkNetworks true after a change of policy: hosts that are not judged any more are forgotten
     */
    void begin(HostSums into, WindowPlan plan, boolean outgoing, boolean checkNetworks, long now) {
        this.into = into;
        this.plan = plan;
        this.outgoing = outgoing;
        this.checkNetworks = checkNetworks;
        this.now = now;
        into.clear(window.rings().seconds());
        aged = now != lastAged;
        lastAged = now;
        slotCapacity = window.index().capacity();
        slot = slotCapacity - 1;
        ring = 1;
        Arrays.fill(slotBins, 0);
        Arrays.fill(ringBins, 0);
    }

    /** Does about {@code work} slots' worth; true when the walk is over. */
    boolean step(int work) {
        // A table that grew in between has its hosts elsewhere: the rest of the slots wait for the next walk.
        if (window.index().capacity() != slotCapacity) {
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

    private void visitSlot() {
        var index = window.index();
        var state = index.state(slot);
        if (state == 0) {
            return;
        }
        if (now - HostWindow.secondOf(state) > window.rings().seconds()
                || checkNetworks && !judged(index.high(slot), index.low(slot))) {
            window.remove(slot);
            return;
        }
        if (HostWindow.ringOf(state) != RateRings.NO_RING) {
            return;
        }
        var volume = index.volume(slot);
        if (evictLeft > 0 && bin(volume) < evictBelow) {
            evictLeft--;
            window.remove(slot);
            return;
        }
        slotBins[bin(volume)]++;
        if (aged) {
            index.volume(slot, volume - volume / Math.max(2, window.rings().seconds()));
        }
    }

    private boolean judged(long high, long low) {
        var group = plan.networks().lookup(high, low);
        return group >= 0 && (!outgoing || plan.judgesOutgoing()[group]);
    }

    private void visitRing() {
        var rings = window.rings();
        if (!rings.owned(ring)) {
            return;
        }
        var row = into.append(rings, ring, now);
        var packets = into.sum(row, Metric.PPS.counter());
        if (demoteLeft > 0 && bin(packets) < demoteBelow) {
            var at = window.index().find(rings.high(ring), rings.low(ring));
            if (at != HostIndex.ABSENT && HostWindow.reservoirOf(window.index().state(at)) == Reservoirs.NONE) {
                into.dropLast();
                window.demote(at, packets);
                demoteLeft--;
                return;
            }
        }
        ringBins[bin(packets)]++;
    }

    private void finish() {
        var reservoirs = window.reservoirs();
        for (var reservoir = 1; reservoir <= Reservoirs.HOSTS; reservoir++) {
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
    }

    private void visitReservoir(int reservoir) {
        var rings = window.rings();
        var reservoirs = window.reservoirs();
        var high = reservoirs.high(reservoir);
        var low = reservoirs.low(reservoir);
        var at = window.index().find(high, low);
        var group = plan.networks().lookup(high, low);
        if (at == HostIndex.ABSENT || group < 0) {
            window.unsample(reservoir);
            return;
        }
        var floors = outgoing ? plan.outgoingFloors() : plan.incomingFloors();
        var row = into.append(rings, HostWindow.ringOf(window.index().state(at)), now);
        var near = false;
        for (var counter = 0; counter < Metric.COUNTERS && !near; counter++) {
            near = into.sum(row, counter) > floors[group * Metric.COUNTERS + counter];
        }
        into.dropLast();
        if (near) {
            into.addSample(high, low, reservoirs.copy(reservoir));
        } else {
            window.unsample(reservoir);
        }
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

    private static int bin(long volume) {
        return volume <= 0 ? 0 : Math.min(BINS - 1, 64 - Long.numberOfLeadingZeros(volume));
    }
}
