package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of a body at one depth of codings, 0 as on the wire: scanned, decoded to the next depth, or both. */
final class CodedDepth implements ArchiveSearch.Outcome {
    private final CodedBody body;
    private final int level;
    private final boolean declared;
    private final @Nullable BodyScan scan;
    private final byte[] first = new byte[ContentCoding.MAGIC];
    private final List<CodedDepth> below = new ArrayList<>(1);
    private int seen;
    private int collected;
    private boolean settled;
    private long fed;
    private long content;
    private @Nullable ContentDecoder decoder;
    private @Nullable CodedDepth decoded;
    private @Nullable ArchiveSearch archives;

    /**
     * A depth.
     *
     * @param coding what its bytes are declared to be in, or null
     */
    CodedDepth(CodedBody body, int level, @Nullable ContentCoding coding) throws CodingException {
        this.body = body;
        this.level = level;
        this.declared = coding != null;
        this.scan = !declared || body.bodies().scansCoded() ? body.bodies().plain() : null;
        this.decoder = coding == null ? null : coding.decoder();
        var deepest = declared || level == ContentCoding.DEEPEST;
        this.archives = !deepest && body.bodies().unpacksArchives() ? new ArchiveSearch(this) : null;
        this.settled = deepest || archives != null;
        body.add(this);
    }

    /** True while its bytes are decoded, or searched for more of an archive. */
    boolean decoding() {
        return decoder != null || archives != null && archives.reading();
    }

    /** Adds to {@code all} what its scan found since the last call. */
    void collect(List<Finding> all) {
        if (scan != null) {
            var found = scan.findings();
            while (collected < found.size()) {
                all.add(found.get(collected++));
            }
        }
    }

    /** Bytes that came to this depth, up to the last that only makes its scan go on. */
    long content() {
        return content;
    }

    /** True where the first {@code bytes} bytes of this depth are clean. */
    boolean isClean(long bytes) {
        return scan == null || scan.clean() >= bytes;
    }

    /** Bytes of this depth that are clean, {@code otherwise} where they are not scanned. */
    long clean(long otherwise) {
        return scan == null ? otherwise : scan.clean();
    }

    /**
     * Takes the next bytes.
     *
     * @throws CodingException when decoding must end at every depth
     */
    void take(ByteBuffer bytes) throws CodingException {
        content = fed + bytes.remaining();
        take(bytes, false);
    }

    /**
     * Takes bytes that stand for nothing, so that the scan goes on.
     *
     * @throws CodingException when decoding must end at every depth
     */
    void pad(ByteBuffer bytes) throws CodingException {
        take(bytes, true);
    }

    private void take(ByteBuffer bytes, boolean padding) throws CodingException {
        fed += bytes.remaining();
        if (level > 0) {
            body.decoded(bytes.remaining());
        }
        try {
            if (!settled) {
                settle(bytes);
            }
            if (decoder != null) {
                decode(decoder, scan == null ? bytes : bytes.duplicate());
            } else if (archives != null && padding) {
                archives.pad(bytes.remaining());
            } else if (archives != null) {
                unpack(archives, bytes.duplicate());
            }
        } finally {
            // Where too much came out and that only warns, the body goes on as it is.
            if (scan != null) {
                scan.feed(bytes);
            } else {
                bytes.position(bytes.limit());
            }
        }
    }

    /** Looks at the first bytes for what the head did not say. */
    private void settle(ByteBuffer bytes) throws CodingException {
        var before = seen;
        for (var i = bytes.position(); i < bytes.limit() && seen < first.length; i++) {
            first[seen++] = bytes.get(i);
        }
        var coding = ContentCoding.of(first, seen);
        settled = coding != null || seen == first.length;
        if (coding != null) {
            var opened = coding.decoder();
            decoder = opened;
            decode(opened, ByteBuffer.wrap(first, 0, before));
        }
    }

    private void decode(ContentDecoder open, ByteBuffer bytes) throws CodingException {
        try {
            open.decode(bytes, this::pass);
        } catch (CodingException e) {
            if (body.flooded()) {
                throw e;
            }
            giveUp(e);
        }
        if (decoded != null && decoded.fed > body.bodies().limit()) {
            // What follows is not scanned, so it need not be decoded either.
            stop();
        }
    }

    private void pass(ByteBuffer bytes) throws CodingException {
        var next = decoded;
        if (next == null) {
            next = new CodedDepth(body, level + 1, body.codingAt(level + 1));
            decoded = next;
            below.add(next);
        }
        next.take(bytes);
    }

    private void unpack(ArchiveSearch open, ByteBuffer bytes) throws CodingException {
        open.take(bytes);
        var unpacked = 0L;
        for (var text : below) {
            unpacked += text.fed;
        }
        if (unpacked > body.bodies().limit()) {
            stop();
        }
    }

    @Override
    public @Nullable CodedDepth open() {
        if (body.depths() >= CodedBody.MOST_DEPTHS) {
            unreadable("more than " + CodedBody.MOST_DEPTHS + " archives are packed into each other in it");
            return null;
        }
        try {
            var next = new CodedDepth(body, level + 1, null);
            below.add(next);
            return next;
        } catch (CodingException e) {
            throw new IllegalStateException("nothing is decoded there", e);
        }
    }

    @Override
    public void unreadable(String what) {
        body.unreadable(what);
    }

    @Override
    public boolean flooded() {
        return body.flooded();
    }

    /** What only begins like a coding is scanned as it is; what is declared to be one must be one. */
    private void giveUp(CodingException why) {
        if (declared) {
            body.broken("malformed-coding", why);
        }
        stop();
    }

    /** Ends decoding at this depth and below. */
    void stop() {
        close();
        for (var next : below) {
            next.stop();
            if (next.scan != null) {
                next.scan.finish();
            }
        }
    }

    private void close() {
        if (decoder != null) {
            decoder.close();
            decoder = null;
        }
        if (archives != null) {
            archives.close();
            archives = null;
        }
    }

    /** Says that the body is over. */
    void end() {
        if (decoder != null) {
            try {
                decoder.end();
            } catch (CodingException e) {
                if (declared) {
                    body.broken("malformed-coding", e);
                }
            }
        }
        close();
        below.forEach(CodedDepth::end);
        if (scan != null) {
            scan.finish();
        }
    }
}
