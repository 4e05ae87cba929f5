package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds in one JSON body, while it flows, the places of what is to be replaced. Every match that starts before
 * {@link #decided()} has been told. Not thread-safe.
 */
public final class RedactionScan {
    /** The beginning of the rules of refusals that redaction is the reason of. */
    public static final String RULES = "redact-";

    static final String NOT_JSON = RULES + "not-json";
    static final String WOULD = RULES + "would";
    static final String WORK = RULES + "work";

    /** Told of every match, some more than once. */
    @FunctionalInterface
    public interface Spans {
        /** Bytes {@code [start, end)} of the body are, or wrap, a value of class {@code name}. */
        void found(String name, long start, long end);
    }

    private final BodyWindow window;

    RedactionScan(RuleSet rules, Spans spans) {
        window = BodyWindow.ofEveryMatch(rules, new Telling(spans));
    }

    /** Searches the next bytes. The buffer is read to its limit and not kept. */
    public void feed(ByteBuffer bytes) {
        window.feed(bytes);
    }

    /** Says that the body is complete; everything is decided afterwards. */
    public void finish() {
        window.finish();
    }

    /** Bytes from the start of the body of which is known whether a match starts there. Never decreases. */
    public long decided() {
        return window.clean();
    }

    /** Why the body cannot be searched to its end; empty where it can. */
    public List<Finding> findings() {
        return window.findings();
    }

    /**
     * The finding for a body that cannot be redacted.
     *
     * @param why the rest of a sentence about "the request body"
     */
    public static Finding refusal(String rule, long offset, String why, Severity severity) {
        return new Finding(
                ScannerName.DLP,
                rule,
                severity,
                Action.Block,
                "plaintext",
                "body",
                offset,
                "the request body " + why,
                "spec.dlp.redact.enabled: false");
    }

    private record Telling(Spans spans) implements BodyWindow.Judge {
        @Override
        public @Nullable Finding finding(Rule rule, long start, long end, String encoding) {
            spans.found(rule.name(), start, end);
            return null;
        }

        @Override
        public @Nullable Finding oversize(long limit) {
            return null;
        }

        @Override
        public Finding overBudget(long place) {
            return refusal(WORK, place, "needs more work to redact than is allowed", Severity.high);
        }
    }
}
