package dev.portcullis.dataplane.firewall.scanapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON that answers a call. */
final class ScanReply {
    private static final JsonFactory JSON = new JsonFactory();

    private ScanReply() {}

    /** What became of one input. */
    record Result(String kind, boolean deny, List<ScanFinding> findings) {
        /** The value of {@code decision}. */
        String decision() {
            return deny ? "deny" : "allow";
        }
    }

    /**
     * A scan that came to its end.
     *
     * @param results one for each input
     * @param millis how long it took; 0 is left out
     */
    static byte[] completed(ScanRequest request, List<Result> results, String scanId, long millis, String version) {
        return written(json -> {
            json.writeStringField("status", "completed");
            var deny = results.stream().anyMatch(Result::deny);
            json.writeStringField("decision", deny ? "deny" : "allow");
            if (!request.batch()) {
                json.writeStringField("kind", results.get(0).kind());
            }
            json.writeStringField("scan_id", scanId);
            if (!request.requestId().isEmpty()) {
                json.writeStringField("request_id", request.requestId());
            }
            if (millis > 0) {
                json.writeNumberField("duration_ms", millis);
            }
            json.writeStringField("engine_version", version);
            if (!request.batch()) {
                findings(json, results.get(0).findings(), request.includeEvidence());
                return;
            }
            json.writeArrayFieldStart("results");
            for (var result : results) {
                json.writeStartObject();
                json.writeStringField("kind", result.kind());
                json.writeStringField("decision", result.decision());
                findings(json, result.findings(), request.includeEvidence());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /**
     * A call that was not scanned to its end; there is no decision in it.
     *
     * @param kind left out where it is empty
     */
    static byte[] error(
            ScanError error, String message, String kind, String scanId, @Nullable String requestId, String version) {
        return written(json -> {
            json.writeStringField("status", "error");
            if (!kind.isEmpty()) {
                json.writeStringField("kind", kind);
            }
            json.writeStringField("scan_id", scanId);
            if (requestId != null && !requestId.isEmpty()) {
                json.writeStringField("request_id", requestId);
            }
            json.writeStringField("engine_version", version);
            json.writeArrayFieldStart("errors");
            json.writeStartObject();
            json.writeStringField("code", error.code());
            json.writeStringField("message", message);
            json.writeBooleanField("retryable", error.retryable());
            json.writeEndObject();
            json.writeEndArray();
        });
    }

    private static void findings(JsonGenerator json, List<ScanFinding> findings, boolean evidence) throws IOException {
        json.writeArrayFieldStart("findings");
        for (var finding : findings) {
            json.writeStartObject();
            json.writeStringField("scanner", finding.scanner());
            json.writeStringField("rule_id", finding.ruleId());
            json.writeStringField("severity", finding.severity().name());
            json.writeStringField("action", finding.action() == Action.Block ? "block" : "warn");
            json.writeStringField("message", finding.message());
            if (evidence && !finding.encoding().isEmpty()) {
                json.writeObjectFieldStart("evidence");
                json.writeStringField("encoding", finding.encoding());
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] written(Content content) {
        var bytes = new ByteArrayOutputStream(256);
        try (var json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            content.write(json);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
