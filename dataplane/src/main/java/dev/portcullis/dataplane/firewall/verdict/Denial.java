package dev.portcullis.dataplane.firewall.verdict;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A refusal, as the client is told about it. Holds no secret.
 *
 * @param scanner value of the field {@code scanner} and of the header {@value #HEADER}; {@code kill_switch} and
 *     {@code policy} where no scan stage was involved
 * @param message one sentence: what was refused and why
 * @param hint the YAML that would allow it, or a comment of YAML that says what to do instead; never empty
 */
public record Denial(Reason reason, String scanner, String rule, String message, String hint, String requestId) {
    /** Response header that names the stage that refused. */
    public static final String HEADER = "X-Portcullis-Block";
    /** Response header that names the stage that would have refused, were the mode not Audit. */
    public static final String WOULD_HEADER = "X-Portcullis-Would-Block";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** HTTP status of the reply. */
    public int status() {
        return reason.status();
    }

    /** The reply as JSON. */
    public ObjectNode json() {
        var reply = JSON.createObjectNode();
        reply.put("error", reason.error());
        reply.put("blocked", true);
        reply.put("block_reason", message);
        reply.put("scanner", scanner);
        reply.put("rule", rule);
        reply.put("hint", hint);
        reply.put("request_id", requestId);
        if (reason == Reason.KILL_SWITCH) {
            reply.put("message", message);
        }
        return reply;
    }

    /** The reply's bytes, JSON or text. */
    public byte[] body(boolean asJson) {
        if (asJson) {
            return (json() + "\n").getBytes(StandardCharsets.UTF_8);
        }
        var text = new StringBuilder(256)
                .append("blocked: ")
                .append(message)
                .append("\n\nRefused by Portcullis (scanner ")
                .append(scanner)
                .append(", rule ")
                .append(rule)
                .append(", request ")
                .append(requestId)
                .append(").\n");
        text.append(hint.startsWith("#") ? "\n" : "\nTo allow it, add to the AgentPolicy:\n")
                .append(hint)
                .append('\n');
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Whether a client with this {@code Accept} header is answered in JSON: when it names a JSON type, names no text type,
     * or names nothing.
     */
    public static boolean wantsJson(@Nullable String accept) {
        if (accept == null) {
            return true;
        }
        var lower = accept.toLowerCase(Locale.ROOT);
        return lower.contains("json") || !lower.contains("text/");
    }
}
