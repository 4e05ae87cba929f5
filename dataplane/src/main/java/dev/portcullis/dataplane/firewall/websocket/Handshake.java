package dev.portcullis.dataplane.firewall.websocket;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client's wish to speak WebSocket (RFC 6455 section 4). The client's key goes on to the origin, whose answer to it is
 * checked; extensions do not go on, so that every frame can be read: permessage-deflate is never agreed on.
 */
public final class Handshake {
    /** The version spoken. */
    public static final String VERSION = "13";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private final String key;
    private final Set<String> protocols = new HashSet<>();

    private Handshake(String key, HttpHeaders headers) {
        this.key = key;
        for (var value : headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            for (var name : value.split(",")) {
                protocols.add(name.trim());
            }
        }
    }

    /** True for a request that asks for WebSocket, well or badly. */
    public static boolean asked(HttpRequest head) {
        var headers = head.headers();
        return headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
    }

    /** What is wrong with a request that asks for WebSocket, as a sentence, or null; its version is looked at apart. */
    public static @Nullable String fault(HttpRequest head) {
        var keys = head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (!head.method().equals(HttpMethod.GET) || !head.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            return "a WebSocket is asked for with GET and HTTP/1.1 (RFC 6455 section 4.1)";
        }
        if (HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0) {
            return "a request for a WebSocket has no body (RFC 6455 section 4.1)";
        }
        if (keys.size() != 1 || !isKey(keys.getFirst().trim())) {
            return "Sec-WebSocket-Key is not 16 bytes in base64 (RFC 6455 section 4.1)";
        }
        return null;
    }

    /** True for a request that asks for another version than {@value #VERSION}, or names none. */
    public static boolean otherVersion(HttpRequest head) {
        var versions = head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
        return versions.size() != 1 || !versions.getFirst().trim().equals(VERSION);
    }

    /** Says in a reply of status 426 what is spoken here (RFC 6455 section 4.4, RFC 9110 section 15.5.22). */
    public static void offer(HttpHeaders headers) {
        headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The handshake of a request without a {@link #fault}. */
    public static Handshake of(HttpRequest head) {
        return new Handshake(
                head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY).trim(), head.headers());
    }

    /** Makes the headers of a request to the origin, already without what concerns one hop, ask for WebSocket. */
    public void prepare(HttpHeaders headers) {
        ask(headers);
        headers.remove(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
    }

    private static void ask(HttpHeaders headers) {
        headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    }

    /** What is wrong with an origin's 101, as a part of a sentence, or null (RFC 6455 section 4.1). */
    public @Nullable String fault(HttpResponse answer) {
        var headers = answer.headers();
        if (!headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            return "it does not say that it speaks WebSocket";
        }
        var accept = headers.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
        if (accept == null || !accept.trim().equals(accept(key))) {
            return "its Sec-WebSocket-Accept does not answer the key";
        }
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) {
            return "it uses an extension that nobody offered";
        }
        var protocol = headers.get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (protocol != null && !protocols.contains(protocol.trim())) {
            return "it chose a subprotocol that nobody offered";
        }
        return null;
    }

    /** Makes the headers of the origin's 101, already without what concerns one hop, those of ours to the client. */
    static void confirm(HttpHeaders headers) {
        ask(headers);
    }

    private static String accept(String key) {
        try {
            var digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
