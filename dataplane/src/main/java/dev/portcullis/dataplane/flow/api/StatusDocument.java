package dev.portcullis.dataplane.flow.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.admin.RoleStatus;
import java.util.Map;

/** The document of {@code /status}, which the operator reads: names as {@link RoleStatus} has them, unlike the API's. */
final class StatusDocument {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private StatusDocument() {}

    static ApiResponse of(RoleStatus status) {
        try {
            return new ApiResponse(200, ApiResponse.JSON, MAPPER.writeValueAsBytes(status), Map.of());
        } catch (JsonProcessingException defect) {
            throw new IllegalStateException("the status cannot be written", defect);
        }
    }
}
