package dev.portcullis.dataplane.metrics;

import static dev.portcullis.dataplane.metrics.Declarations.child;
import static dev.portcullis.dataplane.metrics.Declarations.children;
import static dev.portcullis.dataplane.metrics.Declarations.counter;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.crypto.AddressBook.Verdict;
import dev.portcullis.dataplane.firewall.scan.crypto.AddressWalk;
import dev.portcullis.dataplane.firewall.scan.crypto.Chain;
import dev.portcullis.dataplane.firewall.tunnel.SniOutcome;
import dev.portcullis.dataplane.firewall.verdict.Endpoint;
import dev.portcullis.dataplane.firewall.verdict.Transport;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Every metric family of the firewall, declared once. The {@code pipelock_*} names, labels and bounds are a contract with
 * existing dashboards; our own families are {@code portcullis_*}. No label takes a value that a client chooses. Series of
 * closed label sets exist from the start, so that a rate sees their first event.
 */
public final class FirewallMetrics {
    /** What became of a finding: values of the label {@code outcome} of portcullis_findings_total. */
    public enum FindingOutcome {
        BLOCKED("blocked"),
        WOULD_BLOCK("would_block"),
        WARNED("warned");

        private final String label;

        FindingOutcome(String label) {
            this.label = label;
        }
    }

    /** How an upstream failed: values of the label {@code reason} of portcullis_upstream_errors_total. */
    public enum UpstreamError {
        DNS("dns"),
        CONNECT("connect"),
        TLS("tls"),
        TIMEOUT("timeout"),
        RESET("reset"),
        PROTOCOL("protocol");

        private final String label;

        UpstreamError(String label) {
            this.label = label;
        }
    }

    /** Which limit closed a connection that was open: values of the label {@code limit} of portcullis_limit_closes_total. */
    public enum LimitClose {
        HEADER_TIMEOUT("header_timeout"),
        IDLE_TIMEOUT("idle_timeout"),
        SLOW_CLIENT("slow_client"),
        TUNNEL_LIFETIME("tunnel_lifetime"),
        TUNNEL_IDLE("tunnel_idle"),
        DATA_BUDGET("data_budget");

        private final String label;

        LimitClose(String label) {
            this.label = label;
        }
    }

    /** The stages that a policy can tell to warn; what the others find is refused. */
    private static final Set<ScannerName> WARNING = EnumSet.of(
            ScannerName.DLP,
            ScannerName.CORE_DLP,
            ScannerName.SEED_PHRASE,
            ScannerName.CANARY,
            ScannerName.PROMPT_INJECTION,
            ScannerName.ADDRESS,
            ScannerName.MEDIA,
            ScannerName.COMPRESSION,
            ScannerName.CROSS_REQUEST,
            ScannerName.PARSER);

    private final CounterDataPoint requestsAllowed;
    private final CounterDataPoint requestsBlocked;
    private final DistributionDataPoint requestDuration;
    private final Map<ScannerName, CounterDataPoint> scannerHits;
    private final CounterDataPoint tunnelsCompleted;
    private final CounterDataPoint tunnelsBlocked;
    private final DistributionDataPoint tunnelDuration;
    private final CounterDataPoint tunnelBytes;
    private final Gauge activeTunnels;
    private final Map<SniOutcome, CounterDataPoint> sni;
    private final CounterDataPoint http2Faults;
    private final Map<Action, CounterDataPoint> bodyDlpHits;
    private final Map<Action, CounterDataPoint> headerDlpHits;
    private final Map<String, CounterDataPoint> addressFindings = new HashMap<>();
    private final Counter killSwitchDenials;
    private final Counter findings;
    private final Map<UpstreamError, CounterDataPoint> upstreamErrors;
    private final CounterDataPoint connectionsRefused;
    private final Map<LimitClose, CounterDataPoint> limitCloses;
    private final Map<Rewritten, CounterDataPoint> rewritten;
    private final InterceptionMetrics interception;
    private final WebSocketMetrics webSocket;
    private final ReverseProxyMetrics reverseProxy;

    /** Declares the families in {@code registry}. */
    public FirewallMetrics(PrometheusRegistry registry, String version) {
        var requests = counter(registry, "pipelock_requests_total", "HTTP requests judged, by verdict.", "result");
        requestsAllowed = requests.labelValues("allowed");
        requestsBlocked = requests.labelValues("blocked");
        requestDuration = histogram(
                registry,
                "pipelock_request_duration_seconds",
                "Time from a request's head to the end of its reply, tunnels not included.",
                0.01,
                0.05,
                0.1,
                0.25,
                0.5,
                1,
                2.5,
                5,
                10);
        var hits = counter(
                registry, "pipelock_scanner_hits_total", "Requests refused, by the stage that refused.", "scanner");
        scannerHits = children(ScannerName.class, name -> hits.labelValues(name.label()));
        var tunnels = counter(registry, "pipelock_tunnels_total", "CONNECT tunnels closed or refused.", "result");
        tunnelsCompleted = tunnels.labelValues("completed");
        tunnelsBlocked = tunnels.labelValues("blocked");
        tunnelDuration = histogram(
                registry,
                "pipelock_tunnel_duration_seconds",
                "Life of a tunnel, at its close.",
                1,
                5,
                10,
                30,
                60,
                120,
                300);
        tunnelBytes = counter(
                registry, "pipelock_tunnel_bytes_total", "Bytes relayed through tunnels, both ways, as they pass.");
        activeTunnels = Gauge.builder()
                .name("pipelock_active_tunnels")
                .help("Tunnels open now.")
                .withoutExemplars()
                .register(registry);
        var names = counter(
                registry,
                "pipelock_sni_total",
                "Outcome of comparing the TLS server name with the CONNECT host.",
                "category");
        sni = children(SniOutcome.class, outcome -> names.labelValues(outcome.label()));
        http2Faults = counter(
                registry,
                "portcullis_http2_faults_total",
                "HTTP/2 connections of clients ended because they broke the protocol or one of its bounds.");
        var body = counter(
                registry, "pipelock_body_dlp_hits_total", "Request bodies with a secret in them, by action.", "action");
        bodyDlpHits = children(Action.class, action -> body.labelValues(label(action)));
        var header = counter(
                registry,
                "pipelock_header_dlp_hits_total",
                "Request headers with a secret in them, by action.",
                "action");
        headerDlpHits = children(Action.class, action -> header.labelValues(label(action)));
        var addresses = counter(
                registry,
                "pipelock_address_findings_total",
                "Crypto currency addresses in what leaves that are not known, by what they are.",
                "chain",
                "verdict");
        for (var chain : Chain.values()) {
            for (var verdict : List.of(Verdict.LOOKALIKE, Verdict.UNKNOWN)) {
                addressFindings.put(
                        AddressWalk.name(chain, verdict),
                        addresses.labelValues(chain.label(), verdict.name().toLowerCase(Locale.ROOT)));
            }
        }
        killSwitchDenials = counter(
                registry,
                "pipelock_kill_switch_denials_total",
                "Requests refused by a kill switch.",
                "transport",
                "endpoint");
        for (var endpoint : new Endpoint[] {
            Endpoint.FORWARD,
            Endpoint.FETCH,
            Endpoint.OTHER,
            Endpoint.CONNECT,
            Endpoint.SCAN_API,
            Endpoint.WS,
            Endpoint.INTERCEPT
        }) {
            killSwitchDenials.initLabelValues(endpoint.transport().label(), endpoint.label());
        }
        Gauge.builder()
                .name("pipelock_info")
                .help("Always 1; the label tells the version.")
                .labelNames("version")
                .withoutExemplars()
                .register(registry)
                .labelValues(version)
                .set(1);
        interception = new InterceptionMetrics(registry);
        webSocket = new WebSocketMetrics(registry);
        reverseProxy = new ReverseProxyMetrics(registry);
        findings = counter(
                registry,
                "portcullis_findings_total",
                "Findings of the scan stages, by stage and by what became of them.",
                "scanner",
                "outcome");
        for (var scanner : ScannerName.values()) {
            findings.initLabelValues(scanner.label(), FindingOutcome.BLOCKED.label);
            findings.initLabelValues(scanner.label(), FindingOutcome.WOULD_BLOCK.label);
        }
        WARNING.forEach(scanner -> findings.initLabelValues(scanner.label(), FindingOutcome.WARNED.label));
        var upstream =
                counter(registry, "portcullis_upstream_errors_total", "Upstreams that failed, by how.", "reason");
        upstreamErrors = children(UpstreamError.class, reason -> upstream.labelValues(reason.label));
        var closes = counter(
                registry, "portcullis_limit_closes_total", "Open connections closed by a limit, by which.", "limit");
        limitCloses = children(LimitClose.class, limit -> closes.labelValues(limit.label));
        var changed = counter(
                registry, "portcullis_bodies_rewritten_total", "Bodies changed on their way, by how.", "rewrite");
        rewritten = children(Rewritten.class, how -> changed.labelValues(how.label()));
        connectionsRefused = counter(
                registry,
                "portcullis_connections_refused_total",
                "Client connections closed unread, because their address already held twice its limit.");
    }

    /** A body was changed. */
    public void rewritten(Rewritten how) {
        child(rewritten, how).inc();
    }

    /** An address was found by {@code rule}. */
    public void addressFinding(String rule) {
        var counter = addressFindings.get(rule);
        if (counter != null) {
            counter.inc();
        }
    }

    /** The families of intercepted tunnels. */
    public InterceptionMetrics interception() {
        return interception;
    }

    /** The families of WebSocket connections. */
    public WebSocketMetrics webSocket() {
        return webSocket;
    }

    /** The families of reverse proxies. */
    public ReverseProxyMetrics reverseProxy() {
        return reverseProxy;
    }

    /** A client broke HTTP/2, or one of its bounds. */
    public void http2Fault() {
        http2Faults.inc();
    }

    /** The server name of a tunnel was compared with its CONNECT host. */
    public void sni(SniOutcome outcome) {
        child(sni, outcome).inc();
    }

    /** An HTTP exchange was delivered. */
    public void requestAllowed(double seconds) {
        requestsAllowed.inc();
        requestDuration.observe(seconds);
    }

    /** An HTTP exchange was refused. */
    public void requestBlocked(double seconds) {
        requestsBlocked.inc();
        requestDuration.observe(seconds);
    }

    /** A stage refused a request. */
    public void scannerHit(ScannerName scanner) {
        child(scannerHits, scanner).inc();
    }

    /** A stage found something. */
    public void finding(ScannerName scanner, FindingOutcome outcome) {
        findings.labelValues(scanner.label(), outcome.label).inc();
    }

    /** A secret was found in a request body. */
    public void bodyDlpHit(Action action) {
        child(bodyDlpHits, action).inc();
    }

    /** A secret was found in a request header. */
    public void headerDlpHit(Action action) {
        child(headerDlpHits, action).inc();
    }

    /**
     * A kill switch refused a request.
     *
     * @param endpoint name of the route
     */
    public void killSwitchDenial(Transport transport, String endpoint) {
        killSwitchDenials.labelValues(transport.label(), endpoint).inc();
    }

    /** A CONNECT was refused. */
    public void tunnelBlocked() {
        tunnelsBlocked.inc();
    }

    /** A tunnel began to relay. */
    public void tunnelOpened() {
        activeTunnels.inc();
    }

    /** A tunnel that had begun to relay is closed. */
    public void tunnelClosed(double seconds) {
        activeTunnels.dec();
        tunnelsCompleted.inc();
        tunnelDuration.observe(seconds);
    }

    /** Bytes went through a tunnel. */
    public void tunnelBytes(long bytes) {
        tunnelBytes.inc(bytes);
    }

    /** An upstream failed. */
    public void upstreamError(UpstreamError reason) {
        child(upstreamErrors, reason).inc();
    }

    /** A limit closed a connection that was open. */
    public void limitClose(LimitClose limit) {
        child(limitCloses, limit).inc();
    }

    /** A client connection was closed unread. */
    public void connectionRefused() {
        connectionsRefused.inc();
    }

    /** Requests allowed so far, refused so far, tunnels and WebSockets completed so far: what /stats repeats. */
    public Totals totals() {
        return new Totals(
                (long) requestsAllowed.get(),
                (long) requestsBlocked.get(),
                (long) tunnelsCompleted.get(),
                webSocket.completedSoFar());
    }

    /** Totals since the start. */
    public record Totals(long allowed, long blocked, long tunnels, long webSockets) {}

    private static DistributionDataPoint histogram(
            PrometheusRegistry registry, String name, String help, double... bounds) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(bounds)
                .withoutExemplars()
                .register(registry);
    }

    private static String label(Action action) {
        return switch (action) {
            case Block -> "block";
            case Warn -> "warn";
        };
    }
}
