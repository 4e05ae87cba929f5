package dev.portcullis.dataplane.firewall.killswitch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Source;
import dev.portcullis.dataplane.firewall.policy.BearerToken;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/killswitch} with {@code {"active": true|false}} and {@code GET /api/v1/killswitch/status}, both with
 * the policy's bearer token. At most ten authenticated toggles in sixty seconds. Thread-safe.
 */
public final class KillSwitchApi {
    /** Path of the toggle. */
    public static final String TOGGLE = "/api/v1/killswitch";
    /** Path of the state. */
    public static final String STATUS = "/api/v1/killswitch/status";
    /** Largest body, in bytes. */
    public static final int LARGEST_BODY = 1024;

    private static final int TOGGLES = 10;
    private static final long WINDOW_NANOS = 60_000_000_000L;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** An answer. */
    public record Reply(int status, Map<String, String> headers, ObjectNode body) {}

    private final KillSwitch killSwitch;
    private final LongSupplier nanoClock;
    private long windowStart;
    private int toggles;

    public KillSwitchApi(KillSwitch killSwitch, LongSupplier nanoClock) {
        this.killSwitch = killSwitch;
        this.nanoClock = nanoClock;
        this.windowStart = nanoClock.getAsLong();
    }

    /**
     * Answers a request.
     *
     * @param path {@link #TOGGLE} or {@link #STATUS}
     * @param token the policy's token, or null where it names none
     * @param authorization the values of all headers of that name
     * @param body the request's body, or null when it was larger than {@link #LARGEST_BODY}
     */
    public Reply answer(
            String path,
            String method,
            @Nullable BearerToken token,
            List<String> authorization,
            byte @Nullable [] body) {
        var allowed = path.equals(TOGGLE) ? "POST" : "GET";
        if (!method.equals(allowed)) {
            return error(405, "method not allowed: use " + allowed, Map.of("Allow", allowed));
        }
        if (token == null) {
            return error(503, "the API is off: set spec.killSwitch.api.tokenSecretRef in the AgentPolicy", Map.of());
        }
        if (!token.presentedBy(authorization)) {
            return error(401, "a bearer token is required", Map.of("WWW-Authenticate", "Bearer realm=\"portcullis\""));
        }
        return path.equals(STATUS) ? status() : toggle(body);
    }

    private Reply toggle(byte @Nullable [] body) {
        if (!take()) {
            return error(429, "more than 10 toggles in 60 seconds", Map.of("Retry-After", "60"));
        }
        var active = body == null ? null : read(body);
        if (active == null) {
            return error(
                    400,
                    "write {\"active\": true} or {\"active\": false} and nothing else, in at most " + LARGEST_BODY
                            + " bytes",
                    Map.of());
        }
        killSwitch.engageByApi(active);
        var reply = JSON.createObjectNode().put("active", active).put("source", Source.API.label());
        if (active) {
            reply.put("message", KillSwitch.MESSAGE);
        }
        return new Reply(200, Map.of(), reply);
    }

    private Reply status() {
        var engagement = killSwitch.engagement();
        var reply = JSON.createObjectNode().put("active", engagement != null);
        var sources = reply.putObject("sources");
        for (var source : Source.values()) {
            sources.put(source.label(), killSwitch.active(source));
        }
        if (engagement != null) {
            reply.put("message", engagement.message());
        }
        return new Reply(200, Map.of(), reply);
    }

    private synchronized boolean take() {
        var now = nanoClock.getAsLong();
        if (now - windowStart >= WINDOW_NANOS) {
            windowStart = now;
            toggles = 0;
        }
        return ++toggles <= TOGGLES;
    }

    private static @Nullable Boolean read(byte[] body) {
        JsonNode tree;
        try {
            tree = JSON.readTree(body);
        } catch (IOException e) {
            return null;
        }
        if (tree == null || !tree.isObject() || tree.size() != 1) {
            return null;
        }
        var active = tree.get("active");
        return active != null && active.isBoolean() ? active.booleanValue() : null;
    }

    private static Reply error(int status, String message, Map<String, String> headers) {
        return new Reply(status, headers, JSON.createObjectNode().put("error", message));
    }
}
