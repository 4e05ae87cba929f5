package dev.portcullis.dataplane.firewall.http;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How much further an OPTIONS or a TRACE may go (RFC 9110 section 7.6.2); other methods do not heed it. */
final class MaxForwards {
    private static final String METHODS = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE, CONNECT";
    private static final int DIGITS = 18;

    private MaxForwards() {}

    /** @throws MalformedRequestException where the limit of a request that heeds one is no number */
    static void check(HttpRequest head) throws MalformedRequestException {
        if (!heeded(head)) {
            return;
        }
        var values = head.headers().getAll(HttpHeaderNames.MAX_FORWARDS);
        for (var value : values) {
            var digits = value.trim();
            if (values.size() > 1 || digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new MalformedRequestException(
                        "max-forwards", "Max-Forwards is not one number (RFC 9110 section 7.6.2)");
            }
        }
    }

    /** True where {@code head}, whose limit was checked, goes no further; else the next hop is told one less. */
    static boolean endsHere(HttpRequest head) {
        var value = heeded(head) ? head.headers().get(HttpHeaderNames.MAX_FORWARDS) : null;
        if (value == null) {
            return false;
        }
        var digits = value.trim();
        var left = digits.length() > DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
        if (left == 0) {
            return true;
        }
        head.headers().set(HttpHeaderNames.MAX_FORWARDS, String.valueOf(left - 1));
        return false;
    }

    private static boolean heeded(HttpRequest head) {
        return head.method().equals(HttpMethod.OPTIONS) || head.method().equals(HttpMethod.TRACE);
    }

    /** The answer of the last recipient: what may be asked of it (section 9.3.7), or what it received (section 9.3.8). */
    static FullHttpResponse answer(HttpRequest head) {
        if (head.method().equals(HttpMethod.TRACE)) {
            return Replies.of(200, "message/http", received(head).getBytes(StandardCharsets.ISO_8859_1));
        }
        var reply = Replies.of(200, Replies.TEXT, new byte[0]);
        reply.headers().remove(HttpHeaderNames.CONTENT_TYPE);
        reply.headers().set(HttpHeaderNames.ALLOW, METHODS);
        return reply;
    }

    private static String received(HttpRequest head) {
        var text = new StringBuilder(256)
                .append(head.method().name())
                .append(' ')
                .append(head.uri())
                .append(" HTTP/1.1\r\n");
        for (var entry : head.headers()) {
            if (!sensitive(entry.getKey().toLowerCase(Locale.ROOT))) {
                text.append(entry.getKey())
                        .append(": ")
                        .append(entry.getValue())
                        .append("\r\n");
            }
        }
        return text.append("\r\n").toString();
    }

    /** True for fields that are left out of what is sent back. */
    private static boolean sensitive(String name) {
        return name.contains("auth") || name.contains("cookie") || name.contains("key") || name.contains("token");
    }
}
