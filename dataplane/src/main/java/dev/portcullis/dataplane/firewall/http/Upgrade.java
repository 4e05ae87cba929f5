package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Reason;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import dev.portcullis.dataplane.firewall.websocket.WebSocketSession;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The part of a forwarded request that asks for a WebSocket: may it, and what becomes of it when the origin agrees. */
final class Upgrade {
    private final ClientConnection connection;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final RequestTarget target;
    private final RequestRules rules;
    private final HttpRequest head;
    private final Consumer<Denial> deny;
    private @Nullable Handshake handshake;
    private boolean counted;

    /**
     * The wish of {@code head}.
     *
     * @param deny ends the exchange with a refusal
     */
    Upgrade(
            ClientConnection connection,
            FirewallParts parts,
            FirewallPolicy policy,
            Subject subject,
            RequestTarget target,
            RequestRules rules,
            HttpRequest head,
            Consumer<Denial> deny) {
        this.connection = connection;
        this.parts = parts;
        this.policy = policy;
        this.subject = subject;
        this.target = target;
        this.rules = rules;
        this.head = head;
        this.deny = deny;
        subject.asWebSocket();
    }

    /** Judges the wish; false when the exchange is over because of it. */
    boolean admitted() {
        var fault = Handshake.fault(head);
        if (fault != null) {
            deny.accept(parts.enforcer().malformed(subject, "websocket-handshake", fault));
            return false;
        }
        if (Handshake.otherVersion(head)) {
            deny.accept(parts.enforcer()
                    .malformed(
                            subject,
                            Reason.WEBSOCKET_VERSION,
                            "Sec-WebSocket-Version is not " + Handshake.VERSION + " (RFC 6455 section 4.1)"));
            return false;
        }
        var settings = policy.webSocket();
        if (!settings.enabled()) {
            var denial = parts.enforcer().weigh(policy.mode(), subject, Place.TARGET, List.of(disabled()));
            if (denial != null) {
                deny.accept(denial);
                return false;
            }
        }
        counted = true;
        if (parts.openWebSockets().incrementAndGet() > settings.maxConnections()) {
            deny.accept(parts.enforcer().full(subject, tooMany(settings.maxConnections())));
            return false;
        }
        handshake = Handshake.of(head);
        return true;
    }

    /** Makes the headers for the origin ask, too. */
    void prepare(HttpHeaders headers) {
        if (handshake != null) {
            handshake.prepare(headers);
        }
    }

    /** What is wrong with the origin's 101, or null. */
    @Nullable
    String fault(HttpResponse answer) {
        return handshake == null ? "it switches protocols unasked" : handshake.fault(answer);
    }

    /** Hands the connection of {@code origin} to the session that takes over from here. */
    void begin(OriginConnection origin, HttpResponse answer) {
        var from = origin.release();
        if (from == null) {
            throw new IllegalStateException("an origin that answered is there");
        }
        counted = false;
        var reached = from.address();
        Headers.cleanResponse(answer.headers());
        new WebSocketSession(
                        connection, parts, policy, subject, target.host(), now -> rules.allowedBy(now, target, reached))
                .start(from, answer.headers());
    }

    /** The exchange is over without a session. */
    void over() {
        if (counted) {
            counted = false;
            parts.openWebSockets().decrementAndGet();
        }
    }

    private static Finding disabled() {
        return finding(
                "disabled", "this policy does not let WebSocket connections pass", "webSocket:\n  enabled: true");
    }

    private static Finding tooMany(int limit) {
        return finding(
                "connections",
                "more than " + limit + " WebSocket connections are open",
                "webSocket:\n  maxConnections: " + 2L * limit);
    }

    private static Finding finding(String rule, String message, String hint) {
        return new Finding(
                ScannerName.WEBSOCKET, rule, Severity.medium, Action.Block, "plaintext", "request", -1, message, hint);
    }
}
