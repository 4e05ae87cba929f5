package dev.portcullis.dataplane.flow.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** The description of the API (OpenAPI 3.1), a file beside this class. */
final class OpenApiDocument {
    private static final byte[] DOCUMENT = read();

    private OpenApiDocument() {}

    static ApiResponse response() {
        return new ApiResponse(200, ApiResponse.JSON, DOCUMENT, Map.of());
    }

    private static byte[] read() {
        try (var stream = OpenApiDocument.class.getResourceAsStream("openapi.json")) {
            if (stream == null) {
                throw new IllegalStateException("openapi.json is not beside " + OpenApiDocument.class);
            }
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
