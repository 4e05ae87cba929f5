package dev.portcullis.dataplane.firewall.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Endpoint;
import dev.portcullis.dataplane.firewall.verdict.Reason;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The replies that are ours and not an origin's. */
public final class Replies {
    public static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";

    private Replies() {}

    /** A refusal, in the form that {@code accept}, the request's Accept header, asks for. */
    static FullHttpResponse denial(Denial denial, @Nullable String accept) {
        var json = Denial.wantsJson(accept);
        return marked(denial, of(denial.status(), json ? JSON : TEXT, denial.body(json)));
    }

    /**
     * A refusal of something that concerns a reverse proxy.
     *
     * @param direction {@code request} or {@code response}
     */
    static FullHttpResponse denial(Denial denial, @Nullable String accept, String direction) {
        if (!Denial.wantsJson(accept)) {
            return denial(denial, accept);
        }
        return marked(denial, json(denial.status(), denial.json().put("direction", direction)));
    }

    /**
     * A refusal of something that came in at {@code endpoint}.
     *
     * @param replying whether it is the reply that is refused
     */
    static FullHttpResponse denial(Denial denial, @Nullable String accept, Endpoint endpoint, boolean replying) {
        return endpoint == Endpoint.REVERSE_PROXY
                ? denial(denial, accept, replying ? "response" : "request")
                : denial(denial, accept);
    }

    private static FullHttpResponse marked(Denial denial, FullHttpResponse reply) {
        reply.headers().set(Denial.HEADER, denial.scanner());
        if (denial.reason() == Reason.UPGRADE_REQUIRED) {
            Handshake.offer(reply.headers());
        }
        return reply;
    }

    /** A JSON document. */
    public static FullHttpResponse json(int status, JsonNode document) {
        return of(status, JSON, bytes(document));
    }

    /** The bytes of a JSON document, as {@link #json} sends it. */
    static byte[] bytes(JsonNode document) {
        return (document + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Any bytes. */
    public static FullHttpResponse of(int status, String contentType, byte[] body) {
        var reply = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
        reply.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        reply.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return reply;
    }
}
