package dev.portcullis.dataplane.metrics;

import static dev.portcullis.dataplane.metrics.Declarations.child;
import static dev.portcullis.dataplane.metrics.Declarations.children;
import static dev.portcullis.dataplane.metrics.Declarations.counter;

import dev.portcullis.dataplane.firewall.verdict.InterceptOutcome;
import dev.portcullis.dataplane.firewall.verdict.InterceptReason;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.function.LongSupplier;

/** The metric families of tunnels whose TLS is intercepted. */
public final class InterceptionMetrics {
    private final PrometheusRegistry registry;
    private final Map<InterceptOutcome, CounterDataPoint> outcomes;
    private final DistributionDataPoint clientHandshakes;
    private final DistributionDataPoint upstreamHandshakes;
    private final Map<InterceptReason, CounterDataPoint> blocks;
    private final CounterDataPoint allowed;
    private final CounterDataPoint blocked;
    private final Gauge open;

    /** Declares the families in {@code registry}. */
    InterceptionMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        var tunnels = counter(
                registry,
                "pipelock_tls_intercept_total",
                "Tunnels that were to be intercepted, by what became of it.",
                "outcome");
        outcomes = children(InterceptOutcome.class, outcome -> tunnels.labelValues(outcome.label()));
        var handshakes = Histogram.builder()
                .name("pipelock_tls_handshake_duration_seconds")
                .help("Time of finished TLS handshakes, with clients of intercepted tunnels and with origins.")
                .labelNames("side")
                .classicOnly()
                .classicUpperBounds(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
                .withoutExemplars()
                .register(registry);
        clientHandshakes = handshakes.labelValues("client");
        upstreamHandshakes = handshakes.labelValues("upstream");
        var requests = counter(
                registry,
                "pipelock_tls_request_blocked_total",
                "Requests refused inside intercepted tunnels, by why.",
                "reason");
        var responses = counter(
                registry,
                "pipelock_tls_response_blocked_total",
                "Responses refused inside intercepted tunnels, by why.",
                "reason");
        blocks = children(
                InterceptReason.class, reason -> (reason.request() ? requests : responses).labelValues(reason.label()));
        var judged = counter(
                registry,
                "portcullis_intercepted_requests_total",
                "Requests inside intercepted tunnels, by verdict.",
                "result");
        allowed = judged.labelValues("allowed");
        blocked = judged.labelValues("blocked");
        open = Gauge.builder()
                .name("portcullis_intercepted_connections")
                .help("Tunnels open now whose TLS is intercepted.")
                .withoutExemplars()
                .register(registry);
    }

    /** Declares {@code pipelock_tls_cert_cache_size}, read on each scrape. */
    public void certificateCache(LongSupplier size) {
        GaugeWithCallback.builder()
                .name("pipelock_tls_cert_cache_size")
                .help("Certificates kept for hosts whose tunnels are intercepted.")
                .callback(gauge -> gauge.call(size.getAsLong()))
                .register(registry);
    }

    /** What became of a tunnel that should be intercepted. */
    public void outcome(InterceptOutcome outcome) {
        child(outcomes, outcome).inc();
    }

    /** A client finished its handshake. */
    public void clientHandshake(double seconds) {
        clientHandshakes.observe(seconds);
    }

    /** An origin finished its handshake. */
    public void upstreamHandshake(double seconds) {
        upstreamHandshakes.observe(seconds);
    }

    /** A request or response inside was refused. */
    public void blocked(InterceptReason reason) {
        child(blocks, reason).inc();
    }

    /** A request inside was delivered, or refused. */
    public void request(boolean delivered) {
        (delivered ? allowed : blocked).inc();
    }

    /** An intercepted tunnel is open from here on. */
    public void opened() {
        open.inc();
    }

    /** It is closed. */
    public void closed() {
        open.dec();
    }
}
