package dev.portcullis.dataplane.firewall.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a proxied request goes (RFC 9112 section 3.2).
 *
 * @param scheme in lower case
 * @param host in lower case, an IPv6 address without brackets
 * @param port 0 where neither the request nor the scheme names one
 * @param authority host and port as the header Host states them
 * @param pathAndQuery what the origin is asked for, beginning with a slash
 * @param url the whole as the client wrote it
 */
record RequestTarget(String scheme, String host, int port, String authority, String pathAndQuery, String url) {
    private static final int LONGEST_HOST = 253;

    /** True for https. */
    boolean secure() {
        return scheme.equals("https");
    }

    /** Reads an absolute-form target: {@code http://host:port/path?query}. */
    static RequestTarget absolute(String url) throws MalformedRequestException {
        var colon = url.indexOf("://");
        if (colon <= 0 || !isScheme(url, colon)) {
            throw new MalformedRequestException("target", "the request target is not an absolute URL");
        }
        var scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
        var start = colon + 3;
        var end = start;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        if (url.indexOf('#', end) >= 0) {
            throw new MalformedRequestException("target", "the request target has a fragment");
        }
        var standardPort =
                switch (scheme) {
                    case "http" -> 80;
                    case "https" -> 443;
                    default -> 0;
                };
        var authority = url.substring(start, end);
        var host = host(authority);
        var port = port(authority, standardPort);
        var rest = url.substring(end);
        var path = rest.startsWith("/") ? rest : "/" + rest;
        return new RequestTarget(scheme, host, port, authority.toLowerCase(Locale.ROOT), path, url);
    }

    /** Reads an authority-form target, as CONNECT has it: {@code host:port}. */
    static RequestTarget authority(String authority) throws MalformedRequestException {
        var host = host(authority);
        var port = port(authority, 0);
        if (port == 0) {
            throw new MalformedRequestException("target", "CONNECT names no port: write host:port");
        }
        return new RequestTarget(
                "https", host, port, authority.toLowerCase(Locale.ROOT), "/", "https://" + authority + "/");
    }

    /**
     * Reads the target of a request inside an intercepted tunnel, as origin-form, {@code *} or an absolute https URL.
     *
     * @param named value of the header Host; null for a request without one
     * @param tunnel where the tunnel leads, as its CONNECT states it
     */
    static RequestTarget inside(String uri, @Nullable String named, RequestTarget tunnel)
            throws MalformedRequestException {
        if (!uri.startsWith("/") && !uri.equals("*")) {
            var absolute = absolute(uri);
            if (!absolute.secure()) {
                throw new MalformedRequestException("target", "a request inside TLS is not for an http URL");
            }
            return absolute;
        }
        var authority = named == null ? tunnel.authority() : named;
        var host = host(authority);
        var port = port(authority, 443);
        if (uri.indexOf('#') >= 0) {
            throw new MalformedRequestException("target", "the request target has a fragment");
        }
        var shown = port == 443 ? authority.substring(0, hostEnd(authority)) : authority;
        return new RequestTarget(
                "https",
                host,
                port,
                shown.toLowerCase(Locale.ROOT),
                uri,
                "https://" + shown + (uri.equals("*") ? "/" : uri));
    }

    /** True where it leads to the same host and port as {@code other}; a dot at the end of a name does not matter. */
    boolean sameOrigin(RequestTarget other) {
        return port == other.port && withoutDot(host).equals(withoutDot(other.host));
    }

    /** The same request, sent to {@code other}'s host and port. */
    RequestTarget at(RequestTarget other) {
        return new RequestTarget(scheme, other.host, other.port, authority, pathAndQuery, url);
    }

    private static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private static boolean isScheme(String url, int end) {
        for (var i = 0; i < end; i++) {
            var c = url.charAt(i);
            var letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && (i == 0 || "0123456789+-.".indexOf(c) < 0)) {
                return false;
            }
        }
        return true;
    }

    private static int hostEnd(String authority) {
        if (authority.startsWith("[")) {
            return authority.indexOf(']') + 1;
        }
        var colon = authority.indexOf(':');
        return colon < 0 ? authority.length() : colon;
    }

    private static String host(String authority) throws MalformedRequestException {
        if (authority.indexOf('@') >= 0) {
            throw new MalformedRequestException(
                    "userinfo", "the request target carries user information before its host (RFC 9110 section 4.2.4)");
        }
        var end = hostEnd(authority);
        var bracketed = authority.startsWith("[");
        var host = bracketed && end > 1 ? authority.substring(1, end - 1) : authority.substring(0, end);
        if (host.isEmpty() || host.length() > LONGEST_HOST) {
            throw new MalformedRequestException("host", "the request target's host is empty or too long");
        }
        for (var i = 0; i < host.length(); i++) {
            var c = host.charAt(i);
            var plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!plain && (bracketed ? ":." : "-._").indexOf(c) < 0) {
                throw new MalformedRequestException(
                        "host", "the request target's host has a character that no host name has");
            }
        }
        return host.toLowerCase(Locale.ROOT);
    }

    private static int port(String authority, int otherwise) throws MalformedRequestException {
        var end = hostEnd(authority);
        if (end == authority.length()) {
            return otherwise;
        }
        var digits = authority.substring(end + 1);
        if (authority.charAt(end) != ':' || digits.isEmpty() || digits.length() > 5) {
            throw new MalformedRequestException("port", "the request target's port is not a number from 1 to 65535");
        }
        var port = 0;
        for (var i = 0; i < digits.length(); i++) {
            var c = digits.charAt(i);
            if (c < '0' || c > '9') {
                throw new MalformedRequestException("port", "the request target's port is not a number");
            }
            port = port * 10 + (c - '0');
        }
        if (port < 1 || port > 65535) {
            throw new MalformedRequestException("port", "the request target's port is not a number from 1 to 65535");
        }
        return port;
    }
}
