package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;

/**
 * One walk over a {@link HostWindow} for a tick: forgets idle hosts, takes rings back where there are few, and adds up
 * the rest. Done in steps, so that the worker reads its socket in between. Owned by the window's thread.
 */
final class WindowPass {
    /** Hosts without exact counters that get a row all the same, the heaviest by packets. */
    static final int LISTED = 16_384;

    private static final int BINS = 64;

    private final HostWindow window;
    private final TrackedHosts hosts;
    private final int[] slotBins = new int[BINS];
    private final int[] ringBins = new int[BINS];
    private HostSums into = new HostSums();
    private long now;
    private long alone;
    private int segment = -1;
    private int ring = -1;
    private int listed;
    private int listFrom;
    private int listBelow;
    private int heavierListed;
    private int demoteBelow;
    private int demoteLeft;
    private long ringFloor;

    WindowPass(HostWindow window, TrackedHosts hosts) {
        this.window = window;
        this.hosts = hosts;
    }

    /** Packets a host without a ring needs to get one; 0 while rings are plenty. */
    long ringFloor() {
        return ringFloor;
    }

    /**
     * Starts a walk.
     *
     * @param alone the second that is judged by itself, the present one or the one before
     */
    void begin(HostSums into, long now, long alone) {
        this.into = into;
        this.now = now;
        this.alone = alone;
        into.clear(hosts.rings().seconds());
        into.count().begin(hosts.size());
        listed = 0;
        listBelow = Math.max(0, LISTED - heavierListed);
        segment = HostTable.SEGMENTS - 1;
        ring = 1;
        Arrays.fill(slotBins, 0);
        Arrays.fill(ringBins, 0);
    }

    /** Does about {@code work} slots' worth, whole segments of the table; true when the walk is over. */
    boolean step(int work) {
        var left = work;
        while (segment >= 0 && left > 0) {
            left -= visitSegment(segment);
            segment--;
        }
        while (segment < 0 && ring >= 0 && ring < hosts.rings().end() && left > 0) {
            visitRing();
            ring++;
            left -= 4;
        }
        if (segment >= 0 || ring >= 0 && ring < hosts.rings().end()) {
            return false;
        }
        if (ring >= 0) {
            finish();
            ring = -1;
        }
        return true;
    }

    void abandon() {
        segment = -1;
        ring = -1;
    }

    /** Adds up what is sampled now, beside any walk. */
    void glance(HostSums sampled, long second, long alone) {
        var reservoirs = hosts.reservoirs();
        for (var reservoir = 1; reservoir < reservoirs.end(); reservoir++) {
            if (reservoirs.taken(reservoir)) {
                var high = reservoirs.high(reservoir);
                var low = reservoirs.low(reservoir);
                var at = hosts.table().find(high, low);
                if (at != HostTable.ABSENT && window.judges(high, low)) {
                    var owned = hosts.ring(at);
                    hosts.rings().advance(owned, second);
                    sampled.append(hosts.rings(), owned, second, alone);
                }
            }
        }
    }

    private int visitSegment(int number) {
        window.regroup(number);
        var table = hosts.table();
        if (table.size(number) == 0) {
            return 1;
        }
        var slots = table.slots(number);
        var last = table.lastSlot(number);
        for (var slot = last; slot > last - slots; slot--) {
            if (SlotState.isLight(table.state(slot))) {
                visitSlot(table, slot);
            }
        }
        if (into.count().wants(number)) {
            count(table, number);
        }
        return slots;
    }

    private void count(HostTable table, int number) {
        var last = table.lastSlot(number);
        for (var slot = last; slot > last - table.slots(number); slot--) {
            if (table.state(slot) != 0) {
                into.count().add(table.hash(table.high(slot), table.low(slot)));
            }
        }
    }

    private void visitSlot(HostTable table, int slot) {
        if (now - hosts.lastSecond(slot) > hosts.rings().seconds()) {
            hosts.remove(slot);
            return;
        }
        var present = table.word(slot, HostTable.PRESENT);
        var before = table.word(slot, HostTable.BEFORE);
        var packets = estimate(slot, Light.lower(present), Light.lower(before));
        var bin = bin(packets);
        slotBins[bin]++;
        if (listed < LISTED && (bin >= listFrom || bin == listFrom - 1 && listBelow-- > 0)) {
            listed++;
            var bytes = table.word(slot, HostTable.BYTES);
            into.append(
                    table.high(slot),
                    table.low(slot),
                    estimate(slot, Light.upper(present), Light.upper(before)),
                    packets,
                    estimate(slot, Light.presentBytes(bytes), Light.bytesBefore(bytes)));
        }
    }

    /** What the window holds of one of a light host's counters, about. */
    private long estimate(int slot, long present, long before) {
        var last = hosts.lastSecond(slot);
        var seconds = hosts.rings().seconds();
        if (last >= window.blockStart()) {
            return Light.estimate(present, before, window.past(), seconds);
        }
        return last >= window.blockStart() - seconds ? Light.estimate(0, present, window.past(), seconds) : 0;
    }

    private void visitRing() {
        var rings = hosts.rings();
        if (!rings.owned(ring)) {
            return;
        }
        var goesOn = rings.advance(ring, now);
        var row = into.append(rings, ring, now, alone);
        var packets = into.sum(row, Metric.PPS.counter());
        var table = hosts.table();
        var at = table.find(rings.high(ring), rings.low(ring));
        if (at == HostTable.ABSENT) {
            into.dropLast();
            return;
        }
        if (hosts.reservoir(at) == Reservoirs.REFUSED) {
            // It may ask again: another may be free by now.
            hosts.unsample(at);
        }
        var sampled = hosts.reservoir(at) != Reservoirs.NONE;
        var light = !goesOn && !sampled && isLight(row, hosts.group(at));
        if (light || demoteLeft > 0 && !sampled && bin(packets) < demoteBelow) {
            if (!light) {
                demoteLeft--;
            }
            var flows = into.sum(row, Metric.FLOWS_PER_SEC.counter());
            var bytes = into.sum(row, Metric.MBPS.counter());
            if (packets == 0 && flows == 0) {
                into.dropLast();
                hosts.remove(at);
            } else {
                hosts.demote(at, flows, packets, bytes);
            }
            return;
        }
        ringBins[bin(packets)]++;
    }

    /** True where a host is so far below what makes it heavy that it need not be: a quarter of it. */
    private boolean isLight(int row, int group) {
        return !window.floors()
                .mayMatter(
                        4 * into.sum(row, Metric.FLOWS_PER_SEC.counter()),
                        4 * into.sum(row, Metric.PPS.counter()),
                        4 * into.sum(row, Metric.MBPS.counter()),
                        group);
    }

    private void finish() {
        var reservoirs = hosts.reservoirs();
        for (var reservoir = 1; reservoir < reservoirs.end(); reservoir++) {
            if (reservoirs.taken(reservoir)) {
                visitReservoir(reservoir);
            }
        }
        into.count().end(hosts.size(), into.size());
        demoteLeft = hosts.ringShortage();
        demoteBelow = demoteLeft == 0 ? 0 : binHolding(ringBins, demoteLeft);
        ringFloor = demoteBelow == 0 ? 0 : 1L << demoteBelow - 1;
        listHeaviest();
    }

    private void visitReservoir(int reservoir) {
        var reservoirs = hosts.reservoirs();
        var high = reservoirs.high(reservoir);
        var low = reservoirs.low(reservoir);
        var at = hosts.table().find(high, low);
        if (at == HostTable.ABSENT) {
            reservoirs.release(reservoir);
            return;
        }
        if (isNear(hosts.ring(at), hosts.group(at))) {
            into.addSample(high, low, reservoirs.copy(reservoir));
        } else {
            hosts.unsample(at);
        }
    }

    private boolean isNear(int owned, int group) {
        var floors = window.floors().sampling();
        var row = into.append(hosts.rings(), owned, now, alone);
        var near = false;
        for (var counter = 0; counter < Metric.COUNTERS && !near; counter++) {
            near = into.sum(row, counter) > floors[group * Metric.COUNTERS + counter];
        }
        into.dropLast();
        return near || window.goesOnNear(owned, group);
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

    /** Whole bins that are listed next time, heaviest first, and how much room they leave for hosts of the one below. */
    private void listHeaviest() {
        var held = 0;
        var bin = BINS;
        while (bin > 0 && held + slotBins[bin - 1] <= LISTED) {
            bin--;
            held += slotBins[bin];
        }
        listFrom = bin;
        heavierListed = held;
    }

    private static int bin(long volume) {
        return volume <= 0 ? 0 : Math.min(BINS - 1, 64 - Long.numberOfLeadingZeros(volume));
    }
}
