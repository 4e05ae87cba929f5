package dev.portcullis.dataplane.metrics;

import static dev.portcullis.dataplane.metrics.Declarations.counter;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is counted of fetches beside their requests. Any thread. */
public final class FetchMetrics {
    private final Counter dropped;

    /** Registers the families. */
    public FetchMetrics(PrometheusRegistry registry) {
        dropped = counter(
                registry,
                "portcullis_fetch_pages_dropped_total",
                "Pages that a fetch brought and nobody waited for until they were read: the client left, time was up, or"
                        + " nothing may pass any more.");
    }

    /** A page was given up. */
    public void dropped() {
        dropped.inc();
    }
}
