package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.rewrite.BodyRewrite;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
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

    private final CodedBody scan;
    private final @Nullable BodyRewrite rewrite;
    private final boolean holding;
    private final ByteBufAllocator allocator;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long received;
    private long scanned;
    private int reported;
    private int rewriteReported;
    private boolean open;
    private boolean finished;

    /**
     * A gate.
     *
     * @param scan the scan of the body, which the gate closes
     * @param holding false lets bytes pass before they are known to be clean
     */
    BodyGate(CodedBody scan, boolean holding, ByteBufAllocator allocator) {
        this(scan, null, holding, allocator);
    }

    /**
     * A gate that changes what passes.
     *
     * @param scan the scan of the changed body
     * @param rewrite changes it, and is closed by the gate; null for nothing
     */
    BodyGate(CodedBody scan, @Nullable BodyRewrite rewrite, boolean holding, ByteBufAllocator allocator) {
        this.scan = scan;
        this.rewrite = rewrite;
        this.holding = holding;
        this.allocator = allocator;
    }

    /** Takes the next bytes of the body, and the ownership of them. */
    void add(ByteBuf bytes) {
        var length = bytes.readableBytes();
        if (length == 0) {
            bytes.release();
            return;
        }
        received += length;
        if (rewrite == null) {
            accept(bytes);
        } else {
            rewrite.feed(bytes, this::accept);
        }
    }

    private void accept(ByteBuf bytes) {
        var length = bytes.readableBytes();
        if (length == 0 || finished) {
            bytes.release();
            return;
        }
        scanned += length;
        if (!open) {
            feed(bytes);
        }
        hold(bytes, length);
    }

    /** Says that the body is complete. */
    void end() {
        if (!finished) {
            if (rewrite != null) {
                rewrite.finish(this::accept);
            }
            stopScan();
        }
    }

    private void stopScan() {
        finished = true;
        scan.finish();
        scan.close();
    }

    /** Lets everything pass from here on, unscanned. */
    void openUp() {
        if (!open) {
            open = true;
            scan.finish();
            scan.close();
        }
    }

    /** What was found since the last call. */
    List<Finding> takeFindings() {
        var all = scan.findings();
        var changing = rewrite == null ? List.<Finding>of() : rewrite.findings();
        if (all.size() == reported && changing.size() == rewriteReported) {
            return List.of();
        }
        var news = new ArrayList<>(changing.subList(rewriteReported, changing.size()));
        news.addAll(all.subList(reported, all.size()));
        reported = all.size();
        rewriteReported = changing.size();
        return news;
    }

    /** True when {@link #poll} would give something. */
    boolean ready() {
        var first = held.peekFirst();
        return first != null
                && (passes() || scan.clean() > first.end() - first.bytes().readableBytes());
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
        var clean = scan.clean();
        if (passes() || clean >= first.end()) {
            held.removeFirst();
            return first.bytes();
        }
        var free = clean - (first.end() - first.bytes().readableBytes());
        return free > 0 ? first.bytes().readRetainedSlice((int) free) : null;
    }

    /** What changes the body, or null. */
    @Nullable
    BodyRewrite rewrite() {
        return rewrite;
    }

    /** Bytes that are held. */
    long heldBytes() {
        var sum = 0L;
        for (var piece : held) {
            sum += piece.bytes().readableBytes();
        }
        return sum;
    }

    /** Bytes of the body so far, as they came. */
    long received() {
        return received;
    }

    /** Drops what is held. */
    void release() {
        held.forEach(piece -> piece.bytes().release());
        held.clear();
        finished = true;
        scan.close();
        if (rewrite != null) {
            rewrite.close();
        }
    }

    private boolean passes() {
        return open || !holding;
    }

    private void feed(ByteBuf bytes) {
        if (bytes.nioBufferCount() == 1) {
            scan.feed(bytes.nioBuffer());
        } else {
            for (var part : bytes.nioBuffers()) {
                scan.feed(part);
            }
        }
    }

    /** Keeps {@code bytes} until they are clean. Small pieces are gathered, or each would pin a whole read buffer. */
    private void hold(ByteBuf bytes, int length) {
        var end = scanned;
        if (length < SMALL && !passes()) {
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
