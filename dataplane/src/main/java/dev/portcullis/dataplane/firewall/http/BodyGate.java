package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.DecoderException;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the bytes of a body back until the scan says they are clean. What it holds is bounded by the scan's overlap window
 * plus one read. Beyond the scanned size, bytes pass unscanned or the body is refused, as the policy says; a body that
 * cannot be decoded passes or is refused likewise. Belongs to one event loop.
 */
final class BodyGate {
    /** How a body left the part that is scanned. */
    enum Trouble {
        /** Larger than the scanned size, and such bodies are refused. */
        OVERSIZE,
        /** Not decodable. */
        UNDECODABLE
    }

    private static final int SMALL = 512;
    private static final int GATHER = 4096;

    private record Held(ByteBuf bytes, long end) {}

    private final BodyScan scan;
    private final long limit;
    private final boolean refuseOversize;
    private final @Nullable Inflation inflation;
    private final ByteBufAllocator allocator;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long scanned;
    private long received;
    private long unscanned;
    private int reported;
    private boolean open;
    private boolean finished;
    private @Nullable Trouble trouble;

    /**
     * A gate.
     *
     * @param limit bytes that are scanned at most
     * @param inflation decodes the body for the scan, or null where it is plain
     */
    BodyGate(
            BodyScan scan,
            long limit,
            boolean refuseOversize,
            @Nullable Inflation inflation,
            ByteBufAllocator allocator) {
        this.scan = scan;
        this.limit = limit;
        this.refuseOversize = refuseOversize;
        this.inflation = inflation;
        this.allocator = allocator;
    }

    /** True where a body of this content coding is scanned. */
    boolean decodes(@Nullable String coding) {
        return inflation != null || Inflation.isIdentity(coding);
    }

    /** Takes the next bytes of the body, and the ownership of them. */
    void add(ByteBuf bytes) {
        var length = bytes.readableBytes();
        if (length == 0) {
            bytes.release();
            return;
        }
        received += length;
        if (open) {
            unscanned += length;
        } else if (inflation == null) {
            feed(bytes);
        } else {
            inflate(bytes, inflation);
        }
        hold(bytes, length);
    }

    /** Says that the body is complete. */
    void end() {
        if (!finished) {
            finished = true;
            scan.finish();
            if (inflation != null) {
                inflation.close();
            }
        }
    }

    /** Lets everything pass from here on, unscanned. */
    void openUp() {
        if (!open) {
            open = true;
            end();
        }
    }

    /** What was found since the last call. */
    List<Finding> takeFindings() {
        var all = scan.findings();
        if (all.size() == reported) {
            return List.of();
        }
        var news = List.copyOf(all.subList(reported, all.size()));
        reported = all.size();
        return news;
    }

    /** How the body left the scanned part, once; afterwards null again. */
    @Nullable Trouble takeTrouble() {
        var now = trouble;
        trouble = null;
        return now;
    }

    /** True when {@link #poll} would give something. */
    boolean ready() {
        var first = held.peekFirst();
        return first != null && (open || clean() > first.end() - first.bytes().readableBytes() || clean() >= first.end());
    }

    /** True when nothing is held. */
    boolean isEmpty() {
        return held.isEmpty();
    }

    /** The next bytes that may go on, owned by the caller, or null when none may yet. */
    @Nullable ByteBuf poll() {
        var first = held.peekFirst();
        if (first == null) {
            return null;
        }
        if (open || clean() >= first.end()) {
            held.removeFirst();
            return first.bytes();
        }
        if (inflation != null) {
            return null;
        }
        var free = clean() - (first.end() - first.bytes().readableBytes());
        return free > 0 ? first.bytes().readRetainedSlice((int) free) : null;
    }

    /** Bytes of the body so far. */
    long received() {
        return received;
    }

    /** Bytes that passed unscanned. */
    long unscanned() {
        return unscanned;
    }

    /** Drops what is held. */
    void release() {
        held.forEach(piece -> piece.bytes().release());
        held.clear();
        if (!finished && inflation != null) {
            finished = true;
            inflation.close();
        }
    }

    private long clean() {
        return scan.clean();
    }

    private void feed(ByteBuf bytes) {
        var length = (int) Math.min(bytes.readableBytes(), limit - scanned);
        if (length > 0) {
            if (bytes.nioBufferCount() == 1) {
                scan.feed(bytes.nioBuffer(bytes.readerIndex(), length));
            } else {
                for (var part : bytes.nioBuffers(bytes.readerIndex(), length)) {
                    scan.feed(part);
                }
            }
            scanned += length;
        }
        if (length < bytes.readableBytes()) {
            unscanned += bytes.readableBytes() - length;
            beyondLimit();
        }
    }

    private void inflate(ByteBuf bytes, Inflation decoder) {
        try {
            decoder.decode(bytes, text -> {
                if (!open) {
                    feed(text);
                }
            });
        } catch (DecoderException e) {
            unscanned += bytes.readableBytes();
            trouble = Trouble.UNDECODABLE;
        }
    }

    private void beyondLimit() {
        if (refuseOversize) {
            trouble = Trouble.OVERSIZE;
        } else {
            openUp();
        }
    }

    /** Keeps {@code bytes} until they are clean. Small pieces are gathered, or each would pin a whole read buffer. */
    private void hold(ByteBuf bytes, int length) {
        var end = inflation == null ? received : scanned;
        if (inflation == null && length < SMALL && !open) {
            var last = held.peekLast();
            if (last != null && last.bytes().refCnt() == 1 && last.bytes().writableBytes() >= length
                    && last.bytes().maxCapacity() == GATHER) {
                last.bytes().writeBytes(bytes);
                held.removeLast();
                held.addLast(new Held(last.bytes(), end));
            } else {
                held.addLast(new Held(allocator.ioBuffer(GATHER, GATHER).writeBytes(bytes), end));
            }
            bytes.release();
            return;
        }
        held.addLast(new Held(bytes, end));
    }
}
