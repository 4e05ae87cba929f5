package dev.portcullis.dataplane.firewall.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The query of a fetch.
 *
 * @param url what to fetch, in ASCII and without control characters; null where the query names none
 * @param agent the agent it names, or null
 */
record FetchQuery(@Nullable String url, @Nullable String agent) {
    /**
     * Reads {@code uri}. A URL that was not encoded may contain {@code &}: it then reaches to the end of the query.
     */
    static FetchQuery of(String uri) {
        var question = uri.indexOf('?');
        var query = question < 0 ? "" : uri.substring(question + 1);
        var agent = parameter(query, "agent");
        var at = start(query, "url");
        if (at < 0) {
            return new FetchQuery(null, agent);
        }
        var tail = query.substring(at);
        var and = tail.indexOf('&');
        var first = and < 0 ? tail : tail.substring(0, and);
        var plain = first.contains("://");
        try {
            var url = printable(plain ? tail : decode(first));
            return new FetchQuery(plain ? Ascii.target(url) : Ascii.url(url), agent);
        } catch (IllegalArgumentException e) {
            return new FetchQuery(null, agent);
        }
    }

    private static int start(String query, String name) {
        if (query.startsWith(name + "=")) {
            return name.length() + 1;
        }
        var at = query.indexOf("&" + name + "=");
        return at < 0 ? -1 : at + name.length() + 2;
    }

    private static @Nullable String parameter(String query, String name) {
        var at = start(query, name);
        if (at < 0) {
            return null;
        }
        var and = query.indexOf('&', at);
        try {
            return decode(and < 0 ? query.substring(at) : query.substring(at, and));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String decode(String text) {
        return QueryStringDecoder.decodeComponent(text);
    }

    private static String printable(String text) {
        var kept = new StringBuilder(text.length());
        for (var i = 0; i < text.length(); i++) {
            if (!Character.isISOControl(text.charAt(i))) {
                kept.append(text.charAt(i));
            }
        }
        return kept.toString().trim();
    }
}
