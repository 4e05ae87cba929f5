package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the parts of a multipart body (RFC 2046 section 5.1, RFC 9110 section 14.6) while it flows. Whatever is written
 * like the head of a part is taken for one, behind any line that begins with two dashes: the boundary is only what the head
 * of the whole says, and parts may hold parts. Memory is one line and the first bytes of a part. Belongs to one event loop.
 */
final class MediaParts {
    /** Bytes of a line of a head that are looked at, white space in a row counted once. */
    private static final int LONGEST_LINE = 1024;

    private static final int LOOKED_AT = 512;
    private static final String TYPE = "content-type:";

    private enum State {
        /** At the start of a line, where a delimiter may stand. */
        LINE,
        /** One dash into it. */
        DASH,
        /** In a line that is none, or in content. */
        CONTENT,
        /** In a delimiter. */
        DELIMITER,
        /** In the head of a part. */
        HEAD
    }

    private final MediaPolicy policy;
    private final boolean partial;
    private final List<Finding> findings = new ArrayList<>(1);
    private final StringBuilder line = new StringBuilder();
    private final byte[] first = new byte[LOOKED_AT];
    private State state = State.LINE;
    private boolean lineEnded;
    private String type = "";
    private int count;
    private @Nullable MediaCheck part;

    /**
     * Looks at no part yet.
     *
     * @param partial true where the parts are ranges of something
     */
    MediaParts(MediaPolicy policy, boolean partial) {
        this.policy = policy;
        this.partial = partial;
    }

    /** Looks at the next bytes, which stay as they are. */
    void take(ByteBuf bytes) {
        var end = bytes.writerIndex();
        for (var i = bytes.readerIndex(); i < end; i++) {
            var b = bytes.getByte(i);
            if (part != null && count < LOOKED_AT) {
                first[count++] = b;
            }
            next(b);
        }
        decide(false);
    }

    private void next(byte b) {
        switch (state) {
            case LINE -> state = b == '-' ? State.DASH : b == '\n' ? State.LINE : State.CONTENT;
            case DASH -> state = b == '-' ? State.DELIMITER : b == '\n' ? State.LINE : State.CONTENT;
            case CONTENT -> state = b == '\n' ? State.LINE : State.CONTENT;
            case DELIMITER -> {
                if (b == '\n') {
                    state = State.HEAD;
                    line.setLength(0);
                    lineEnded = true;
                    type = "";
                }
            }
            case HEAD -> head(b);
        }
    }

    private void head(byte b) {
        if (b == '\r') {
            return;
        }
        var white = b == ' ' || b == '\t';
        if (lineEnded) {
            lineEnded = false;
            if (!white || line.isEmpty()) {
                if (!field()) {
                    state = State.LINE;
                    next(b);
                    return;
                }
                if (b == '\n') {
                    begin();
                    return;
                }
            }
        } else if (b == '\n') {
            lineEnded = true;
            return;
        }
        var again = white && !line.isEmpty() && line.charAt(line.length() - 1) == ' ';
        if (line.length() < LONGEST_LINE && !again) {
            line.append(white ? ' ' : (char) (b & 0xff));
        }
    }

    /** Takes a line of a head; false where it is none. */
    private boolean field() {
        var field = line.toString().strip().toLowerCase(Locale.ROOT);
        line.setLength(0);
        if (field.startsWith(TYPE)) {
            var said = field.substring(TYPE.length()).strip();
            // Of two, the one that speaks of media counts: nobody knows which one a reader goes by.
            if (type.isEmpty() || DeclaredType.of(type).kind() == MediaKind.NONE) {
                type = said;
            }
        }
        return field.isEmpty() || field.indexOf(':') > 0;
    }

    private void begin() {
        decide(true);
        part = new MediaCheck(policy, type, partial);
        count = 0;
        state = State.LINE;
    }

    private void decide(boolean ended) {
        var check = part;
        if (check == null || count == 0 && !ended) {
            return;
        }
        if (check.decide(Unpooled.wrappedBuffer(first, 0, count), ended || count == LOOKED_AT, -1)) {
            if (policy.strips() && !check.blocks() && check.kind().strippable()) {
                check.inParts();
            }
            for (var finding : check.findings()) {
                if (findings.stream().noneMatch(known -> known.rule().equals(finding.rule()))) {
                    findings.add(finding);
                }
            }
            part = null;
        }
    }

    /** Says that the body is over. */
    void finish() {
        decide(true);
    }

    /** What the policy says about the parts so far, each rule once. */
    List<Finding> findings() {
        return findings;
    }
}
