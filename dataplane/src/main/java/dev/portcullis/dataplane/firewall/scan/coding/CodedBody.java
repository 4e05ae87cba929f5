package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The scan of a body that may be compressed, in terms of the bytes on the wire: these are clean once everything they
 * decode to is. Codings that the head declares are undone, and gzip and Zstandard are also known by their first bytes, at
 * every depth down to {@link ContentCoding#DEEPEST}. What is compressed without saying so is scanned both as it is and
 * decoded, so nothing is lost when it only begins as if it were. What leaves is also searched for archives and compressed
 * files anywhere in it; what these unpack to is one depth more.
 *
 * <p>A body may decode to at most {@value #RATIO} times its size, all depths together, beyond the first {@value #FREE}
 * bytes; and only as much is decoded as is scanned. Not thread-safe. {@link #close()} releases native memory.
 */
public final class CodedBody implements BodyScan, AutoCloseable {
    /** Most bytes that one byte may decode to, all depths together. */
    public static final int RATIO = 200;

    /** Bytes that any body may decode to. */
    public static final long FREE = 1024 * 1024;

    /** Bytes on the wire between two marks, save that the last one moves on: bounds the marks of a body that comes byte by byte. */
    private static final int MARK_EVERY = 512;

    /** Bytes on the wire that are held though they decode to nothing; no block of a coding is longer. */
    private static final int SILENT = 256 * 1024;

    /** Texts of all depths together at most: each has a scan of its own. */
    static final int MOST_DEPTHS = 24;

    /** When {@code fed[i]} bytes of each text i are clean, {@code wire} bytes on the wire are. */
    private record Mark(long wire, long[] fed) {}

    private final Bodies bodies;
    private final List<ContentCoding> codings;
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private final List<Finding> findings = new ArrayList<>(1);
    private final List<CodedDepth> depths = new ArrayList<>(2);
    private @Nullable CodedDepth wire;
    private long fed;
    private long decoded;
    private long clean;
    private long anchor;
    private long marked;
    private long markedDecoded;
    private boolean flooded;
    private boolean unreadable;
    private boolean finished;
    private boolean blocked;

    /**
     * Opens the scan of a body.
     *
     * @param contentEncoding every value of that header
     */
    public CodedBody(List<String> contentEncoding, Bodies bodies) {
        this.bodies = bodies;
        var declared = ContentCoding.declared(contentEncoding);
        codings = declared == null ? List.of() : declared;
        if (declared == null) {
            add(bodies.unknownCoding());
        }
        try {
            wire = new CodedDepth(this, 0, codingAt(0));
        } catch (CodingException e) {
            add(bodies.unknownCoding());
        }
    }

    @Override
    public void feed(ByteBuffer bytes) {
        fed += bytes.remaining();
        var depth = wire;
        if (depth == null) {
            bytes.position(bytes.limit());
            return;
        }
        try {
            depth.take(bytes);
        } catch (CodingException e) {
            broken("coding-ratio", e);
            depth.stop();
            markedDecoded = decoded;
            bytes.position(bytes.limit());
        }
        if (decoded > markedDecoded || depth.decoding() && fed - marked >= SILENT) {
            mark();
        }
    }

    private void mark() {
        var all = new long[depths.size()];
        for (var i = 0; i < all.length; i++) {
            all[i] = depths.get(i).content();
        }
        if (!marks.isEmpty() && fed - anchor < MARK_EVERY) {
            marks.removeLast();
        } else {
            anchor = fed;
        }
        marked = fed;
        markedDecoded = decoded;
        marks.addLast(new Mark(fed, all));
    }

    @Override
    public void finish() {
        if (!finished) {
            finished = true;
            if (wire != null) {
                wire.end();
            }
        }
    }

    @Override
    public long clean() {
        var depth = wire;
        if (blocked) {
            return clean;
        }
        if (depth == null) {
            return fed;
        }
        var top = depth.clean(fed);
        Mark mark;
        while ((mark = marks.peekFirst()) != null && isClean(mark)) {
            marks.removeFirst();
            clean = Math.max(clean, Math.min(top, mark.wire()));
        }
        if (mark == null && !depth.decoding()) {
            clean = Math.max(clean, top);
        }
        return clean;
    }

    private boolean isClean(Mark mark) {
        for (var i = 0; i < mark.fed().length; i++) {
            if (!depths.get(i).isClean(mark.fed()[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public List<Finding> findings() {
        for (var depth : depths) {
            depth.collect(findings);
        }
        return findings;
    }

    /** Releases the decoders. The scan is over. */
    @Override
    public void close() {
        finished = true;
        if (wire != null) {
            wire.stop();
        }
    }

    // What its depths use.

    Bodies bodies() {
        return bodies;
    }

    void add(CodedDepth depth) {
        depths.add(depth);
    }

    /** Texts so far. */
    int depths() {
        return depths.size();
    }

    @Nullable
    ContentCoding codingAt(int level) {
        // The last one named was applied last and comes off first.
        return level < codings.size() ? codings.get(codings.size() - 1 - level) : null;
    }

    /** True once the body decoded to too much. */
    boolean flooded() {
        return flooded;
    }

    /** Counts decoded bytes. */
    void decoded(int bytes) throws CodingException {
        decoded += bytes;
        if (decoded > FREE && decoded / RATIO > fed) {
            flooded = true;
            throw new CodingException("it decodes to more than " + RATIO + " times its size");
        }
    }

    /** The body is not what it says. */
    void broken(String rule, CodingException why) {
        add(bodies.brokenCoding(rule, String.valueOf(why.getMessage())));
    }

    /** Something in the body cannot be unpacked: what it is, and why. */
    void unreadable(String what) {
        if (!unreadable) {
            unreadable = true;
            add(bodies.unreadableArchive(what));
        }
    }

    private void add(Finding finding) {
        if (finding.action() == Action.Block && !blocked) {
            clean();
            blocked = true;
        }
        findings.add(finding);
    }
}
