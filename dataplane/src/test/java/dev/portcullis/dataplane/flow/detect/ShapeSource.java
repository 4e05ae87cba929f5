package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.Scenario.Shape;
import dev.portcullis.dataplane.flow.window.Cidr;
import java.util.Random;
import java.util.function.BiConsumer;

/** Makes the flow records of one {@link Shape} as a virtual clock goes on. */
final class ShapeSource {
    private static final int RECORDS = 200;

    private final Shape shape;
    private final Random random;
    private final Cidr to;
    private final Cidr from;
    private final long start;
    private final long end;
    private final boolean v6;
    private final FlowRecord flow = new FlowRecord();
    private final long[] flowReported;
    private double due;
    private int turn;

    ShapeSource(Shape shape, long runMillis, long seed) {
        this.shape = shape;
        this.random = new Random(seed);
        this.to = Cidr.parse(shape.to());
        this.v6 = !IpBits.isV4(to.high(), to.low());
        this.from = Cidr.parse(shape.from() != null ? shape.from() : v6 ? "2001:db8:ffff::/48" : "100.64.0.0/10");
        this.start = shape.start() == null ? 0 : shape.start().millis();
        this.end = shape.end() == null ? runMillis : shape.end().millis();
        this.flowReported = new long[shape.flows() == null ? 1 : shape.flows()];
    }

    /** What comes between {@code before} and {@code now}, both in milliseconds of the scenario, each record to the worker of a number, in turn. */
    void emit(long before, long now, long originMillis, BiConsumer<Integer, FlowRecord> sink) {
        var length = shape.flow();
        if (length != null) {
            emitLong(length.millis(), now, originMillis, sink);
            return;
        }
        if (now <= start
                || before >= end
                || shape.pulse() != null && (now - start) / shape.pulse().millis() % 2 == 1) {
            return;
        }
        var seconds = (Math.min(now, end) - Math.max(before, start)) / 1000.0;
        var pps = rateAt(now);
        var sampling = shape.sampling() == null ? 1 : shape.sampling();
        var perSecond = shape.records() == null && sampling > 1
                ? pps / sampling
                : Math.min(pps, shape.records() == null ? RECORDS : shape.records());
        due += perSecond * seconds;
        while (due >= 1 && perSecond > 0) {
            due--;
            var packets = shape.records() == null && sampling > 1 ? 1 : pps / perSecond / sampling;
            record(Math.max(1, Math.round(packets)), sampling, 0, originMillis + now, sink);
        }
    }

    /** Each flow is reported once a timeout, and when it ends. */
    private void emitLong(long timeout, long now, long originMillis, BiConsumer<Integer, FlowRecord> sink) {
        for (var each = 0; each < flowReported.length; each++) {
            var begun = Boolean.TRUE.equals(shape.together()) ? start : start + timeout * each / flowReported.length;
            var last = Math.max(flowReported[each], begun);
            var until = Math.min(now, end);
            if (now <= begun || last >= end || until - last < timeout && until < end) {
                continue;
            }
            var length = Math.min(timeout, until - last);
            flowReported[each] = last + length;
            var packets = Math.round(rateAt(last + length / 2) / flowReported.length * length / 1000.0);
            if (packets > 0) {
                record(packets, 1, length, originMillis + now, sink);
            }
        }
    }

    private double rateAt(long now) {
        var part = end == start ? 0 : Math.clamp((now - start) / (double) (end - start), 0, 1);
        return shape.pps().first() + (shape.pps().last() - shape.pps().first()) * part;
    }

    private void record(long packets, int sampling, long duration, long arrival, BiConsumer<Integer, FlowRecord> sink) {
        var host = shape.hosts() == null ? 0 : turn % shape.hosts();
        flow.destinationHigh = to.high();
        flow.destinationLow = to.low() + host;
        flow.sourceHigh = from.high();
        flow.sourceLow = from.low() + spread(from);
        flow.packets = packets;
        flow.bytes = packets * (shape.bytes() == null ? shape.kind().bytes() : shape.bytes());
        flow.samplingRate = sampling;
        flow.arrivalMillis = arrival;
        flow.durationMillis = duration;
        flow.protocol = "sflow".equals(shape.protocol()) ? Protocol.SFLOW5 : Protocol.NETFLOW9;
        shape.kind().fill(flow, v6, random);
        sink.accept(shape.worker() == null ? turn : shape.worker(), flow);
        turn++;
    }

    private long spread(Cidr prefix) {
        var bits = Math.min(16, 128 - prefix.length());
        return bits == 0 ? 0 : random.nextInt(1 << bits);
    }
}
