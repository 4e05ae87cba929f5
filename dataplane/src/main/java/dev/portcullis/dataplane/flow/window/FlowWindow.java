package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.FlowSink;
import dev.portcullis.dataplane.flow.decode.IpBits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one worker counted: towards protected hosts and, where those are judged, from them, towards whole prefixes, and of
 * whole groups.
 *
 * <p>Memory model: every method but the constructor runs on the worker's own thread, so counters are plain longs without
 * fences. The tick never reads them. It asks the worker for a walk ({@link #begin}, {@link #step}), which the worker does
 * between datagrams into a {@link WindowSums} that it then hands over through the executor that carried the request; that
 * hand-over is the happens-before edge. The next walk fills another one, so neither waits for the other.
 */
public final class FlowWindow implements FlowSink {
    private final HostWindow incoming;
    private final HostWindow outgoing;
    private final HostWindow prefixes;
    private final HostWindow totals;
    private final HostWindow totalsOutgoing;
    private final List<HostWindow> all;
    private WindowPlan plan;
    private boolean judgesOutgoing;
    private boolean sums;
    private long maskV4;
    private long maskHigh;
    private long maskLow;
    private long second;
    private long alone;

    /**
     * A window without hosts.
     *
     * @param limits bounds shared with the other workers
     */
    public FlowWindow(WindowLimits limits, WindowPlan plan, long seed) {
        var slabs = new Slabs();
        incoming = new HostWindow(HostWindow.Kind.INCOMING, false, limits.incoming(), slabs, plan, seed);
        outgoing = new HostWindow(HostWindow.Kind.OUTGOING, true, limits.outgoing(), slabs, plan, ~seed);
        prefixes = new HostWindow(HostWindow.Kind.PREFIXES, false, limits.prefixes(), slabs, plan, seed);
        totals = new HostWindow(HostWindow.Kind.TOTALS, false, limits.totals(), slabs, plan, seed);
        totalsOutgoing = new HostWindow(HostWindow.Kind.TOTALS, true, limits.totals(), slabs, plan, ~seed);
        all = List.of(incoming, outgoing, prefixes, totals, totalsOutgoing);
        this.plan = plan;
        adopt(plan);
    }

    /** Puts another plan in force. Counters of hosts that stay protected are kept. */
    public void apply(WindowPlan newPlan) {
        // Their keys mean something else now.
        if (!newPlan.groups().equals(plan.groups())) {
            totals.clear();
            totalsOutgoing.clear();
        }
        if (!sameLengths(newPlan.carpet(), plan.carpet())) {
            prefixes.clear();
        }
        plan = newPlan;
        adopt(newPlan);
        all.forEach(window -> window.apply(newPlan));
    }

    private static boolean sameLengths(WindowPlan.@Nullable Carpet one, WindowPlan.@Nullable Carpet other) {
        return one != null && other != null && one.lengthV4() == other.lengthV4() && one.lengthV6() == other.lengthV6();
    }

    private void adopt(WindowPlan newPlan) {
        judgesOutgoing = newPlan.anyOutgoing();
        sums = newPlan.anySummed();
        var carpet = newPlan.carpet();
        if (carpet != null) {
            maskV4 = -1L << 32 - carpet.lengthV4();
            var length = carpet.lengthV6();
            maskHigh = length >= 64 ? -1L : -1L << 64 - length;
            maskLow = length <= 64 ? 0 : -1L << 128 - length;
        }
    }

    /** Sets the time, in monotonic milliseconds, at which the next records arrive. */
    public void now(long millis) {
        second = millis / 1000;
        // Decisions fall on the beginning of a second, which holds nothing yet; what one alone held is then in the
        // last.
        alone = millis % 1000 < 500 ? second - 1 : second;
        incoming.now(millis);
        outgoing.now(millis);
        prefixes.now(millis);
        totals.now(millis);
        totalsOutgoing.now(millis);
    }

    /**
     * Counts records in three turns, each a small loop. The first finds out which are of a protected host and where its slot
     * would be, the second only reads there: a slot among a million is in no cache, and reads that do not wait for one another
     * take little longer than one of them, as many as the processor can see at once. The third counts.
     */
    @Override
    public void accept(FlowRecord[] flows, int count) {
        FlowRecord.correct(flows, count);
        var carpet = plan.carpet() != null;
        var towards = towards(flows, count);
        var from = judgesOutgoing ? from(flows, count) : 0;
        incoming.touch(towards);
        if (carpet) {
            locatePrefixes(flows, towards);
            prefixes.touch(towards);
        }
        outgoing.touch(from);
        for (; towards != 0; towards &= towards - 1) {
            var i = Long.numberOfTrailingZeros(towards);
            countTowards(i, flows[i], carpet);
        }
        for (; from != 0; from &= from - 1) {
            var i = Long.numberOfTrailingZeros(from);
            countFrom(i, flows[i]);
        }
    }

    /** A bit for each record towards what may be a protected host. */
    private long towards(FlowRecord[] flows, int count) {
        var networks = plan.networks();
        var records = 0L;
        for (var i = 0; i < count; i++) {
            var flow = flows[i];
            if (flow.incomingCounts && networks.mayHold(flow.destinationHigh, flow.destinationLow)) {
                records |= 1L << i;
                incoming.locate(i, flow.destinationHigh, flow.destinationLow);
            }
        }
        return records;
    }

    /** A bit for each record from what may be a protected host. */
    private long from(FlowRecord[] flows, int count) {
        var networks = plan.networks();
        var records = 0L;
        for (var i = 0; i < count; i++) {
            var flow = flows[i];
            if (flow.outgoingCounts && networks.mayHold(flow.sourceHigh, flow.sourceLow)) {
                records |= 1L << i;
                outgoing.locate(i, flow.sourceHigh, flow.sourceLow);
            }
        }
        return records;
    }

    private void locatePrefixes(FlowRecord[] flows, long records) {
        for (var left = records; left != 0; left &= left - 1) {
            var i = Long.numberOfTrailingZeros(left);
            prefixes.locate(i, prefixHigh(flows[i]), prefixLow(flows[i]));
        }
    }

    private void countTowards(int record, FlowRecord flow, boolean carpet) {
        var group = incoming.add(record, flow.destinationHigh, flow.destinationLow, flow);
        if (group < 0) {
            return;
        }
        if (sums && plan.summed()[group]) {
            totals.locate(record, 0, group + 1);
            totals.add(record, 0, group + 1, flow);
        }
        if (carpet) {
            prefixes.add(record, prefixHigh(flow), prefixLow(flow), flow);
        }
    }

    private void countFrom(int record, FlowRecord flow) {
        var group = outgoing.add(record, flow.sourceHigh, flow.sourceLow, flow);
        if (group >= 0 && sums && plan.summed()[group]) {
            totalsOutgoing.locate(record, 0, group + 1);
            totalsOutgoing.add(record, 0, group + 1, flow);
        }
    }

    private long prefixHigh(FlowRecord flow) {
        return IpBits.isV4(flow.destinationHigh, flow.destinationLow) ? 0 : flow.destinationHigh & maskHigh;
    }

    private long prefixLow(FlowRecord flow) {
        return flow.destinationLow & (IpBits.isV4(flow.destinationHigh, flow.destinationLow) ? maskV4 : maskLow);
    }

    /** Starts a walk over all hosts at the time last set by {@link #now}. */
    public void begin(WindowSums into) {
        incoming.pass().begin(into.incoming(), second, alone);
        outgoing.pass().begin(into.outgoing(), second, alone);
        prefixes.pass().begin(into.prefixes(), second, alone);
        totals.pass().begin(into.totals(), second, alone);
        totalsOutgoing.pass().begin(into.totalsOutgoing(), second, alone);
    }

    /** Walks about {@code slots} hosts further; true when all are done and the sums are complete. */
    public boolean step(int slots) {
        for (var window : all) {
            if (!window.pass().step(slots)) {
                return false;
            }
        }
        return true;
    }

    /** Whether anything is near a limit, and so sampled: what {@link #glance} would look at. */
    public boolean samples() {
        for (var window : all) {
            if (window.hosts().reservoirs().count() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Sums up what is sampled, and nothing else: what is near a limit already. Without samples. */
    public void glance(WindowSums into) {
        into.clear(plan.seconds());
        incoming.pass().glance(into.incoming(), second, alone);
        outgoing.pass().glance(into.outgoing(), second, alone);
        prefixes.pass().glance(into.prefixes(), second, alone);
        totals.pass().glance(into.totals(), second, alone);
        totalsOutgoing.pass().glance(into.totalsOutgoing(), second, alone);
    }

    /** Records not counted because the table was full, since the last call. */
    public long drainRefusedHosts() {
        return all.stream()
                .mapToLong(window -> window.hosts().drainRefusedHosts())
                .sum();
    }

    /** Hosts forgotten to make room for heavier ones, since the last call. */
    public long drainEvictedHosts() {
        return all.stream()
                .mapToLong(window -> window.hosts().drainEvictedHosts())
                .sum();
    }

    /** Times a host near a threshold got no sample because all were in use, since the last call. */
    public long drainRefusedSamples() {
        return all.stream()
                .mapToLong(window -> window.hosts().drainRefusedSamples())
                .sum();
    }
}
