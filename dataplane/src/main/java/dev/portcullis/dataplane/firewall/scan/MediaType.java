package dev.portcullis.dataplane.firewall.scan;

import java.util.Locale;

/** What a Content-Type says about a body (RFC 9110 section 8.3). */
public final class MediaType {
    private MediaType() {}

    /** Type and subtype in lower case, without parameters. */
    public static String essence(String contentType) {
        var semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .trim()
                .toLowerCase(Locale.ROOT);
    }

    /** True where {@code essence} says JSON, one text or many in a row. */
    public static boolean json(String essence) {
        return essence.endsWith("json")
                || essence.endsWith("+json")
                || essence.equals("application/json-seq")
                || essence.equals("application/jsonlines");
    }

    /** True for types that a model does not read as text. Unknown types are text. */
    public static boolean binary(String contentType) {
        var type = essence(contentType);
        if (type.endsWith("+xml") || type.endsWith("+json")) {
            return false;
        }
        return type.startsWith("image/")
                || type.startsWith("audio/")
                || type.startsWith("video/")
                || type.startsWith("font/")
                || switch (type) {
                    case "application/octet-stream",
                            "application/zip",
                            "application/gzip",
                            "application/x-tar",
                            "application/wasm",
                            "application/grpc" -> true;
                    default -> false;
                };
    }
}
