package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/**
 * Flows that lasted a second or more. A record says that packets came at some even rate over its time, which ends at its
 * arrival. That rate is booked in the seconds of the window it lay in, and, where the flow lasted longer than the window,
 * goes on for the rest of its length: an exporter that reports once a minute reports the next minute's part of the flow
 * only when that minute is over. So one record never shows a higher rate than the flow had, and many that overlap show
 * their sum, neither a sixtieth of it nor sixty times as much.
 */
final class LongFlows {
    private LongFlows() {}

    static void spread(
            RateRings rings, int ring, long second, FlowRecord flow, long flows, long packets, long bytes) {
        var end = flow.arrivalMillis;
        var duration = flow.durationMillis;
        var start = end - duration;
        var last = end / 1000;
        if (last > second) {
            return;
        }
        if (duration < 1000) {
            // A record that waited for its template is booked when it came.
            if (last >= second - rings.seconds()) {
                rings.add(ring, last, flow, flows, packets, bytes);
            }
            return;
        }
        var first = Math.max(start / 1000, second - rings.seconds());
        for (var at = first; at <= last; at++) {
            var from = (double) (Math.max(start, at * 1000) - start) / duration;
            var to = (double) (Math.min(end, at * 1000 + 1000) - start) / duration;
            // Differences of rounded running totals: the parts add up to the whole.
            var partPackets = (long) (packets * to) - (long) (packets * from);
            var partBytes = (long) (bytes * to) - (long) (bytes * from);
            rings.add(ring, at, flow, at == last ? flows : 0, partPackets, partBytes);
        }
        var left = duration / 1000 - rings.seconds() - 1;
        if (left > 0) {
            var perSecond = 1000.0 / duration;
            rings.continueFlow(ring, second, left, flow, packets * perSecond, bytes * perSecond);
        }
    }
}
