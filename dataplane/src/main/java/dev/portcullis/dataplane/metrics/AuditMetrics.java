package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Metrics of the audit log, for every role. */
public final class AuditMetrics {
    private final Counter dropped;

    /** Declares the families in {@code registry}. */
    public AuditMetrics(PrometheusRegistry registry) {
        dropped = Counter.builder()
                .name("portcullis_audit_dropped_total")
                .help("Audit events that were not written, because the queue was full or the stream failed.")
                .withoutExemplars()
                .register(registry);
    }

    /** Counts one dropped event. */
    public void dropped() {
        dropped.inc();
    }
}
