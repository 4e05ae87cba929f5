package dev.portcullis.dataplane.firewall.session;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import dev.portcullis.dataplane.firewall.scan.url.Url;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The named values that a request carries, in the order they stand in it. */
final class OutgoingValues {
    /** Values looked at of one URL, and of one body. */
    static final int VALUES = 64;

    private static final int LONGEST_NAME = 64;
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private OutgoingValues() {}

    /** Told of each value. */
    @FunctionalInterface
    interface Values {
        /** {@code value[from, to)} goes out under {@code name}; false ends the walk. */
        boolean value(String name, byte[] value, int from, int to);
    }

    /**
     * The values of a URL: labels of its host below {@code domain}, the end of its path, its query.
     *
     * @param domain the registrable domain of its host
     */
    static void ofUrl(Url url, String domain, boolean tunnel, Values values) {
        if (url.host().length() > domain.length() && url.host().endsWith(domain)) {
            var labels = bytes(url.host()
                    .substring(0, url.host().length() - domain.length())
                    .replace(".", ""));
            if (!values.value("host " + domain, labels, 0, labels.length)) {
                return;
            }
        }
        if (tunnel) {
            return;
        }
        var end = bytes(url.path().substring(url.path().lastIndexOf('/') + 1));
        if (end.length > 0 && !values.value("path", end, 0, end.length)) {
            return;
        }
        var query = bytes(url.query());
        ofForm(query, query.length, "query ", values);
    }

    /** The values of {@code name=value&…}; one without a name is called {@code value}. */
    static void ofForm(byte[] form, int length, String prefix, Values values) {
        var start = 0;
        for (var n = 0; start < length && n < VALUES; n++) {
            var end = start;
            var equals = -1;
            while (end < length && form[end] != '&') {
                if (form[end] == '=' && equals < 0) {
                    equals = end;
                }
                end++;
            }
            var name = equals < 0
                    ? "value"
                    : new String(form, start, Math.min(equals - start, LONGEST_NAME), StandardCharsets.ISO_8859_1);
            var from = equals < 0 ? start : equals + 1;
            if (end > from && !values.value(prefix + name, form, from, end)) {
                return;
            }
            start = end + 1;
        }
    }

    /**
     * The values of the first {@code length} bytes of a body.
     *
     * @param type value of Content-Type
     */
    static void ofBody(String type, byte[] body, int length, Values values) {
        var lower = type.toLowerCase(Locale.ROOT);
        if (lower.startsWith("application/x-www-form-urlencoded")) {
            ofForm(body, length, "form ", values);
        } else if (lower.contains("json")) {
            ofJson(body, length, values);
        } else if (length > 0) {
            values.value("body", body, 0, length);
        }
    }

    private static void ofJson(byte[] body, int length, Values values) {
        try (var json = JSON.createParser(body, 0, length)) {
            var key = "";
            JsonToken token;
            for (var n = 0; n < VALUES && (token = json.nextToken()) != null; ) {
                if (token == JsonToken.FIELD_NAME) {
                    key = json.currentName();
                    key = key.length() > LONGEST_NAME ? key.substring(0, LONGEST_NAME) : key;
                } else if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
                    n++;
                    var value = json.getText().getBytes(StandardCharsets.UTF_8);
                    if (value.length > 0 && !values.value("json " + key, value, 0, value.length)) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // Cut off, or no JSON at all: what stands before that was looked at, and the body's own scan sees all of
            // it.
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
