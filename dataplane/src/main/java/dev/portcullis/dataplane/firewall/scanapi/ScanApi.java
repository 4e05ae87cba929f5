package dev.portcullis.dataplane.firewall.scanapi;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.dataplane.admin.BuildVersion;
import dev.portcullis.dataplane.audit.AuditSink;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Exchange;
import dev.portcullis.dataplane.firewall.http.Exchanges;
import dev.portcullis.dataplane.firewall.http.Immediate;
import dev.portcullis.dataplane.firewall.http.Replies;
import dev.portcullis.dataplane.firewall.net.NameResolver;
import dev.portcullis.dataplane.metrics.ScanApiMetrics;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** What the scan API's listener answers, and what all of its calls share. */
public final class ScanApi implements Exchanges {
    private static final byte[] HEALTHY = "{\"status\":\"ok\"}\n".getBytes(StandardCharsets.UTF_8);

    /**
     * Bounds of the listener and its calls.
     *
     * @param readMillis time a call's body has to arrive
     * @param scanMillis time its scan may take
     * @param connections open at once
     */
    public record Bounds(long readMillis, long scanMillis, int connections) {
        /** What users get. */
        public static final Bounds STANDARD = new Bounds(2_000, 5_000, 100);
    }

    private final FirewallParts parts;
    private final NameResolver names;
    private final AuditSink audit;
    private final ScanApiMetrics metrics;
    private final Bounds bounds;
    private final TokenRate rate;
    private final ScanIds ids = new ScanIds(new SecureRandom());
    private final String version = BuildVersion.current();
    private final AtomicInteger connections = new AtomicInteger();

    public ScanApi(FirewallParts parts, NameResolver names, AuditSink audit, ScanApiMetrics metrics, Bounds bounds) {
        this.parts = parts;
        this.names = names;
        this.audit = audit;
        this.metrics = metrics;
        this.bounds = bounds;
        this.rate = new TokenRate(parts.nanoClock());
    }

    @Override
    public Exchange open(ClientConnection connection, HttpRequest head) {
        var uri = head.uri();
        var query = uri.indexOf('?');
        var path = query < 0 ? uri : uri.substring(0, query);
        return switch (path) {
            case "/v1/scan", "/api/v1/scan" -> new ScanCall(this, connection, head, path);
            case "/health" -> new Immediate(() -> connection.reply(health(head.method())));
            default ->
                new Immediate(() -> connection.reply(
                        head.decoderResult().isFailure()
                                ? error(400, "the request is not HTTP/1.1")
                                : error(404, "there is nothing here: POST /v1/scan")));
        };
    }

    /** Makes room for one more connection, or says that there is none. */
    boolean connected() {
        if (connections.incrementAndGet() > bounds.connections()) {
            connections.decrementAndGet();
            metrics.connectionRefused();
            return false;
        }
        return true;
    }

    /** A connection is gone. */
    void disconnected() {
        connections.decrementAndGet();
    }

    FirewallParts parts() {
        return parts;
    }

    NameResolver names() {
        return names;
    }

    AuditSink audit() {
        return audit;
    }

    ScanApiMetrics metrics() {
        return metrics;
    }

    Bounds bounds() {
        return bounds;
    }

    TokenRate rate() {
        return rate;
    }

    ScanIds ids() {
        return ids;
    }

    String version() {
        return version;
    }

    private static FullHttpResponse health(HttpMethod method) {
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            var refused = error(405, "method not allowed: use GET");
            refused.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
            return refused;
        }
        return Replies.of(200, Replies.JSON, HEALTHY);
    }

    private static FullHttpResponse error(int status, String message) {
        return Replies.json(status, JsonNodeFactory.instance.objectNode().put("error", message));
    }
}
