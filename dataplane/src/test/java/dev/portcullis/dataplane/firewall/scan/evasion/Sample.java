package dev.portcullis.dataplane.firewall.scan.evasion;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What an agent sends, or is sent, to get something past the scanner.
 *
 * @param url absolute URL
 * @param headers request headers beside those of the body
 * @param contentType of the body, or an empty string
 * @param coding Content-Encoding of the body, or an empty string
 * @param parts the body as it arrives
 */
public record Sample(String url, Map<String, String> headers, String contentType, String coding, List<byte[]> parts) {
    private static final String HOST = "http://origin.test/";

    public static Sample url(String url) {
        return new Sample(url, Map.of(), "", "", List.of());
    }

    public static Sample path(String pathAndQuery) {
        return url(HOST + pathAndQuery);
    }

    public static Sample headers(Map<String, String> headers) {
        return new Sample(HOST, headers, "", "", List.of());
    }

    public static Sample body(String contentType, String text) {
        return bytes(contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    public static Sample bytes(String contentType, byte[] bytes) {
        return parts(contentType, List.of(bytes));
    }

    public static Sample parts(String contentType, List<byte[]> parts) {
        return new Sample(HOST, Map.of(), contentType, "", parts);
    }

    public static Sample coded(String contentType, String coding, byte[] bytes) {
        return new Sample(HOST, Map.of(), contentType, coding, List.of(bytes));
    }

    public boolean hasBody() {
        return !parts.isEmpty();
    }
}
