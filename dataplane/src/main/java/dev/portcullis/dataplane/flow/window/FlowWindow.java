package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.FlowSink;

/**
 * What one worker counted: towards protected hosts and, where that is judged, from them.
 *
 * <p>Memory model: every method but the constructor runs on the worker's own thread, so counters are plain longs without
 * fences. The tick never reads them. It asks the worker for a walk ({@link #begin}, {@link #step}), which the worker does
 * between datagrams into a {@link HostSums} that it then hands over through the executor that carried the request; that
 * hand-over is the happens-before edge. The next walk fills another {@link HostSums}, so neither waits for the other.
 */
public final class FlowWindow implements FlowSink {
    private final HostWindow incoming;
    private final HostWindow outgoing;
    private WindowPlan plan;
    private boolean judgesOutgoing;
    private boolean planIsNew;
    private long second;

    /**
     * A window without hosts.
     *
     * @param incoming bounds shared with the other workers
     * @param outgoing the same for the other direction
     */
    public FlowWindow(WindowLimits incoming, WindowLimits outgoing, WindowPlan plan, long seed) {
        this.incoming = new HostWindow(incoming, plan.seconds(), seed);
        this.outgoing = new HostWindow(outgoing, plan.seconds(), ~seed);
        this.plan = plan;
        this.judgesOutgoing = plan.anyOutgoing();
    }

    /** Puts another plan in force. Counters of hosts that stay protected are kept. */
    public void apply(WindowPlan newPlan) {
        plan = newPlan;
        judgesOutgoing = newPlan.anyOutgoing();
        planIsNew = true;
        incoming.resize(newPlan.seconds());
        outgoing.resize(newPlan.seconds());
    }

    /** Sets the time, in monotonic milliseconds, at which the next records arrive. */
    public void now(long millis) {
        second = millis / 1000;
        incoming.now(millis);
        outgoing.now(millis);
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
                    plan.incomingFloors(),
                    group * Metric.COUNTERS);
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
                        plan.outgoingFloors(),
                        from * Metric.COUNTERS);
            }
        }
    }

    /** Starts a walk over all hosts at the time last set by {@link #now}. */
    public void begin(HostSums incomingSums, HostSums outgoingSums) {
        incoming.pass().begin(incomingSums, plan, false, planIsNew, second);
        outgoing.pass().begin(outgoingSums, plan, true, planIsNew, second);
        planIsNew = false;
    }

    /** Walks about {@code slots} hosts further; true when all are done and the sums are complete. */
    public boolean step(int slots) {
        return incoming.pass().step(slots) && outgoing.pass().step(slots);
    }

    /** Records not counted because the table was full, since the last call. */
    public long drainRefusedHosts() {
        return incoming.drainRefusedHosts() + outgoing.drainRefusedHosts();
    }

    /** Times a host near a threshold got no sample because all were in use, since the last call. */
    public long drainRefusedSamples() {
        return incoming.drainRefusedSamples() + outgoing.drainRefusedSamples();
    }
}
