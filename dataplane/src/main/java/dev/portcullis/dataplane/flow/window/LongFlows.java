package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/**
 * Flows that lasted two seconds or more. An exporter reports such a flow once a minute, or when it ends: what goes on now it
 * will report later. So a record's packets are booked in the seconds that follow it, evenly and for as long as the flow
 * lasted. One record then never shows a higher rate than the flow had, and many that overlap show their sum; booked where
 * they truly lay, most would be in seconds that have left the window, and booked where they arrive they would be a burst.
 */
final class LongFlows {
    /** Flows shorter than this are booked when they are reported, in milliseconds. */
    static final long SHORTEST = 2000;

    private LongFlows() {}

    static void book(RateRings rings, int ring, long second, FlowRecord flow) {
        // A record that waited for its template is booked when it came.
        var arrival = Math.min(second, flow.arrivalMillis / 1000);
        if (arrival < second - rings.seconds()) {
            return;
        }
        var duration = flow.durationMillis / 1000;
        if (flow.durationMillis < SHORTEST || !rings.continueFlow(ring, second, duration, flow)) {
            rings.add(ring, arrival, flow, flow.realPackets, flow.realBytes);
        } else {
            rings.add(ring, arrival, flow, 0, 0);
        }
    }
}
