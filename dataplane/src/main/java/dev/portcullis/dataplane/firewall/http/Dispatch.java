package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.identity.AgentName;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitchApi;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Endpoint;
import dev.portcullis.dataplane.firewall.verdict.LimitFindings;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Reason;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which way a request goes, decided in this order: can it be read at all, is a kill switch engaged, CONNECT, absolute-form
 * (forwarded), origin-form (our own routes). Origin-form is addressed to us, absolute-form never is, whatever its path.
 */
public final class Dispatch implements Exchanges {
    /** Makes the exchange of a CONNECT. */
    @FunctionalInterface
    public interface Tunnels {
        /** The tunnel to {@code target}, host and port as the request states them. */
        Exchange open(
                ClientConnection connection,
                FirewallPolicy policy,
                Subject subject,
                HttpRequest head,
                String host,
                int port,
                String url);
    }

    private final FirewallParts parts;
    private final Tunnels tunnels;
    private final LocalRoutes routes;
    private final boolean overLimit;

    /**
     * A dispatch for one connection.
     *
     * @param overLimit whether its client holds more connections than it may
     */
    public Dispatch(FirewallParts parts, Tunnels tunnels, LocalRoutes routes, boolean overLimit) {
        this.parts = parts;
        this.tunnels = tunnels;
        this.routes = routes;
        this.overLimit = overLimit;
    }

    @Override
    public Exchange open(ClientConnection connection, HttpRequest head) {
        var policy = parts.policies().get();
        var tunnel = head.method().equals(HttpMethod.CONNECT);
        var local = !tunnel && head.uri().startsWith("/");
        var path = local ? LocalRoutes.path(head.uri()) : "";
        var subject = new Subject(
                parts.requestIds().next(),
                connection.client().getHostAddress(),
                endpoint(head, tunnel, local, path),
                parts.nanoClock().getAsLong());
        if (subject.endpoint() == Endpoint.WS) {
            subject.asWebSocket();
        }
        AgentName.tell(subject, head.headers(), policy);
        try {
            return open(connection, head, policy, subject, tunnel, local, path);
        } catch (MalformedRequestException e) {
            return refused(connection, head, parts.enforcer().malformed(subject, e.rule(), e.sentence()));
        }
    }

    private Exchange open(
            ClientConnection connection,
            HttpRequest head,
            @Nullable FirewallPolicy policy,
            Subject subject,
            boolean tunnel,
            boolean local,
            String path)
            throws MalformedRequestException {
        checkSyntax(head);
        Headers.checkFraming(head);
        var target = local ? null : tunnel ? RequestTarget.authority(head.uri()) : RequestTarget.absolute(head.uri());
        if (target != null) {
            subject.target(head.method().name(), target.url(), target.host());
        } else {
            subject.target(head.method().name(), path, "");
        }
        var engagement = parts.killSwitch().engagementFor(connection.client());
        var exempt = local && exempt(path);
        if (engagement != null && !exempt) {
            return refused(
                    connection,
                    head,
                    parts.enforcer().killed(subject, engagement.source().label(), engagement.message()));
        }
        if (local && !path.equals(LocalRoutes.FETCH) && !path.equals(LocalRoutes.WS)) {
            return routes.open(connection, head, policy, path);
        }
        if (policy == null) {
            return refused(connection, head, parts.enforcer().unconfigured(subject));
        }
        if (overLimit) {
            var denial = parts.enforcer()
                    .weigh(
                            policy.mode(),
                            subject,
                            Place.TARGET,
                            List.of(LimitFindings.connections(policy.limits().connectionsPerClient())));
            if (denial != null) {
                return refused(connection, head, denial);
            }
        }
        if (target == null) {
            return path.equals(LocalRoutes.WS)
                    ? routes.webSocket(connection, head, policy, subject)
                    : routes.fetch(connection, head, policy, subject);
        }
        return tunnel
                ? tunnels.open(connection, policy, subject, head, target.host(), target.port(), target.url())
                : new ForwardExchange(
                        connection, parts, policy, subject, head, target, RequestRules.chosenByClient(parts, policy));
    }

    /** @throws MalformedRequestException where the decoder could not make sense of {@code head}, or nobody here speaks it */
    static void checkSyntax(HttpRequest head) throws MalformedRequestException {
        if (head.decoderResult().isFailure()) {
            throw switch (head.decoderResult().cause()) {
                case MalformedRequestException known -> known;
                case TooLongHttpHeaderException tooLarge ->
                    new MalformedRequestException(
                            Reason.LARGE_HEADER,
                            "the request's header is larger than limits.headerBytes of the policy allows");
                case TooLongHttpLineException tooLong ->
                    new MalformedRequestException(
                            Reason.LONG_LINE,
                            "the request's first line is longer than limits.headerBytes of the policy allows");
                case Throwable other ->
                    new MalformedRequestException("syntax", "the request is not HTTP/1.1: " + other.getMessage());
            };
        }
        var version = head.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            throw new MalformedRequestException(
                    Reason.HTTP_VERSION, "the request is in another version than HTTP/1.1 (RFC 9112 section 2.3)");
        }
    }

    private static Endpoint endpoint(HttpRequest head, boolean tunnel, boolean local, String path) {
        if (tunnel) {
            return Endpoint.CONNECT;
        }
        if (!local) {
            return Handshake.asked(head) ? Endpoint.WS : Endpoint.FORWARD;
        }
        if (path.equals(LocalRoutes.WS)) {
            return Endpoint.WS;
        }
        return path.equals(LocalRoutes.FETCH) ? Endpoint.FETCH : Endpoint.OTHER;
    }

    private static Exchange refused(ClientConnection connection, HttpRequest head, Denial denial) {
        var accept = head.headers().get(HttpHeaderNames.ACCEPT);
        return new Immediate(() -> connection.deny(denial, accept));
    }

    /** True for the paths that a kill switch leaves open. */
    static boolean exempt(String path) {
        return path.equals("/health")
                || path.equals("/metrics")
                || path.equals(KillSwitchApi.TOGGLE)
                || path.equals(KillSwitchApi.STATUS);
    }
}
