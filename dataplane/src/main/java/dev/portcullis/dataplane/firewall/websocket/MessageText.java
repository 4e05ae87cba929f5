package dev.portcullis.dataplane.firewall.websocket;

import com.google.common.base.Utf8;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The payload of one message, unmasked, gathered from its frames. Kept for the next one while it is small. */
final class MessageText {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int KEPT = 32 * 1024;

    private byte[] bytes = new byte[0];
    private int length;

    /** Adds the payload of {@code length} bytes at {@code index}, unmasked with {@code mask}. */
    void add(ByteBuf frame, int index, int count, int mask) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, length == 0 ? 0 : 2 * bytes.length));
        }
        frame.getBytes(index, bytes, length, count);
        if (mask != 0) {
            unmask(length, length + count, mask);
        }
        length += count;
    }

    private void unmask(int from, int to, int mask) {
        var wide = (long) mask << 32 | mask & 0xffff_ffffL;
        var i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            LONGS.set(bytes, i, (long) LONGS.get(bytes, i) ^ wide);
        }
        for (var shift = 24; i < to; i++, shift = shift == 0 ? 24 : shift - 8) {
            bytes[i] ^= (byte) (mask >>> shift);
        }
    }

    int length() {
        return length;
    }

    /** True when it is well-formed UTF-8 (RFC 3629). */
    boolean isUtf8() {
        return Utf8.isWellFormed(bytes, 0, length);
    }

    /** The payload; valid until the next call of another method. */
    ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    /** Begins the next message. */
    void clear() {
        length = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[0];
        }
    }
}
