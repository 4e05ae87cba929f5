package dev.portcullis.dataplane.metrics;

import static dev.portcullis.dataplane.metrics.Declarations.counter;

import dev.portcullis.dataplane.firewall.scan.ScannerName;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumSet;
import java.util.Set;

/** The metric families of WebSocket connections. */
public final class WebSocketMetrics {
    /** What can be found in a message or frame. */
    private static final Set<ScannerName> IN_MESSAGES = EnumSet.of(
            ScannerName.DLP,
            ScannerName.CORE_DLP,
            ScannerName.SEED_PHRASE,
            ScannerName.CANARY,
            ScannerName.ADDRESS,
            ScannerName.PROMPT_INJECTION,
            ScannerName.COMPRESSION,
            ScannerName.DATABUDGET,
            ScannerName.WEBSOCKET);

    private final CounterDataPoint completed;
    private final CounterDataPoint blocked;
    private final DistributionDataPoint duration;
    private final CounterDataPoint toServer;
    private final CounterDataPoint toClient;
    private final Gauge active;
    private final CounterDataPoint textFrames;
    private final CounterDataPoint binaryFrames;
    private final CounterDataPoint controlFrames;
    private final Counter scanHits;
    private final CounterDataPoint hints;

    /** Declares the families in {@code registry}. */
    WebSocketMetrics(PrometheusRegistry registry) {
        var connections = counter(
                registry,
                "pipelock_ws_connections_total",
                "WebSocket connections that ended, or were refused or cut by policy.",
                "result");
        completed = connections.labelValues("completed");
        blocked = connections.labelValues("blocked");
        duration = Histogram.builder()
                .name("pipelock_ws_duration_seconds")
                .help("Life of a WebSocket connection, at its end.")
                .classicOnly()
                .classicUpperBounds(1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
                .withoutExemplars()
                .register(registry);
        var bytes = counter(
                registry,
                "pipelock_ws_bytes_total",
                "Payload bytes of WebSocket frames, as they come, by direction.",
                "direction");
        toServer = bytes.labelValues("client_to_server");
        toClient = bytes.labelValues("server_to_client");
        active = Gauge.builder()
                .name("pipelock_ws_active_connections")
                .help("WebSocket connections open now.")
                .withoutExemplars()
                .register(registry);
        var frames = counter(
                registry,
                "pipelock_ws_frames_total",
                "WebSocket frames that came, both ways; a continuation counts as what its message is.",
                "type");
        textFrames = frames.labelValues("text");
        binaryFrames = frames.labelValues("binary");
        controlFrames = frames.labelValues("control");
        scanHits = counter(
                registry,
                "pipelock_ws_scan_hits_total",
                "Findings in WebSocket messages and frames, by stage.",
                "scanner");
        IN_MESSAGES.forEach(scanner -> scanHits.initLabelValues(scanner.label()));
        hints = Counter.builder()
                .name("pipelock_forward_ws_redirect_hint_total")
                .help("Opaque tunnels to hosts of webSocket.apiHosts, whose messages are not seen.")
                .withoutExemplars()
                .register(registry);
    }

    /** A connection was switched. */
    public void opened() {
        active.inc();
    }

    /**
     * A connection that had been switched ended.
     *
     * @param orderly false where a policy cut it, which {@link #blocked()} counts
     */
    public void closed(double seconds, boolean orderly) {
        active.dec();
        duration.observe(seconds);
        if (orderly) {
            completed.inc();
        }
    }

    /** A connection was refused, or cut by policy. */
    public void blocked() {
        blocked.inc();
    }

    /** A frame came; neither text nor binary is control. */
    public void frame(boolean text, boolean binary, boolean fromClient, int bytes) {
        (text ? textFrames : binary ? binaryFrames : controlFrames).inc();
        (fromClient ? toServer : toClient).inc(bytes);
    }

    /** Something was found in a message or frame. */
    public void scanHit(ScannerName scanner) {
        scanHits.labelValues(scanner.label()).inc();
    }

    /** A tunnel to a known WebSocket API stays opaque. */
    public void hint() {
        hints.inc();
    }

    /** Connections that ended well so far. */
    long completedSoFar() {
        return (long) completed.get();
    }
}
