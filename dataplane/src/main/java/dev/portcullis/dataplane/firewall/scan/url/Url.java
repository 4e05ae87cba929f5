package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.address.LiteralAddress;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An absolute URL in its parts, as written.
 *
 * @param scheme lower case
 * @param host normalised as in {@link DomainSet#normalize}, without brackets
 * @param address what a literal host means, null for names
 * @param authority as written, user information included
 * @param path as written, empty or from the first slash
 * @param query as written, without the question mark; empty where there is none
 */
public record Url(
        String text,
        String scheme,
        String host,
        @Nullable InetAddress address,
        String authority,
        String path,
        String query) {

    /** Parses {@code text}; null where two readers could disagree about its host, or where it has none. */
    public static @Nullable Url parse(String text) {
        var colon = text.indexOf(':');
        if (colon <= 0 || !text.startsWith("//", colon + 1)) {
            return null;
        }
        var start = colon + 3;
        var end = start;
        while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        var authority = text.substring(start, end);
        var host = host(authority);
        if (host == null) {
            return null;
        }
        var fragment = text.indexOf('#', end);
        var last = fragment < 0 ? text.length() : fragment;
        var question = text.indexOf('?', end);
        var pathEnd = question < 0 || question > last ? last : question;
        return new Url(
                text,
                text.substring(0, colon).toLowerCase(Locale.ROOT),
                host,
                LiteralAddress.parse(host),
                authority,
                text.substring(end, pathEnd),
                pathEnd < last ? text.substring(pathEnd + 1, last) : "");
    }

    private static @Nullable String host(String authority) {
        for (var i = 0; i < authority.length(); i++) {
            var c = authority.charAt(i);
            if (c <= ' ' || c == '\\' || c == 0x7f) {
                return null;
            }
        }
        var at = authority.lastIndexOf('@');
        var hostPort = authority.substring(at + 1);
        String host;
        if (hostPort.startsWith("[")) {
            var close = hostPort.indexOf(']');
            if (close < 0 || !port(hostPort, close + 1)) {
                return null;
            }
            host = hostPort.substring(1, close);
            if (LiteralAddress.parse(host) == null || host.indexOf(':') < 0) {
                return null;
            }
        } else {
            var colon = hostPort.indexOf(':');
            host = colon < 0 ? hostPort : hostPort.substring(0, colon);
            if (!port(hostPort, colon < 0 ? hostPort.length() : colon) || host.indexOf('%') >= 0) {
                return null;
            }
        }
        var name = DomainSet.normalize(host);
        if (name.isEmpty()
                || name.startsWith(".")
                || name.contains("..")
                || (LiteralAddress.parse(name) == null && LiteralAddress.endsInNumber(name))) {
            return null;
        }
        return name;
    }

    private static boolean port(String hostPort, int at) {
        if (at == hostPort.length()) {
            return true;
        }
        if (hostPort.charAt(at) != ':' || hostPort.length() - at > 6) {
            return false;
        }
        for (var i = at + 1; i < hostPort.length(); i++) {
            if (hostPort.charAt(i) < '0' || hostPort.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
