package dev.portcullis.dataplane.firewall.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.dataplane.admin.MetricsPage;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.identity.AgentName;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitchApi;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the proxy port itself answers: /health /metrics /stats /status, /fetch, /ws, and the kill switch API. */
public final class LocalRoutes {
    static final String FETCH = "/fetch";
    static final String WS = "/ws";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final FirewallParts parts;
    private final AtomicInteger fetches = new AtomicInteger();

    public LocalRoutes(FirewallParts parts) {
        this.parts = parts;
    }

    /** The path of an origin-form target. */
    static String path(String uri) {
        var query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** The exchange of a request to {@code path}, which is neither {@link #FETCH} nor {@link #WS}. */
    Exchange open(ClientConnection connection, HttpRequest head, @Nullable FirewallPolicy policy, String path) {
        if (path.equals(KillSwitchApi.TOGGLE) || path.equals(KillSwitchApi.STATUS)) {
            var method = head.method().name();
            var authorization = head.headers().getAll(HttpHeaderNames.AUTHORIZATION);
            var token = policy == null ? null : policy.killSwitch().token();
            return new SmallBody(
                    connection,
                    KillSwitchApi.LARGEST_BODY,
                    body -> killSwitch(parts.killSwitchApi().answer(path, method, token, authorization, body)));
        }
        var accept = head.headers().get(HttpHeaderNames.ACCEPT);
        var method = head.method().name();
        return new Immediate(() -> connection.reply(page(method, path, accept)));
    }

    /** The exchange of a fetch. */
    Exchange fetch(ClientConnection connection, HttpRequest head, FirewallPolicy policy, Subject subject) {
        var query = FetchQuery.of(head.uri());
        var agent = AgentName.of(query.agent(), policy.identity().defaultAgent());
        if (subject.countedAgent().isEmpty() && agent.counted()) {
            subject.agent(agent.name(), true);
        }
        return FetchExchange.open(connection, parts, policy, subject, query, head, fetches);
    }

    /** The exchange of a request to {@link #WS}. */
    Exchange webSocket(ClientConnection connection, HttpRequest head, FirewallPolicy policy, Subject subject)
            throws MalformedRequestException {
        if (!policy.webSocket().enabled()) {
            return new Immediate(() -> connection.reply(error(404, "this policy has no WebSocket endpoint")));
        }
        if (!Handshake.asked(head)) {
            return new Immediate(() -> {
                var refused = error(426, "ask for a WebSocket: Upgrade: websocket (RFC 6455 section 4.1)");
                Handshake.offer(refused.headers());
                connection.reply(refused);
            });
        }
        var request = WebSocketRequest.of(head);
        if (request == null) {
            return new Immediate(
                    () -> connection.reply(error(400, "write /ws?url= and an absolute URL of scheme ws or wss")));
        }
        subject.target("GET", request.target().url(), request.target().host());
        return new ForwardExchange(
                connection,
                parts,
                policy,
                subject,
                request.head(),
                request.target(),
                RequestRules.chosenByClient(parts, policy));
    }

    private FullHttpResponse page(String method, String path, @Nullable String accept) {
        var known =
                switch (path) {
                    case "/health", "/metrics", "/stats", "/status" -> true;
                    default -> false;
                };
        if (!known) {
            return error(404, "there is nothing at " + path + " on this proxy");
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            var refused = error(405, "method not allowed: use GET");
            refused.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
            return refused;
        }
        return switch (path) {
            case "/metrics" -> {
                var metrics = MetricsPage.render(parts.view().registry(), accept);
                yield Replies.of(200, metrics.contentType(), metrics.body());
            }
            case "/stats" -> Replies.json(200, tree(parts.view().stats()));
            case "/status" -> Replies.json(200, tree(parts.view().status()));
            default -> Replies.json(200, health());
        };
    }

    /** Alive, and whether requests could pass: a proxy that refuses everything still answers here. */
    private JsonNode health() {
        var status = parts.view().status();
        return JsonNodeFactory.instance
                .objectNode()
                .put("status", "ok")
                .put("ready", status.ready())
                .put("kill_switch_active", parts.killSwitch().engagement() != null)
                .put("version", status.version())
                .put("uptime_seconds", status.uptimeSeconds());
    }

    private static FullHttpResponse killSwitch(KillSwitchApi.Reply answer) {
        var reply = Replies.json(answer.status(), answer.body());
        answer.headers().forEach((name, value) -> reply.headers().set(name, value));
        return reply;
    }

    private static JsonNode tree(Object document) {
        return JSON.valueToTree(document);
    }

    private static FullHttpResponse error(int status, String message) {
        return Replies.json(status, JsonNodeFactory.instance.objectNode().put("error", message));
    }
}
