package dev.portcullis.dataplane.metrics;

import dev.portcullis.dataplane.firewall.verdict.ReverseBlock;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** The metric families of reverse proxies. */
public final class ReverseProxyMetrics {
    private final Counter requests;
    private final Counter blocked;

    /** Declares the families in {@code registry}. */
    ReverseProxyMetrics(PrometheusRegistry registry) {
        requests = Counter.builder()
                .name("pipelock_reverse_proxy_requests_total")
                .help("Requests to reverse proxies, by method and final status.")
                .labelNames("method", "status")
                .withoutExemplars()
                .register(registry);
        blocked = Counter.builder()
                .name("pipelock_reverse_proxy_scan_blocked_total")
                .help("Requests to reverse proxies, and their responses, that scanning refused, by why.")
                .labelNames("direction", "reason")
                .withoutExemplars()
                .register(registry);
        requests.initLabelValues("GET", "200");
        for (var reason : ReverseBlock.values()) {
            if (reason.request()) {
                blocked.initLabelValues("request", reason.label());
            }
            if (reason.response()) {
                blocked.initLabelValues("response", reason.label());
            }
        }
    }

    /**
     * A request was answered.
     *
     * @param method as the client wrote it
     * @param status 100 to 999
     */
    public void answered(String method, int status) {
        var known =
                switch (method) {
                    case "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS" -> method;
                    default -> "OTHER";
                };
        requests.labelValues(known, String.valueOf(status)).inc();
    }

    /**
     * Scanning refused something.
     *
     * @param response true for what comes back
     */
    public void blocked(boolean response, ReverseBlock reason) {
        blocked.labelValues(response ? "response" : "request", reason.label()).inc();
    }
}
