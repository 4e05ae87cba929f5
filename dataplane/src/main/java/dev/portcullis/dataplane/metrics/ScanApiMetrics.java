package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What the scan API counts; the five {@code pipelock_scan_api_*} families are a contract. Any thread. */
public final class ScanApiMetrics {
    private final Counter requests;
    private final Histogram duration;
    private final Counter findings;
    private final Counter errors;
    private final Gauge inflight;
    private final Counter connectionsRefused;

    /** Registers the families. */
    public ScanApiMetrics(PrometheusRegistry registry) {
        requests = counter(
                registry,
                "pipelock_scan_api_requests_total",
                "Calls of the scan API, by what was asked, decided and answered; a batch counts once for each input.",
                "kind",
                "decision",
                "status_code");
        duration = Histogram.builder()
                .name("pipelock_scan_api_duration_seconds")
                .help("Time that the scan of one input took, of calls that came as far as a scan.")
                .labelNames("kind")
                .classicOnly()
                .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
                .withoutExemplars()
                .register(registry);
        findings = counter(
                registry,
                "pipelock_scan_api_findings_total",
                "What the scan API found, by what was asked, stage and severity.",
                "kind",
                "scanner",
                "severity");
        errors = counter(
                registry,
                "pipelock_scan_api_errors_total",
                "Calls of the scan API that were not scanned to their end, by why.",
                "kind",
                "error_code");
        inflight = Gauge.builder()
                .name("pipelock_scan_api_inflight_requests")
                .help("Calls of the scan API that are being answered, those without a valid token included.")
                .withoutExemplars()
                .register(registry);
        connectionsRefused = counter(
                registry,
                "portcullis_scan_api_connections_refused_total",
                "Connections to the scan API closed because too many were open.");
    }

    /** A call began. */
    public void began() {
        inflight.inc();
    }

    /** A call ended, whatever its answer. */
    public void ended() {
        inflight.dec();
    }

    /** An input was scanned and decided. */
    public void scanned(String kind, String decision, double seconds) {
        requests.labelValues(kind, decision, "200").inc();
        duration.labelValues(kind).observe(seconds);
    }

    /** Something was found in an input. */
    public void found(String kind, String scanner, String severity) {
        findings.labelValues(kind, scanner, severity).inc();
    }

    /** A call ended in an error. {@code kind} is empty before one was read, and {@code unknown} for one that does not exist. */
    public void failed(String kind, int status, String code) {
        requests.labelValues(kind, "error", Integer.toString(status)).inc();
        errors.labelValues(kind, code).inc();
    }

    /** An input came as far as its scan, which ended in an error. */
    public void broken(String kind, double seconds) {
        duration.labelValues(kind).observe(seconds);
    }

    /** A connection found no room. */
    public void connectionRefused() {
        connectionsRefused.inc();
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }
}
