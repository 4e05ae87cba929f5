package dev.portcullis.dataplane.admin;

import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What the admin port shows of a role. Every method may be called from any thread at any time and returns at once. */
public interface RoleView {
    /** The document of {@code /status}. */
    RoleStatus status();

    /** The document of {@code /stats}, as something Jackson writes. */
    Object stats();

    /** What {@code /metrics} shows. */
    PrometheusRegistry registry();

    /** True while the role takes work: {@code /readyz} says 200 then, else 503. */
    boolean ready();
}
