package dev.portcullis.dataplane.flow.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The exporters that telemetry came from, bounded in number and in what their templates take. Which one is forgotten
 * when the bound is reached is decided by how often each is heard of (Caffeine's admission policy), so that datagrams
 * with made-up sources do not displace a router that sends all the time. Any thread.
 */
public final class ExporterTable {
    /** Label of exporters beyond the bound of labels. */
    static final String OTHER = "other";

    /** Exporters that get a metric label of their own without being listed. */
    static final int MOST_LABELS = 1024;

    /** Bound of the table, in template fields; an exporter without any weighs {@link #EMPTY_WEIGHT}. */
    static final long MOST_WEIGHT = 1 << 20;

    static final int EMPTY_WEIGHT = 64;

    private final FlowMetrics metrics;
    private final Cache<InetAddress, Source> sources;
    private final Set<String> labels = ConcurrentHashMap.newKeySet();
    private volatile @Nullable FlowPolicy policy;

    /** One exporter with its label and counters. */
    static final class Source {
        private final Exporter exporter;
        private final String label;
        private final FlowMetrics metrics;
        private final CounterDataPoint[] packets = new CounterDataPoint[Protocol.values().length];
        private volatile long weighedFields;

        Source(Exporter exporter, String label, FlowMetrics metrics) {
            this.exporter = exporter;
            this.label = label;
            this.metrics = metrics;
        }

        Exporter exporter() {
            return exporter;
        }

        void countDatagram(Protocol protocol) {
            var counter = packets[protocol.ordinal()];
            if (counter == null) {
                counter = metrics.packets(label, protocol);
                packets[protocol.ordinal()] = counter;
            }
            counter.inc();
        }
    }

    /** An empty table. */
    public ExporterTable(FlowMetrics metrics) {
        this.metrics = metrics;
        sources = Caffeine.newBuilder()
                .maximumWeight(MOST_WEIGHT)
                .weigher((InetAddress address, Source source) -> EMPTY_WEIGHT + (int) source.exporter.templateFields())
                .executor(Runnable::run)
                .removalListener((@Nullable InetAddress address, @Nullable Source source, RemovalCause cause) -> {
                    if (cause.wasEvicted() && source != null) {
                        source.exporter.forget();
                        metrics.evictedExporter();
                    }
                })
                .build();
    }

    /** Puts a policy's list of exporters in force. */
    public void apply(FlowPolicy newPolicy) {
        policy = newPolicy;
        var allowed = newPolicy.allowedExporters();
        if (allowed != null) {
            sources.asMap().keySet().removeIf(address -> allowed.lookup(IpBits.high(address), IpBits.low(address)) < 0);
        }
    }

    /** The exporter at an address, known or new; null when it is not believed. */
    @Nullable
    Source source(InetAddress address) {
        var known = sources.getIfPresent(address);
        if (known != null) {
            return known;
        }
        var now = policy;
        if (now == null) {
            return null;
        }
        var allowed = now.allowedExporters();
        if (allowed != null && allowed.lookup(IpBits.high(address), IpBits.low(address)) < 0) {
            return null;
        }
        return sources.get(address, unknown -> new Source(new Exporter(unknown), label(now, unknown), metrics));
    }

    /** Says that a datagram of this exporter was decoded, which may have changed what it weighs. */
    void decoded(Source source) {
        var fields = source.exporter.templateFields();
        if (fields != source.weighedFields) {
            source.weighedFields = fields;
            sources.asMap().replace(source.exporter.address(), source);
        }
    }

    /** All exporters known, in no order. */
    public List<Exporter> exporters() {
        var all = new ArrayList<Exporter>();
        sources.asMap().values().forEach(source -> all.add(source.exporter));
        return all;
    }

    /** The metric label of each exporter that has its own. */
    void labelled(LabelReader reader) {
        sources.asMap().values().forEach(source -> {
            if (!source.label.equals(OTHER)) {
                reader.read(source.label, source.exporter);
            }
        });
    }

    /** Receives exporters with their labels. */
    interface LabelReader {
        /** One exporter. */
        void read(String label, Exporter exporter);
    }

    private String label(FlowPolicy now, InetAddress address) {
        var text = address.getHostAddress();
        if (labels.contains(text) || now.listedExporters().contains(address)) {
            return text;
        }
        synchronized (labels) {
            if (labels.size() < MOST_LABELS) {
                labels.add(text);
                return text;
            }
        }
        return OTHER;
    }
}
