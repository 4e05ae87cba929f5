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
    private boolean planIsNew;
    private long maskV4;
    private long maskHigh;
    private long maskLow;
    private long second;

    /**
     * A window without hosts.
     *
     * @param limits bounds shared with the other workers
     */
    public FlowWindow(WindowLimits limits, WindowPlan plan, long seed) {
        incoming = new HostWindow(limits.incoming(), plan.seconds(), seed, HostSample.FIELDS);
        outgoing = new HostWindow(limits.outgoing(), plan.seconds(), ~seed, HostSample.FIELDS);
        prefixes = new HostWindow(limits.prefixes(), plan.seconds(), seed, HostSample.FIELDS_WITH_HOST);
        totals = new HostWindow(limits.totals(), plan.seconds(), seed, HostSample.FIELDS_WITH_HOST);
        totalsOutgoing = new HostWindow(limits.totals(), plan.seconds(), ~seed, HostSample.FIELDS_WITH_HOST);
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
        planIsNew = true;
        adopt(newPlan);
        all.forEach(window -> window.resize(newPlan.seconds()));
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
        incoming.now(millis);
        outgoing.now(millis);
        prefixes.now(millis);
        totals.now(millis);
        totalsOutgoing.now(millis);
    }

    @Override
    public void accept(FlowRecord flow) {
        var networks = plan.networks();
        var group = networks.lookup(flow.destinationHigh, flow.destinationLow);
        if (group >= 0 && flow.incomingCounts) {
            incoming.add(
                    flow.destinationHigh,
                    flow.destinationLow,
                    flow.sourceHigh,
                    flow.sourceLow,
                    flow,
                    plan.incoming(),
                    group);
            if (sums && plan.summed()[group]) {
                totals.add(0, group + 1, flow.sourceHigh, flow.sourceLow, flow, plan.totals(), group);
            }
            var carpet = plan.carpet();
            if (carpet != null) {
                var v4 = IpBits.isV4(flow.destinationHigh, flow.destinationLow);
                prefixes.add(
                        v4 ? 0 : flow.destinationHigh & maskHigh,
                        flow.destinationLow & (v4 ? maskV4 : maskLow),
                        flow.sourceHigh,
                        flow.sourceLow,
                        flow,
                        carpet.floors(),
                        0);
            }
        }
        if (judgesOutgoing && flow.outgoingCounts) {
            var from = networks.lookup(flow.sourceHigh, flow.sourceLow);
            if (from >= 0 && plan.judgesOutgoing()[from]) {
                outgoing.add(
                        flow.sourceHigh,
                        flow.sourceLow,
                        flow.destinationHigh,
                        flow.destinationLow,
                        flow,
                        plan.outgoing(),
                        from);
                if (sums && plan.summed()[from]) {
                    totalsOutgoing.add(
                            0, from + 1, flow.destinationHigh, flow.destinationLow, flow, plan.totals(), from);
                }
            }
        }
    }

    /** Starts a walk over all hosts at the time last set by {@link #now}. */
    public void begin(WindowSums into) {
        incoming.pass().begin(into.incoming(), WindowPass.Kind.INCOMING, plan, planIsNew, second);
        outgoing.pass().begin(into.outgoing(), WindowPass.Kind.OUTGOING, plan, planIsNew, second);
        prefixes.pass().begin(into.prefixes(), WindowPass.Kind.PREFIXES, plan, planIsNew, second);
        totals.pass().begin(into.totals(), WindowPass.Kind.TOTALS, plan, planIsNew, second);
        totalsOutgoing.pass().begin(into.totalsOutgoing(), WindowPass.Kind.TOTALS, plan, planIsNew, second);
        planIsNew = false;
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

    /** Sums up what is sampled, and nothing else: what is near a limit already. Without samples. */
    public void glance(WindowSums into) {
        into.clear(plan.seconds());
        incoming.pass().glance(into.incoming(), second);
        outgoing.pass().glance(into.outgoing(), second);
        prefixes.pass().glance(into.prefixes(), second);
        totals.pass().glance(into.totals(), second);
        totalsOutgoing.pass().glance(into.totalsOutgoing(), second);
    }

    /** Records not counted because the table was full, since the last call. */
    public long drainRefusedHosts() {
        return all.stream().mapToLong(HostWindow::drainRefusedHosts).sum();
    }

    /** Hosts forgotten to make room for heavier ones, since the last call. */
    public long drainEvictedHosts() {
        return all.stream().mapToLong(HostWindow::drainEvictedHosts).sum();
    }

    /** Times a host near a threshold got no sample because all were in use, since the last call. */
    public long drainRefusedSamples() {
        return all.stream().mapToLong(HostWindow::drainRefusedSamples).sum();
    }
}
