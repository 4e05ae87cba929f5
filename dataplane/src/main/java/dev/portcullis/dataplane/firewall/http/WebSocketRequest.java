package dev.portcullis.dataplane.firewall.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /ws?url=} asks an origin for. Its headers are made anew: credentials of APIs, the subprotocol and the user
 * agent go on; cookies do not; Origin becomes that of the target.
 *
 * @param head the request to the origin
 * @param target its place, as http or https
 */
record WebSocketRequest(HttpRequest head, RequestTarget target) {
    private static final List<CharSequence> KEPT = List.of(
            HttpHeaderNames.UPGRADE,
            HttpHeaderNames.CONNECTION,
            HttpHeaderNames.SEC_WEBSOCKET_KEY,
            HttpHeaderNames.SEC_WEBSOCKET_VERSION,
            HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL,
            HttpHeaderNames.AUTHORIZATION,
            AsciiString.cached("x-api-key"),
            AsciiString.cached("x-goog-api-key"),
            HttpHeaderNames.USER_AGENT,
            HttpHeaderNames.ACCEPT);

    /**
     * Reads {@code local}.
     *
     * @return null where it names no URL of scheme ws or wss
     * @throws MalformedRequestException where the URL cannot be read
     */
    static @Nullable WebSocketRequest of(HttpRequest local) throws MalformedRequestException {
        var url = FetchQuery.of(local.uri()).url();
        if (url == null) {
            return null;
        }
        var lower = url.toLowerCase(Locale.ROOT);
        RequestTarget target;
        if (lower.startsWith("ws://")) {
            target = RequestTarget.absolute("http" + url.substring(2));
        } else if (lower.startsWith("wss://")) {
            target = RequestTarget.absolute("https" + url.substring(3));
        } else {
            return null;
        }
        var head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target.pathAndQuery());
        for (var name : KEPT) {
            head.headers().add(name, local.headers().getAll(name));
        }
        if (local.headers().contains(HttpHeaderNames.ORIGIN)) {
            head.headers().set(HttpHeaderNames.ORIGIN, target.scheme() + "://" + target.authority());
        }
        return new WebSocketRequest(head, target);
    }
}
