package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.audit.AuditEvent;
import dev.portcullis.dataplane.audit.AuditEvent.Level;
import dev.portcullis.dataplane.audit.AuditSink;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.RedactionScan;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.stats.TrafficStats;
import dev.portcullis.dataplane.metrics.FirewallMetrics;
import dev.portcullis.dataplane.metrics.FirewallMetrics.FindingOutcome;
import dev.portcullis.dataplane.metrics.FirewallMetrics.LimitClose;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns findings into verdicts: the only place that refuses. Whatever it decides is counted, remembered for /stats and
 * written to the audit log here, once. Any thread.
 *
 * <p>Mode Audit refuses nothing that a policy could allow: such a finding is counted as {@code would_block} and named to
 * the client in {@value Denial#WOULD_HEADER}. Requests that cannot be read safely, a kill switch and a missing policy
 * refuse in every mode.
 */
public final class Enforcer {
    private final FirewallMetrics metrics;
    private final TrafficStats stats;
    private final AuditSink audit;
    private final LongSupplier nanoClock;

    public Enforcer(FirewallMetrics metrics, TrafficStats stats, AuditSink audit, LongSupplier nanoClock) {
        this.metrics = metrics;
        this.stats = stats;
        this.audit = audit;
        this.nanoClock = nanoClock;
    }

    /**
     * Weighs what one stage, or several in a row, found.
     *
     * @return the refusal, or null when the request goes on
     */
    public @Nullable Denial weigh(Mode mode, Subject subject, Place place, List<Finding> findings) {
        if (findings.isEmpty()) {
            return null;
        }
        countDlp(place, findings);
        for (var finding : findings) {
            if (finding.scanner() == ScannerName.ADDRESS) {
                metrics.addressFinding(finding.rule());
            }
        }
        Finding decisive = null;
        for (var finding : findings) {
            if (finding.action() == Action.Block) {
                decisive = finding;
                break;
            }
        }
        if (place == Place.TARGET && findings.stream().anyMatch(Enforcer::quotesTarget)) {
            subject.redactUrl();
        }
        for (var finding : findings) {
            if (finding != decisive) {
                metrics.finding(finding.scanner(), FindingOutcome.WARNED);
                record(Level.WARN, event(finding, place), subject, finding, "warn");
            }
        }
        if (decisive == null) {
            return null;
        }
        if (mode == Mode.Audit) {
            if (decisive.scanner() == ScannerName.SSRF && subject.leadsInsideAgain(decisive.rule())) {
                return null;
            }
            metrics.finding(decisive.scanner(), FindingOutcome.WOULD_BLOCK);
            subject.wouldBlock(decisive.scanner().label());
            record(Level.WARN, event(decisive, place), subject, decisive, "would_block");
            return null;
        }
        return refuse(subject, place, decisive);
    }

    /** Refuses a request that cannot be read safely. */
    public Denial malformed(Subject subject, String rule, String message) {
        return refuse(
                subject,
                Place.TARGET,
                new Finding(
                        ScannerName.PARSER,
                        rule,
                        Severity.high,
                        Action.Block,
                        "plaintext",
                        "request",
                        -1,
                        message,
                        ""));
    }

    /** Gives up a request that did not arrive in time. There is nothing to judge yet, so no request is counted as blocked. */
    public Denial late(LimitClose limit, String requestId, String rule, String message, String field) {
        metrics.limitClose(limit);
        return new Denial(Reason.LATE, ScannerName.RATELIMIT.label(), rule, message, "limits:\n  " + field, requestId);
    }

    /** Refuses because a kill switch is engaged. Not a request blocked by policy: it has a family of its own. */
    public Denial killed(Subject subject, String source, String message) {
        metrics.killSwitchDenial(subject.transport(), subject.route());
        stats.blocked(subject.countedAgent(), subject.host(), "kill_switch");
        audit.record(common(Level.WARN, "kill_switch_deny", "refused: " + message, subject)
                .with("transport", subject.transport().label())
                .with("endpoint", subject.route())
                .with("source", source)
                .with("deny_message", message));
        return new Denial(
                Reason.KILL_SWITCH, "kill_switch", source, message, Remedy.killSwitch(source), subject.requestId());
    }

    /** Refuses because there is no policy yet. */
    public Denial unconfigured(Subject subject) {
        count(subject, Place.TARGET, InterceptReason.URL_SCAN);
        var message = "no policy was received yet, so everything is refused";
        stats.blocked(subject.countedAgent(), subject.host(), "policy");
        audit.record(common(Level.ERROR, "blocked", message, subject).with("reason", message));
        return new Denial(Reason.NO_POLICY, "policy", "no-policy", message, Remedy.noPolicy(), subject.requestId());
    }

    /** An HTTP exchange was delivered to its end. */
    public void allowed(Subject subject, boolean recordAllowed, int status, long bytes) {
        var seconds = (nanoClock.getAsLong() - subject.startedNanos()) / 1e9;
        if (subject.endpoint() == Endpoint.INTERCEPT) {
            metrics.interception().request(true);
        } else if (subject.endpoint() != Endpoint.REVERSE_PROXY) {
            metrics.requestAllowed(seconds);
        }
        stats.allowed(subject.countedAgent());
        if (recordAllowed) {
            audit.record(common(
                            Level.INFO,
                            subject.endpoint() == Endpoint.FORWARD ? "forward_http" : "allowed",
                            "request allowed",
                            subject)
                    .with("status_code", status)
                    .with("size_bytes", bytes)
                    .with("duration_ms", (long) (seconds * 1000))
                    .with("would_block", subject.wouldBlock())
                    .with("unscanned_bytes", subject.unscannedBytes() > 0 ? subject.unscannedBytes() : null));
        }
    }

    /** A WebSocket was switched. */
    public void webSocketOpened(Subject subject, boolean recordAllowed) {
        if (recordAllowed) {
            audit.record(common(Level.INFO, "ws_open", "WebSocket opened", subject)
                    .with("would_block", subject.wouldBlock()));
        }
    }

    /**
     * A WebSocket that had been switched is closed.
     *
     * @param counts names and values of what passed
     */
    public void webSocketClosed(Subject subject, boolean recordAllowed, String why, Map<String, Object> counts) {
        if (recordAllowed) {
            var event = common(Level.INFO, "ws_close", "WebSocket closed: " + why, subject)
                    .with("reason", why)
                    .with("duration_ms", (nanoClock.getAsLong() - subject.startedNanos()) / 1_000_000);
            counts.forEach(event::with);
            audit.record(event);
        }
    }

    /** Refuses in every mode, because there is no room. */
    public Denial full(Subject subject, Finding finding) {
        var denial = refuse(subject, Place.TARGET, finding);
        return new Denial(
                Reason.CAPACITY, denial.scanner(), denial.rule(), denial.message(), denial.hint(), denial.requestId());
    }

    /** A tunnel began to relay. */
    public void tunnelOpened(Subject subject, boolean recordAllowed) {
        metrics.tunnelOpened();
        stats.tunnel(subject.countedAgent());
        if (recordAllowed) {
            audit.record(common(Level.INFO, "tunnel_open", "tunnel opened", subject)
                    .with("would_block", subject.wouldBlock()));
        }
    }

    /** A tunnel that had begun to relay is closed. */
    public void tunnelClosed(Subject subject, boolean recordAllowed, long bytes, String why) {
        var seconds = (nanoClock.getAsLong() - subject.startedNanos()) / 1e9;
        metrics.tunnelClosed(seconds);
        if (recordAllowed) {
            audit.record(common(Level.INFO, "tunnel_close", "tunnel closed: " + why, subject)
                    .with("reason", why)
                    .with("total_bytes", bytes)
                    .with("duration_ms", (long) (seconds * 1000)));
        }
    }

    /** A tunnel's TLS is answered by us from here on. */
    public void intercepted(Subject subject, boolean recordAllowed, String version, String protocol, double seconds) {
        metrics.interception().outcome(InterceptOutcome.INTERCEPTED);
        metrics.interception().clientHandshake(seconds);
        if (recordAllowed) {
            audit.record(common(Level.INFO, "tls_intercept", "TLS intercepted", subject)
                    .with("tls_version", version)
                    .with("protocol", protocol)
                    .with("duration_ms", (long) (seconds * 1000))
                    .with("would_block", subject.wouldBlock()));
        }
    }

    /** A tunnel that should be intercepted cannot be. */
    public void notIntercepted(Subject subject, InterceptOutcome outcome, String message) {
        metrics.interception().outcome(outcome);
        audit.record(common(Level.WARN, "tls_intercept_failed", message, subject)
                .with("outcome", outcome.label())
                .with("error", message));
    }

    /**
     * An exchange failed for a reason that is nobody's policy.
     *
     * @param replying whether the origin had begun its reply
     */
    public void failed(Subject subject, FirewallMetrics.UpstreamError error, String message, boolean replying) {
        if (replying && subject.endpoint() == Endpoint.INTERCEPT) {
            metrics.interception().blocked(InterceptReason.READ_ERROR);
        } else if (replying && subject.endpoint() == Endpoint.REVERSE_PROXY) {
            metrics.reverseProxy().blocked(true, ReverseBlock.READ_ERROR);
        }
        failed(subject, error, message);
    }

    /** An exchange failed for a reason that is nobody's policy, before the origin replied. */
    public void failed(Subject subject, FirewallMetrics.UpstreamError error, String message) {
        metrics.upstreamError(error);
        audit.record(common(Level.WARN, "error", message, subject).with("error", message));
    }

    /**
     * A body was changed on its way.
     *
     * @param counts different values of each class that were replaced; empty where none were
     */
    public void rewritten(Subject subject, Rewritten how, Map<String, Integer> counts) {
        metrics.rewritten(how);
        if (!counts.isEmpty()) {
            audit.record(common(Level.INFO, "redaction", "values were replaced by placeholders", subject)
                    .with("classes", String.join(" ", new TreeSet<>(counts.keySet())))
                    .with(
                            "match_count",
                            counts.values().stream().mapToInt(Integer::intValue).sum()));
        }
    }

    /** A live connection is closed because a kill switch or a new policy no longer lets it be. */
    public void cut(Subject subject, String message) {
        if (subject.isWebSocket()) {
            metrics.webSocket().blocked();
        }
        audit.record(common(Level.WARN, "connection_cut", message, subject).with("reason", message));
    }

    /** Refuses in every mode: for what cannot be delivered even where it may. */
    public Denial refuse(Subject subject, Finding finding) {
        return refuse(subject, Place.RESPONSE, finding);
    }

    /** Refuses in every mode for what was found at {@code place}. */
    public Denial refuse(Subject subject, Place place, Finding finding) {
        metrics.finding(finding.scanner(), FindingOutcome.BLOCKED);
        count(subject, place, InterceptReason.of(place, finding.scanner(), finding.rule(), subject.isEventStream()));
        var reverse = subject.endpoint() == Endpoint.REVERSE_PROXY
                ? ReverseBlock.of(place, finding.scanner(), finding.rule(), subject.isEventStream())
                : null;
        if (reverse != null) {
            metrics.reverseProxy().blocked(place == Place.RESPONSE || place == Place.SERVER_MESSAGE, reverse);
        }
        metrics.scannerHit(finding.scanner());
        stats.blocked(subject.countedAgent(), subject.host(), finding.scanner().label());
        record(Level.WARN, subject.isWebSocket() ? "ws_blocked" : "blocked", subject, finding, "block");
        var reason =
                switch (finding.scanner()) {
                    case RATELIMIT, DATABUDGET -> Reason.LIMIT;
                    case PARSER -> Reason.ofMalformed(finding.rule());
                    default -> Reason.FINDING;
                };
        return new Denial(
                reason,
                finding.scanner().label(),
                finding.rule(),
                finding.message(),
                Remedy.of(finding),
                subject.requestId());
    }

    private void count(Subject subject, Place place, InterceptReason reason) {
        if (subject.isWebSocket()) {
            metrics.webSocket().blocked();
            // A message is no request; only the handshake is.
            if (subject.endpoint() == Endpoint.INTERCEPT && (place == Place.TARGET || place == Place.REQUEST_HEADERS)) {
                metrics.interception().blocked(reason);
            }
        } else if (subject.endpoint() == Endpoint.REVERSE_PROXY) {
            // Counted by itself, with its status.
        } else if (subject.endpoint() == Endpoint.CONNECT) {
            metrics.tunnelBlocked();
        } else if (subject.endpoint() == Endpoint.INTERCEPT) {
            metrics.interception().blocked(reason);
            metrics.interception().request(false);
        } else {
            metrics.requestBlocked((nanoClock.getAsLong() - subject.startedNanos()) / 1e9);
        }
    }

    private void countDlp(Place place, List<Finding> findings) {
        if (place != Place.REQUEST_BODY && place != Place.REQUEST_HEADERS) {
            return;
        }
        for (var finding : findings) {
            if (!isDlp(finding.scanner()) || finding.rule().startsWith(RedactionScan.RULES)) {
                continue;
            }
            if (place == Place.REQUEST_BODY) {
                metrics.bodyDlpHit(finding.action());
            } else {
                metrics.headerDlpHit(finding.action());
            }
        }
    }

    private static boolean isDlp(ScannerName scanner) {
        return switch (scanner) {
            case DLP, CORE_DLP, SEED_PHRASE, CANARY -> true;
            default -> false;
        };
    }

    private static boolean quotesTarget(Finding finding) {
        return isDlp(finding.scanner())
                || finding.scanner() == ScannerName.ENTROPY
                || finding.scanner() == ScannerName.SUBDOMAIN_ENTROPY
                || finding.scanner() == ScannerName.CROSS_REQUEST
                || finding.scanner() == ScannerName.CRLF;
    }

    private static String event(Finding finding, Place place) {
        return switch (place) {
            case RESPONSE -> "response_scan";
            case REQUEST_BODY -> isDlp(finding.scanner()) ? "body_dlp" : "anomaly";
            case REQUEST_HEADERS -> isDlp(finding.scanner()) ? "header_dlp" : "anomaly";
            case TARGET -> "anomaly";
            case CLIENT_MESSAGE, SERVER_MESSAGE -> "ws_scan";
        };
    }

    private void record(Level level, String event, Subject subject, Finding finding, String action) {
        audit.record(common(level, event, finding.message(), subject)
                .with("action", action)
                .with("scanner", finding.scanner().label())
                .with("rule", finding.rule())
                .with("severity", finding.severity().name())
                .with("reason", finding.message())
                .with("location", finding.location())
                .with("encoding", finding.encoding())
                .with("mitre_technique", Technique.of(finding.scanner())));
    }

    private static AuditEvent common(Level level, String event, String message, Subject subject) {
        return new AuditEvent(level, event, message)
                .with("method", subject.method())
                .with(subject.endpoint() == Endpoint.CONNECT ? "target" : "url", subject.url())
                .with("client_ip", subject.clientIp())
                .with("request_id", subject.requestId())
                .with("agent", subject.agent());
    }
}
