package dev.portcullis.dataplane.firewall.redact;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.redact.JsonReader.Part;
import dev.portcullis.dataplane.firewall.rewrite.BodyRewrite;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.MediaType;
import dev.portcullis.dataplane.firewall.scan.RedactionScan;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replaces values in one JSON body while it flows. Bytes are held until it is decided whether a match starts there, which
 * takes a window of 33 KiB; what has been passed on is JSON as far as it goes. In strings, keys among them, only what was
 * found is replaced; a number is replaced as a whole, by a string. Where a key leads to the finding and the value is what
 * was found, the key stays.
 */
public final class JsonRedaction implements BodyRewrite {
    private static final int SMALLEST = 4096;

    private final ByteBufAllocator allocator;
    private final JsonReader reader;
    private final RedactionScan scan;
    private final Spans spans = new Spans();
    private final Placeholders placeholders = new Placeholders();
    private final List<Finding> findings = new ArrayList<>(1);

    private byte[] held = new byte[0];
    private int from;
    private int to;
    private long base;

    private @Nullable String replacing;
    private boolean replaced;
    private boolean over;

    /**
     * A redaction.
     *
     * @param contentType of the body, which says JSON
     * @param search opens the search for what is to be replaced
     */
    public JsonRedaction(
            String contentType, Function<RedactionScan.Spans, RedactionScan> search, ByteBufAllocator allocator) {
        var essence = MediaType.essence(contentType);
        this.reader = new JsonReader(essence.contains("ndjson")
                || essence.contains("jsonl")
                || essence.contains("json-seq")
                || essence.contains("stream+json"));
        this.scan = search.apply(spans::add);
        this.allocator = allocator;
    }

    @Override
    public void feed(ByteBuf bytes, Consumer<ByteBuf> next) {
        try {
            if (over) {
                return;
            }
            hold(bytes);
            pass(next, false);
        } finally {
            bytes.release();
        }
    }

    private void hold(ByteBuf bytes) {
        var length = bytes.readableBytes();
        if (held.length - to < length) {
            // Twice what is needed, so that moving costs no more than one look at each byte.
            var kept = to - from;
            var room = Math.max(SMALLEST, 2 * (kept + length));
            var larger = room > held.length ? new byte[room] : held;
            System.arraycopy(held, from, larger, 0, kept);
            held = larger;
            base += from;
            from = 0;
            to = kept;
        }
        bytes.readBytes(held, to, length);
        scan.feed(ByteBuffer.wrap(held, to, length));
        to += length;
    }

    private void pass(Consumer<ByteBuf> next, boolean last) {
        var ready = (int) Math.min(to, scan.decided() - base) - from;
        var out = allocator.buffer(Math.max(64, ready));
        try {
            rewrite(out, last);
        } catch (MalformedJsonException e) {
            refuse(e.rule(), String.valueOf(e.getMessage()));
        }
        for (var finding : scan.findings()) {
            findings.add(finding);
            over = true;
        }
        if (over || !out.isReadable()) {
            out.release();
        } else {
            next.accept(out);
        }
    }

    private void refuse(String rule, String why) {
        findings.add(RedactionScan.refusal(rule, base + from, why, Severity.medium));
        over = true;
    }

    private void rewrite(ByteBuf out, boolean last) throws MalformedJsonException {
        while (!over) {
            var limit = (int) Math.min(to, scan.decided() - base);
            var part = reader.next(held, from, limit, last);
            switch (part) {
                case NONE -> {
                    return;
                }
                case TEXT -> text(out, reader.end());
                case ESCAPED -> escaped(out, reader.end());
                case SCALAR -> scalar(out, reader.end());
                default -> structure(out, part, reader.end());
            }
        }
    }

    private void structure(ByteBuf out, Part part, int end) {
        if (part == Part.CLOSE) {
            endReplacing(out);
            spans.outOfKey();
        }
        copy(out, end);
        if (part == Part.OPEN_KEY) {
            spans.intoKey(base + from, base + closing());
        }
    }

    /** Where the string that begins at {@code from} ends as far as can be seen. */
    private int closing() {
        for (var at = from; at < to; at++) {
            if (held[at] == '"') {
                return at;
            }
            if (held[at] == '\\') {
                at++;
            }
        }
        return Integer.MAX_VALUE / 2;
    }

    private void text(ByteBuf out, int end) {
        while (from < end) {
            var at = base + from;
            var name = spans.covering(at, at + 1);
            if (name == null) {
                endReplacing(out);
                copy(out, (int) Math.min(end, spans.nextStart() - base));
            } else {
                replace(out, name, (int) Math.min(end, spans.coveredUntil() - base));
            }
        }
    }

    private void escaped(ByteBuf out, int end) {
        var name = spans.covering(base + from, base + end);
        if (name == null) {
            endReplacing(out);
            copy(out, end);
        } else {
            replace(out, name, end);
        }
    }

    private void scalar(ByteBuf out, int end) {
        var name = spans.covering(base + from, base + end);
        if (name == null) {
            copy(out, end);
            return;
        }
        out.writeByte('"');
        replace(out, name, end);
        endReplacing(out);
        out.writeByte('"');
    }

    private void copy(ByteBuf out, int end) {
        out.writeBytes(held, from, end - from);
        from = end;
    }

    private void replace(ByteBuf out, String name, int end) {
        if (replacing != null && !replacing.equals(name)) {
            endReplacing(out);
        }
        replacing = name;
        placeholders.add(held, from, end);
        from = end;
    }

    private void endReplacing(ByteBuf out) {
        var name = replacing;
        if (name == null) {
            return;
        }
        replacing = null;
        replaced = true;
        var placeholder = placeholders.take(name);
        if (placeholder == null) {
            refuse("redact-overflow", "has more than " + Placeholders.MOST + " values that would be redacted");
        } else {
            out.writeBytes(placeholder);
        }
    }

    @Override
    public void finish(Consumer<ByteBuf> next) {
        if (over) {
            return;
        }
        scan.finish();
        pass(next, true);
        if (!over) {
            try {
                reader.finish();
            } catch (MalformedJsonException e) {
                refuse(e.rule(), String.valueOf(e.getMessage()));
            }
        }
        held = new byte[0];
    }

    @Override
    public List<Finding> findings() {
        return findings;
    }

    @Override
    public boolean changesLength() {
        return true;
    }

    @Override
    public void prepare(HttpHeaders headers) {
        headers.remove(HttpHeaderNames.CONTENT_MD5)
                .remove("Digest")
                .remove("Content-Digest")
                .remove("Repr-Digest");
    }

    @Override
    public @Nullable Rewritten done() {
        return replaced ? Rewritten.REDACTION : null;
    }

    @Override
    public Map<String, Integer> counts() {
        return placeholders.counts();
    }

    @Override
    public void close() {
        over = true;
        held = new byte[0];
    }
}
