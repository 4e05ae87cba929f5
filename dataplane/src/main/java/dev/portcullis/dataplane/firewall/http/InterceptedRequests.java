package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.identity.AgentName;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Endpoint;
import dev.portcullis.dataplane.firewall.verdict.InterceptReason;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;

/**
 * The requests inside one intercepted tunnel: each is for the host of the tunnel, and is then judged, forwarded and scanned
 * like any other. The policy and the kill switch are those of the moment of the request.
 */
public final class InterceptedRequests implements Exchanges {
    private final FirewallParts parts;
    private final RequestTarget tunnel;
    private final String agent;

    /**
     * The requests of a tunnel to {@code host} and {@code port}.
     *
     * @param agent who opened it; a request inside may name another
     */
    public InterceptedRequests(FirewallParts parts, String host, int port, String agent) {
        this.parts = parts;
        var bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        var authority = port == 443 ? bracketed : bracketed + ":" + port;
        this.tunnel = new RequestTarget("https", host, port, authority, "/", "https://" + authority + "/");
        this.agent = agent;
    }

    @Override
    public Exchange open(ClientConnection connection, HttpRequest head) {
        var subject = new Subject(
                parts.requestIds().next(),
                connection.client().getHostAddress(),
                Endpoint.INTERCEPT,
                parts.nanoClock().getAsLong());
        subject.target(head.method().name(), tunnel.url(), tunnel.host());
        if (Handshake.asked(head)) {
            subject.asWebSocket();
        }
        var policy = parts.policies().get();
        if (policy != null) {
            var named = AgentName.of(head.headers().get(policy.identity().header()), agent);
            subject.agent(named.name(), named.counted());
        }
        if (policy == null) {
            return refused(connection, head, parts.enforcer().unconfigured(subject));
        }
        try {
            return open(connection, head, policy, subject);
        } catch (MalformedRequestException e) {
            return refused(connection, head, parts.enforcer().malformed(subject, e.rule(), e.sentence()));
        }
    }

    private Exchange open(ClientConnection connection, HttpRequest head, FirewallPolicy policy, Subject subject)
            throws MalformedRequestException {
        Dispatch.checkSyntax(head);
        Headers.checkFraming(head);
        if (head.method().equals(HttpMethod.CONNECT)) {
            throw new MalformedRequestException("target", "a CONNECT inside an intercepted tunnel");
        }
        var target = RequestTarget.inside(head.uri(), head.headers().get(HttpHeaderNames.HOST), tunnel);
        subject.target(head.method().name(), target.url(), target.host());
        var engagement = parts.killSwitch().engagementFor(connection.client());
        if (engagement != null) {
            return refused(
                    connection,
                    head,
                    parts.enforcer().killed(subject, engagement.source().label(), engagement.message()));
        }
        if (!target.sameOrigin(tunnel)) {
            var denial = parts.enforcer().weigh(policy.mode(), subject, Place.TARGET, List.of(otherAuthority(target)));
            if (denial != null) {
                return refused(connection, head, denial);
            }
        }
        return new ForwardExchange(
                connection,
                parts,
                policy,
                subject,
                head,
                target.at(tunnel),
                RequestRules.chosenByClient(parts, policy));
    }

    private Finding otherAuthority(RequestTarget target) {
        return new Finding(
                ScannerName.DOMAIN,
                InterceptReason.OTHER_AUTHORITY,
                Severity.high,
                Action.Block,
                "plaintext",
                "host",
                -1,
                "the request is for " + target.authority() + " but its tunnel leads to " + tunnel.authority()
                        + ": open a tunnel to the host you ask",
                "");
    }

    private static Exchange refused(ClientConnection connection, HttpRequest head, Denial denial) {
        var accept = head.headers().get(HttpHeaderNames.ACCEPT);
        return new Immediate(() -> connection.deny(denial, accept));
    }
}
