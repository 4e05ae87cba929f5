package dev.portcullis.dataplane.flow.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer.
 *
 * @param stream what follows the head for as long as the client listens, or null for {@code body} alone
 */
record ApiResponse(
        int status,
        String contentType,
        byte[] body,
        Map<String, String> headers,
        @Nullable Stream stream) {
    /**
     * Events from a feed.
     *
     * @param after the number of the last event the client has
     * @param allowed whether the client's token is still good
     */
    record Stream(AttackFeed feed, long after, BooleanSupplier allowed) {}

    ApiResponse(int status, String contentType, byte[] body, Map<String, String> headers) {
        this(status, contentType, body, headers, null);
    }

    static final String JSON = "application/json";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .build();

    private record Failure(String error) {}

    /** {@code document} as JSON with names in snake case, fields without a value left out. */
    static ApiResponse json(int status, Object document) {
        try {
            return new ApiResponse(status, JSON, MAPPER.writeValueAsBytes(document), Map.of());
        } catch (JsonProcessingException defect) {
            throw new IllegalStateException("a document of the API cannot be written", defect);
        }
    }

    static ApiResponse text(int status, String text) {
        return new ApiResponse(
                status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** The document of every refusal: {@code {"error": "…"}}. */
    static ApiResponse error(int status, String sentence) {
        return json(status, new Failure(sentence));
    }

    static ApiResponse events(Stream stream) {
        return new ApiResponse(200, "text/event-stream", new byte[0], Map.of(), stream);
    }

    ApiResponse with(String header, String value) {
        return new ApiResponse(status, contentType, body, Map.of(header, value));
    }
}
