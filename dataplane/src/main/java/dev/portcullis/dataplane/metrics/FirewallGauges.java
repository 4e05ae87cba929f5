package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What the firewall is asked for on each scrape, so that it is never out of date. */
public final class FirewallGauges {
    private final PrometheusRegistry registry;

    /** Declares nothing yet. */
    public FirewallGauges(PrometheusRegistry registry) {
        this.registry = registry;
    }

    /** Declares {@code pipelock_kill_switch_active}, whose four series are read on each scrape. */
    public void killSwitchSources(
            BooleanSupplier config, BooleanSupplier api, BooleanSupplier signal, BooleanSupplier sentinel) {
        GaugeWithCallback.builder()
                .name("pipelock_kill_switch_active")
                .help("1 while this source engages the kill switch.")
                .labelNames("source")
                .callback(gauge -> {
                    gauge.call(config.getAsBoolean() ? 1 : 0, "config");
                    gauge.call(api.getAsBoolean() ? 1 : 0, "api");
                    gauge.call(signal.getAsBoolean() ? 1 : 0, "signal");
                    gauge.call(sentinel.getAsBoolean() ? 1 : 0, "sentinel");
                })
                .register(registry);
    }

    /** Declares {@code portcullis_client_connections}, read on each scrape. */
    public void clientConnections(IntSupplier open) {
        GaugeWithCallback.builder()
                .name("portcullis_client_connections")
                .help("Client connections open now.")
                .callback(gauge -> gauge.call(open.getAsInt()))
                .register(registry);
    }

    /** Declares {@code portcullis_upstream_idle_connections}, read on each scrape. */
    public void idleUpstreams(IntSupplier idle) {
        GaugeWithCallback.builder()
                .name("portcullis_upstream_idle_connections")
                .help("Upstream connections kept open for the next request.")
                .callback(gauge -> gauge.call(idle.getAsInt()))
                .register(registry);
    }
}
