package dev.portcullis.dataplane.firewall.scan.view;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Eight bytes of a text as one number, the first lowest. What these say about a byte is the high bit of its lane; only the
 * lowest bit that is set is sure, those above it may be set by it, unless a method says more. Pure.
 */
public final class Lanes {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;

    /** What makes ASCII letters lower case. */
    public static final long FOLD = 0x20 * ONES;

    /** The high bit of each lane. */
    public static final long HIGH = 0x8080808080808080L;

    private Lanes() {}

    /** {@code text[at, at + 8)}. */
    public static long of(byte[] text, int at) {
        return (long) LONG.get(text, at);
    }

    /** Writes {@code lanes} to {@code text[at, at + 8)}. */
    public static void put(byte[] text, int at, long lanes) {
        LONG.set(text, at, lanes);
    }

    /** Lanes with ASCII letters in lower case. */
    public static long lower(long lanes) {
        return lanes | (letters(lanes) & ~(lanes << 2)) >>> 2;
    }

    /** Lanes that equal {@code ascii}; this is sure of all of them. */
    public static long exactly(long lanes, int ascii) {
        var zero = lanes ^ ascii * ONES;
        return ~((zero & ~HIGH) + ~HIGH | zero) & HIGH;
    }

    /** Lanes that equal {@code ascii}. */
    public static long equal(long lanes, int ascii) {
        var zero = lanes ^ ascii * ONES;
        return zero - ONES & ~zero & HIGH;
    }

    /** ASCII lanes that are less than {@code ascii}. */
    public static long less(long lanes, int ascii) {
        return lanes - ascii * ONES & ~lanes & HIGH;
    }

    /** ASCII lanes that are {@code ascii} or more; this is sure of all of them. */
    public static long atLeast(long lanes, int ascii) {
        return (lanes & ~HIGH) + (0x80 - ascii) * ONES & ~lanes & HIGH;
    }

    /** Lanes that are no printable ASCII: control characters, DEL, and whatever is above ASCII. */
    public static long unprintable(long lanes) {
        return (lanes | lanes + ONES | lanes - ' ' * ONES) & HIGH;
    }

    /** Lanes that are printable ASCII; this is sure of all of them. */
    public static long printable(long lanes) {
        var low = lanes & ~HIGH;
        return low + (0x80 - ' ') * ONES & ~(low + ONES) & ~lanes & HIGH;
    }

    /** Lanes that are ASCII letters; this is sure of all of them. */
    public static long letters(long lanes) {
        var lower = lanes & ~HIGH | FOLD;
        return lower + (0x80 - 'a') * ONES & ~(lower + (0x7f - 'z') * ONES) & ~lanes & HIGH;
    }

    /** A bit for each lane of {@code marks}, the first lowest. */
    public static int bits(long marks) {
        return (int) ((marks >>> 7) * 0x0102040810204080L >>> 56);
    }

    /** The index of the first lane of {@code marks}, which has one. */
    public static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }
}
