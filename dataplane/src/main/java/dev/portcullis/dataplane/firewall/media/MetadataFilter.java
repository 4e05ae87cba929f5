package dev.portcullis.dataplane.firewall.media;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Takes the metadata out of one image while it flows. An image is read as heads, a few bytes that say what follows, and
 * runs, any number of bytes that are kept, dropped or blanked as their head was; memory is one head. What lies behind the
 * image's end is dropped. Not thread-safe.
 */
abstract class MetadataFilter {
    /** Largest head, in bytes. */
    static final int LARGEST_HEAD = 1024;

    private static final int ZEROS = 4096;
    private static final ByteBuf ZERO =
            Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[ZEROS]).asReadOnly());

    /** What is done with a head or a run. */
    enum Fate {
        KEEP,
        DROP,
        /** The head was changed in its array and goes on so. */
        CHANGED,
        /** A run goes on as zeros. */
        BLANK,
        /** Not known yet: {@link #need} was raised. */
        MORE,
        /** The first byte of the head is padding; the head begins with its second. */
        SHIFT
    }

    /** The head. */
    protected final byte[] head = new byte[LARGEST_HEAD];

    /** Bytes of the head that are needed; set by {@link #decide} for this one, or for the next. */
    protected int need;

    /** Bytes that follow the head, set by {@link #decide}. */
    protected long run;

    /** What is done with them. */
    protected Fate runFate = Fate.KEEP;

    /** Set by {@link #decide} where the image ends with the run. */
    protected boolean last;

    /** Bytes of a changed head that go on. */
    protected int changedLength;

    private int have;
    private int headAt;
    private int keptFrom;
    private boolean stripped;

    /** A filter whose first head has {@code need} bytes. */
    MetadataFilter(int need) {
        this.need = need;
    }

    /** Decides about {@code head[0, need)}, and says in {@link #run}, {@link #runFate} and {@link #need} what follows. */
    abstract Fate decide() throws MalformedMediaException;

    /** Where in {@code [from, to)} the next head begins, for formats that have runs without a length; {@code to} for none. */
    int nextHead(ByteBuf bytes, int from, int to) {
        return from;
    }

    /** Takes the next bytes and their ownership. */
    final void feed(ByteBuf bytes, Consumer<ByteBuf> to) throws MalformedMediaException {
        try {
            keptFrom = -1;
            headAt = -1;
            var at = bytes.readerIndex();
            while (at < bytes.writerIndex()) {
                at = step(bytes, at, to);
            }
            emit(bytes, have > 0 && headAt >= 0 ? headAt : at, to);
        } finally {
            bytes.release();
        }
    }

    private int step(ByteBuf bytes, int at, Consumer<ByteBuf> to) throws MalformedMediaException {
        var end = bytes.writerIndex();
        if (run > 0) {
            var length = (int) Math.min(run, end - at);
            pass(runFate, bytes, at, length, to);
            run -= length;
            return at + length;
        }
        if (last) {
            pass(Fate.DROP, bytes, at, end - at, to);
            return end;
        }
        if (have == 0) {
            headAt = nextHead(bytes, at, end);
            if (headAt > at) {
                pass(Fate.KEEP, bytes, at, headAt - at, to);
                return headAt;
            }
        }
        var length = Math.min(need - have, end - at);
        bytes.getBytes(at, head, have, length);
        have += length;
        if (have == need) {
            headDone(decide(), bytes, at + length, to);
        }
        return at + length;
    }

    private void headDone(Fate fate, ByteBuf bytes, int after, Consumer<ByteBuf> to) {
        var length = have;
        switch (fate) {
            case MORE -> {
                return;
            }
            case SHIFT -> {
                emit(bytes, headAt >= 0 ? headAt : after, to);
                System.arraycopy(head, 1, head, 0, length - 1);
                have = length - 1;
                headAt = headAt >= 0 ? headAt + 1 : -1;
                return;
            }
            case KEEP -> {
                if (headAt < 0) {
                    to.accept(Unpooled.wrappedBuffer(Arrays.copyOf(head, length)));
                } else if (keptFrom < 0) {
                    keptFrom = headAt;
                }
            }
            case CHANGED -> {
                emit(bytes, headAt, to);
                to.accept(Unpooled.wrappedBuffer(Arrays.copyOf(head, changedLength)));
                stripped = true;
            }
            default -> {
                emit(bytes, headAt, to);
                stripped = true;
            }
        }
        have = 0;
        headAt = -1;
    }

    private void pass(Fate fate, ByteBuf bytes, int at, int length, Consumer<ByteBuf> to) {
        if (fate == Fate.KEEP) {
            if (keptFrom < 0) {
                keptFrom = at;
            }
            return;
        }
        emit(bytes, at, to);
        stripped |= length > 0;
        if (fate == Fate.BLANK) {
            for (var left = length; left > 0; left -= ZEROS) {
                to.accept(ZERO.slice(0, Math.min(left, ZEROS)));
            }
        }
    }

    /** Passes on what was kept of {@code bytes} before {@code end}. */
    private void emit(ByteBuf bytes, int end, Consumer<ByteBuf> to) {
        if (keptFrom >= 0 && end > keptFrom) {
            to.accept(bytes.retainedSlice(keptFrom, end - keptFrom));
        }
        keptFrom = -1;
    }

    /** Says that the body is complete. */
    final void finish() throws MalformedMediaException {
        if (!last || run > 0) {
            throw new MalformedMediaException("it ends too early");
        }
    }

    /** True once anything was taken out. */
    final boolean stripped() {
        return stripped;
    }

    /** The four bytes of the head from {@code at} on, most significant first. */
    protected final long big(int at) {
        return (head[at] & 0xffL) << 24
                | (head[at + 1] & 0xff) << 16
                | (head[at + 2] & 0xff) << 8
                | head[at + 3] & 0xff;
    }

    /** True where the head has {@code ascii} at {@code at}. */
    protected final boolean says(int at, String ascii) {
        for (var i = 0; i < ascii.length(); i++) {
            if (head[at + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
