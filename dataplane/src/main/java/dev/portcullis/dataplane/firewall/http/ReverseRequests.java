package dev.portcullis.dataplane.firewall.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.identity.AgentName;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy.ReverseProxy;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Endpoint;
import dev.portcullis.dataplane.firewall.verdict.LimitFindings;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests to one reverse proxy: all go to the server that the policy names. A kill switch refuses them whatever their
 * path and client.
 */
public final class ReverseRequests implements Exchanges {
    private final FirewallParts parts;
    private final String name;
    private final boolean overLimit;

    /**
     * The requests of one connection.
     *
     * @param name of the reverse proxy
     * @param overLimit whether its client holds more connections than it may
     */
    public ReverseRequests(FirewallParts parts, String name, boolean overLimit) {
        this.parts = parts;
        this.name = name;
        this.overLimit = overLimit;
    }

    @Override
    public Exchange open(ClientConnection connection, HttpRequest head) {
        var policy = parts.policies().get();
        var subject = new Subject(
                parts.requestIds().next(),
                connection.client().getHostAddress(),
                Endpoint.REVERSE_PROXY,
                parts.nanoClock().getAsLong());
        subject.route(name);
        if (Handshake.asked(head)) {
            subject.asWebSocket();
        }
        AgentName.tell(subject, head.headers(), policy);
        try {
            return open(connection, head, policy, subject);
        } catch (MalformedRequestException e) {
            return refused(connection, head, parts.enforcer().malformed(subject, e.rule(), e.sentence()));
        }
    }

    @Override
    public @Nullable Engagement engagement(KillSwitch killSwitch, InetAddress client) {
        return killSwitch.engagement();
    }

    private Exchange open(
            ClientConnection connection, HttpRequest head, @Nullable FirewallPolicy policy, Subject subject)
            throws MalformedRequestException {
        Dispatch.checkSyntax(head);
        Headers.checkFraming(head);
        if (!head.uri().startsWith("/")) {
            throw new MalformedRequestException(
                    "target", "a reverse proxy takes origin-form targets: write a path (RFC 9112 section 3.2.1)");
        }
        subject.target(head.method().name(), LocalRoutes.path(head.uri()), name);
        var engagement = engagement(parts.killSwitch(), connection.client());
        if (engagement != null) {
            return refused(
                    connection,
                    head,
                    parts.enforcer().killed(subject, engagement.source().label(), engagement.message()));
        }
        if (policy == null) {
            return refused(connection, head, parts.enforcer().unconfigured(subject));
        }
        var proxy = policy.reverseProxies().get(name);
        if (proxy == null) {
            return new Immediate(() -> connection.reply(Replies.json(
                    404,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("error", "the policy no longer has a reverse proxy " + name))));
        }
        if (overLimit) {
            var limit = policy.limits().connectionsPerClient();
            var denial = parts.enforcer()
                    .weigh(policy.mode(), subject, Place.TARGET, List.of(LimitFindings.connections(limit)));
            if (denial != null) {
                return refused(connection, head, denial);
            }
        }
        return forward(connection, head, policy, subject, proxy);
    }

    private Exchange forward(
            ClientConnection connection, HttpRequest head, FirewallPolicy policy, Subject subject, ReverseProxy proxy)
            throws MalformedRequestException {
        var upstream = RequestTarget.absolute(proxy.upstream());
        var url = upstream.scheme() + "://" + upstream.authority() + head.uri();
        var target = new RequestTarget(
                upstream.scheme(), upstream.host(), upstream.port(), upstream.authority(), head.uri(), url);
        subject.target(head.method().name(), url, target.host());
        var asked = head.headers().get(HttpHeaderNames.HOST);
        var rules = RequestRules.namedByPolicy(
                parts,
                policy,
                List.of(
                        "X-Forwarded-For",
                        connection.client().getHostAddress(),
                        "X-Forwarded-Host",
                        asked == null ? "" : asked,
                        "X-Forwarded-Proto",
                        "http"));
        return new ForwardExchange(connection, parts, policy, subject, head, target, rules);
    }

    private static Exchange refused(ClientConnection connection, HttpRequest head, Denial denial) {
        var accept = head.headers().get(HttpHeaderNames.ACCEPT);
        return new Immediate(() -> connection.reply(Replies.denial(denial, accept, "request")));
    }
}
