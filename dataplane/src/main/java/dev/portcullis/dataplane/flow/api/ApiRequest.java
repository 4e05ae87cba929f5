package dev.portcullis.dataplane.flow.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as routes see it: complete, bounded, free of the connection it came on.
 *
 * @param path without query, percent-decoded
 * @param query parameters; each may come several times
 */
record ApiRequest(
        String method,
        String path,
        Map<String, List<String>> query,
        @Nullable String authorization,
        @Nullable String contentType,
        @Nullable String accept,
        @Nullable String lastEventId,
        byte[] body) {}
