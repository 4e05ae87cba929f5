package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** One exporter in the {@link ExporterTable}, with its metric label and counters. Any thread. */
final class ExporterSource {
    private static final int PROTOCOLS = Protocol.values().length;

    private final Exporter exporter;
    private final FlowMetrics metrics;
    private volatile String label = ExporterLabels.OTHER;
    private volatile AtomicReferenceArray<CounterDataPoint> packets = new AtomicReferenceArray<>(PROTOCOLS);
    private final AtomicInteger sessions = new AtomicInteger();
    private volatile boolean established;
    private volatile long weighedFields;

    ExporterSource(Exporter exporter, FlowMetrics metrics) {
        this.exporter = exporter;
        this.metrics = metrics;
    }

    Exporter exporter() {
        return exporter;
    }

    /** Value of the metric label {@code exporter}. */
    String label() {
        return label;
    }

    /** Counts under another label from now on. */
    void label(String newLabel) {
        label = newLabel;
        packets = new AtomicReferenceArray<>(PROTOCOLS);
    }

    boolean established() {
        return established;
    }

    /** Says that newcomers do not displace it any more; false when that is known already. */
    synchronized boolean establish() {
        var before = established;
        established = true;
        return !before;
    }

    /** Notes how many fields its templates have; true when that is news. */
    boolean weighs(long fields) {
        var news = fields != weighedFields;
        weighedFields = fields;
        return news;
    }

    /** Counts a TCP session in; false when it has {@code most} already. */
    boolean openSession(int most) {
        if (sessions.incrementAndGet() > most) {
            sessions.decrementAndGet();
            return false;
        }
        return true;
    }

    void closeSession() {
        sessions.decrementAndGet();
    }

    void countDatagrams(Protocol protocol, int count) {
        var counters = packets;
        var counter = counters.get(protocol.ordinal());
        if (counter == null) {
            counter = metrics.packets(label, protocol);
            counters.set(protocol.ordinal(), counter);
        }
        counter.inc(count);
    }
}
