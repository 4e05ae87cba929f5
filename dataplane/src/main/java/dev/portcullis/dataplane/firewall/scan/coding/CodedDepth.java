package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of a body at one depth of codings, 0 as on the wire: scanned, decoded to the next depth, or both. */
final class CodedDepth {
    private final CodedBody body;
    private final int level;
    private final boolean declared;
    private final @Nullable BodyScan scan;
    private final byte[] first = new byte[ContentCoding.MAGIC];
    private int seen;
    private int collected;
    private boolean settled;
    private long fed;
    private @Nullable ContentDecoder decoder;
    private @Nullable ZipEntries archive;
    private @Nullable CodedDepth below;

    /**
     * A depth.
     *
     * @param coding what its bytes are declared to be in, or null
     */
    CodedDepth(CodedBody body, int level, @Nullable ContentCoding coding) throws CodingException {
        this.body = body;
        this.level = level;
        this.declared = coding != null;
        this.settled = declared || level == ContentCoding.DEEPEST;
        this.scan = !declared || body.bodies().scansCoded() ? body.bodies().plain() : null;
        this.decoder = coding == null ? null : coding.decoder();
        this.archive =
                scan != null && !settled && body.bodies().unpacksArchives() ? new ZipEntries(body::unreadable) : null;
    }

    /** The scan at this depth, or null. */
    @Nullable
    BodyScan scan() {
        return scan;
    }

    /** The next depth, or null while nothing was decoded to it. */
    @Nullable
    CodedDepth below() {
        return below;
    }

    /** True while its bytes are decoded, or searched for more of an archive. */
    boolean decoding() {
        return decoder != null || archive != null && archive.begun();
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

    /** Bytes that came to this depth. */
    long fed() {
        return fed;
    }

    /**
     * Takes the next bytes.
     *
     * @throws CodingException when decoding must end at every depth
     */
    void take(ByteBuffer bytes) throws CodingException {
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
            } else if (archive != null) {
                decode(archive, bytes.duplicate());
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
            closeArchive();
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
        if (below != null && below.fed > body.bodies().limit()) {
            // What follows is not scanned, so it need not be decoded either.
            stop();
        }
    }

    private void pass(ByteBuffer bytes) throws CodingException {
        var next = below;
        if (next == null) {
            next = new CodedDepth(body, level + 1, body.codingAt(level + 1));
            below = next;
        }
        next.take(bytes);
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
        if (decoder != null) {
            decoder.close();
            decoder = null;
        }
        closeArchive();
        if (below != null) {
            below.stop();
            if (below.scan != null) {
                below.scan.finish();
            }
        }
    }

    private void closeArchive() {
        if (archive != null) {
            archive.close();
            archive = null;
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
            decoder.close();
            decoder = null;
        }
        closeArchive();
        if (below != null) {
            below.end();
        }
        if (scan != null) {
            scan.finish();
        }
    }
}
