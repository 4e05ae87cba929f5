package dev.portcullis.dataplane.firewall.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import io.netty.handler.codec.http.FullHttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Replies that say that something beyond this proxy failed; nothing was refused. */
public final class Failures {
    private Failures() {}

    /** 502: the origin cannot be reached, or does not answer as HTTP says. */
    public static FullHttpResponse upstream(String message, String requestId, @Nullable String accept) {
        if (!Denial.wantsJson(accept)) {
            var text = "upstream failed: " + message + " (request " + requestId + ")\n";
            return Replies.of(502, Replies.TEXT, text.getBytes(StandardCharsets.UTF_8));
        }
        return Replies.json(
                502,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("error", "upstream_failed")
                        .put("blocked", false)
                        .put("message", message)
                        .put("request_id", requestId));
    }
}
