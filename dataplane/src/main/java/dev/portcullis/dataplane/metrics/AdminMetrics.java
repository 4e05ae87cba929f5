package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Metrics of the admin port, for every role. */
public final class AdminMetrics {
    private final Counter refused;

    /** Declares the families in {@code registry}. */
    public AdminMetrics(PrometheusRegistry registry) {
        refused = Counter.builder()
                .name("portcullis_admin_connections_refused_total")
                .help("Connections to the admin port closed because too many were open.")
                .withoutExemplars()
                .register(registry);
    }

    /** Counts one refused connection. */
    public void refused() {
        refused.inc();
    }
}
