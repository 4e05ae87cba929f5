package dev.portcullis.dataplane.metrics;

import static dev.portcullis.dataplane.metrics.Declarations.counter;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;

/** What is counted across requests; the three {@code pipelock_cross_request_*} families are a contract. Any thread. */
public final class CrossRequestMetrics {
    private final PrometheusRegistry registry;
    private final Counter exceeded;
    private final Counter matches;
    private final Counter evicted;

    /** Registers the families that are counted. */
    public CrossRequestMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        exceeded = counter(
                registry,
                "pipelock_cross_request_entropy_exceeded_total",
                "Requests and tunnels of clients that were over their entropy budget.");
        matches = counter(
                registry,
                "pipelock_cross_request_dlp_match_total",
                "Secrets found in what several requests sent together.");
        evicted = counter(
                registry,
                "portcullis_cross_request_evicted_total",
                "Clients whose earlier requests were forgotten to make room for others.");
    }

    /** Declares {@code pipelock_cross_request_fragment_buffer_bytes}, read on each scrape. */
    public void fragmentBytes(LongSupplier held) {
        GaugeWithCallback.builder()
                .name("pipelock_cross_request_fragment_buffer_bytes")
                .help("Bytes kept of earlier requests, of all clients.")
                .callback(gauge -> gauge.call(held.getAsLong()))
                .register(registry);
    }

    /** A request of a client over its budget. */
    public void entropyExceeded() {
        exceeded.inc();
    }

    /** A secret was put together. */
    public void matched() {
        matches.inc();
    }

    /** A client was forgotten to make room. */
    public void evicted() {
        evicted.inc();
    }
}
