package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.scan.coding.ContentCoding;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** What a proxy does to headers: takes away what is meant for it alone, and what would tell the origin about the client. */
final class Headers {
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString PROXY_AUTHENTICATION_INFO = AsciiString.cached("proxy-authentication-info");
    private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
    private static final AsciiString REAL_IP = AsciiString.cached("x-real-ip");
    /** What decides where a message goes and how it is read, and so is not believed when it comes last (RFC 9110 section 6.5.1). */
    private static final List<CharSequence> NEVER_BEHIND = List.of(
            HttpHeaderNames.HOST,
            HttpHeaderNames.AUTHORIZATION,
            HttpHeaderNames.CONTENT_TYPE,
            HttpHeaderNames.CONTENT_ENCODING,
            HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.MAX_FORWARDS);

    private static final String[] PREFIXES = {"x-forwarded-", "x-portcullis-", "x-pipelock-"};

    private Headers() {}

    /**
     * Checks that a request's framing, and how far it goes, can be read in one way only.
     *
     * @throws MalformedRequestException with the sentence for the client
     */
    static void checkFraming(HttpRequest request) throws MalformedRequestException {
        var headers = request.headers();
        var encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!encodings.isEmpty()) {
            if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
                throw new MalformedRequestException(
                        "framing", "Transfer-Encoding and Content-Length together (RFC 9112 section 6.1)");
            }
            if (encodings.size() > 1
                    || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(
                            encodings.get(0).trim())) {
                throw new MalformedRequestException(
                        "framing", "a Transfer-Encoding other than chunked is not supported (RFC 9112 section 6.1)");
            }
            if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                throw new MalformedRequestException("framing", "Transfer-Encoding in a request before HTTP/1.1");
            }
        }
        var hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1) {
            throw new MalformedRequestException("host", "more than one Host header (RFC 9112 section 3.2)");
        }
        if (hosts.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            throw new MalformedRequestException("host", "no Host header (RFC 9112 section 3.2)");
        }
        MaxForwards.check(request);
    }

    /** Takes away what must not reach the origin, and asks only for content codings that can be scanned. */
    static void cleanRequest(HttpHeaders headers, String identityHeader) {
        hopByHop(headers);
        headers.remove(HttpHeaderNames.EXPECT);
        headers.remove(HttpHeaderNames.VIA);
        headers.remove(FORWARDED);
        headers.remove(REAL_IP);
        headers.remove(identityHeader);
        byPrefix(headers);
        var accepted = headers.getAll(HttpHeaderNames.ACCEPT_ENCODING);
        if (!accepted.isEmpty()) {
            headers.set(HttpHeaderNames.ACCEPT_ENCODING, decodable(accepted));
        }
    }

    /** Takes away what concerned only the hop to the origin, and our own headers, which only we may set. */
    static void cleanResponse(HttpHeaders headers) {
        hopByHop(headers);
        byPrefix(headers);
    }

    /**
     * The end of a body.
     *
     * @param trailers what came behind it
     * @param chunked whether the body goes on in chunks, which alone can carry trailers (RFC 9112 section 7.1.2)
     */
    static LastHttpContent last(HttpHeaders trailers, boolean chunked) {
        if (trailers.isEmpty() || !chunked) {
            return LastHttpContent.EMPTY_LAST_CONTENT;
        }
        var last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        last.trailingHeaders().set(trailers);
        hopByHop(last.trailingHeaders());
        byPrefix(last.trailingHeaders());
        NEVER_BEHIND.forEach(last.trailingHeaders()::remove);
        return last;
    }

    /**
     * True where a request's or a reply's {@code headers} are part of NTLM or Negotiate, by which an origin may take every later
     * request of the connection for the same user's (RFC 4559 section 4.1): nobody else must get that connection.
     */
    static boolean authenticateConnection(HttpHeaders headers) {
        return bound(headers.getAll(HttpHeaderNames.AUTHORIZATION))
                || bound(headers.getAll(HttpHeaderNames.WWW_AUTHENTICATE));
    }

    private static boolean bound(List<String> values) {
        for (var value : values) {
            var scheme = value.stripLeading();
            if (scheme.regionMatches(true, 0, "NTLM", 0, 4) || scheme.regionMatches(true, 0, "Negotiate", 0, 9)) {
                return true;
            }
        }
        return false;
    }

    private static void hopByHop(HttpHeaders headers) {
        for (var value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (var name : value.split(",")) {
                var trimmed = name.trim();
                var framing = trimmed.equalsIgnoreCase("content-length") || trimmed.equalsIgnoreCase("host");
                if (!trimmed.isEmpty() && !framing) {
                    headers.remove(trimmed);
                }
            }
        }
        headers.remove(HttpHeaderNames.CONNECTION);
        headers.remove(PROXY_CONNECTION);
        headers.remove(KEEP_ALIVE);
        headers.remove(HttpHeaderNames.TE);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.UPGRADE);
        headers.remove(HttpHeaderNames.PROXY_AUTHENTICATE);
        headers.remove(HttpHeaderNames.PROXY_AUTHORIZATION);
        headers.remove(PROXY_AUTHENTICATION_INFO);
    }

    private static void byPrefix(HttpHeaders headers) {
        List<CharSequence> gone = null;
        var types = 0;
        var entries = headers.iteratorCharSequence();
        while (entries.hasNext()) {
            var name = entries.next().getKey();
            if (name.length() == 12 && AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.CONTENT_TYPE)) {
                types++;
            }
            if (name.length() > 11 && (name.charAt(0) | 0x20) == 'x') {
                for (var prefix : PREFIXES) {
                    if (AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length())) {
                        gone = gone == null ? new ArrayList<>() : gone;
                        gone.add(name);
                    }
                }
            }
        }
        if (gone != null) {
            gone.forEach(headers::remove);
        }
        if (types > 1) {
            // The other side must not take another one for the body's type than the one by which it is judged.
            headers.set(HttpHeaderNames.CONTENT_TYPE, headers.get(HttpHeaderNames.CONTENT_TYPE));
        }
    }

    /** The part of an Accept-Encoding that leaves nothing unscannable. */
    private static String decodable(List<String> accepted) {
        var kept = new StringBuilder();
        for (var value : accepted) {
            for (var coding : value.split(",")) {
                var semicolon = coding.indexOf(';');
                var name = (semicolon < 0 ? coding : coding.substring(0, semicolon)).trim();
                if (ContentCoding.named(name) != null || name.equalsIgnoreCase("identity")) {
                    kept.append(kept.isEmpty() ? "" : ", ").append(coding.trim());
                }
            }
        }
        return kept.isEmpty() ? "identity" : kept.toString();
    }
}
