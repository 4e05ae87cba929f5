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
 * Holds the bytes of a body back until the scan says they are clean, or lets them pass while it looks where nothing it
 * could find would stop them. What it holds is bounded by the scan's window plus one read. Belongs to one event loop.
 */
final class BodyGate {
    private static final int SMALL = 512;
    private static final int GATHER = 4096;

    private record Held(ByteBuf bytes, long end) {}

    private final BodyScan scan;
    private final boolean holding;
    private final @Nullable Inflation inflation;
    private final ByteBufAllocator allocator;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long scanned;
    private long received;
    private int reported;
    private boolean open;
    private boolean finished;
    private boolean undecodable;

    /**
     * A gate.
     *
     * @param holding false lets bytes pass before they are known to be clean
     * @param inflation decodes the body for the scan, or null where it is plain
     */
    BodyGate(BodyScan scan, boolean holding, @Nullable Inflation inflation, ByteBufAllocator allocator) {
        this.scan = scan;
        this.holding = holding;
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
        if (!open && inflation == null) {
            feed(bytes);
        } else if (!open && inflation != null) {
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

    /** True once after the body turned out not to be what its content coding says. */
    boolean takeUndecodable() {
        var now = undecodable;
        undecodable = false;
        return now;
    }

    /** True when {@link #poll} would give something. */
    boolean ready() {
        var first = held.peekFirst();
        return first != null
                && (passes()
                        || scan.clean() >= first.end()
                        || inflation == null
                                && scan.clean() > first.end() - first.bytes().readableBytes());
    }

    /** True when nothing is held. */
    boolean isEmpty() {
        return held.isEmpty();
    }

    /** The next bytes that may go on, owned by the caller, or null when none may yet. */
    @Nullable
    ByteBuf poll() {
        var first = held.peekFirst();
        if (first == null) {
            return null;
        }
        if (passes() || scan.clean() >= first.end()) {
            held.removeFirst();
            return first.bytes();
        }
        if (inflation != null) {
            return null;
        }
        var free = scan.clean() - (first.end() - first.bytes().readableBytes());
        return free > 0 ? first.bytes().readRetainedSlice((int) free) : null;
    }

    /** Bytes of the body so far. */
    long received() {
        return received;
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

    private boolean passes() {
        return open || !holding;
    }

    private void feed(ByteBuf bytes) {
        scanned += bytes.readableBytes();
        if (bytes.nioBufferCount() == 1) {
            scan.feed(bytes.nioBuffer());
        } else {
            for (var part : bytes.nioBuffers()) {
                scan.feed(part);
            }
        }
    }

    private void inflate(ByteBuf bytes, Inflation decoder) {
        try {
            decoder.decode(bytes, this::feed);
        } catch (DecoderException e) {
            undecodable = true;
        }
    }

    /** Keeps {@code bytes} until they are clean. Small pieces are gathered, or each would pin a whole read buffer. */
    private void hold(ByteBuf bytes, int length) {
        var end = inflation == null ? received : scanned;
        if (inflation == null && length < SMALL && !passes()) {
            var last = held.peekLast();
            if (last != null
                    && last.bytes().refCnt() == 1
                    && last.bytes().writableBytes() >= length
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
