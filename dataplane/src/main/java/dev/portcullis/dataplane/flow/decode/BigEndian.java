package dev.portcullis.dataplane.flow.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads network byte order out of a byte array. Every read is checked against the array by the JVM. */
final class BigEndian {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    static int u8(byte[] data, int at) {
        return data[at] & 0xFF;
    }

    static int u16(byte[] data, int at) {
        return (short) SHORT.get(data, at) & 0xFFFF;
    }

    static int i32(byte[] data, int at) {
        return (int) INT.get(data, at);
    }

    static long u32(byte[] data, int at) {
        return (int) INT.get(data, at) & 0xFFFF_FFFFL;
    }

    static long i64(byte[] data, int at) {
        return (long) LONG.get(data, at);
    }

    /** An unsigned number of 1 to 8 bytes (RFC 7011 section 6.2, reduced-size encoding); 2^63 and above saturate. */
    static long unsigned(byte[] data, int at, int length) {
        switch (length) {
            case 1:
                return u8(data, at);
            case 2:
                return u16(data, at);
            case 4:
                return u32(data, at);
            case 8:
                var value = i64(data, at);
                return value < 0 ? Long.MAX_VALUE : value;
            default:
                var sum = 0L;
                for (var i = 0; i < length; i++) {
                    sum = sum << 8 | u8(data, at + i);
                }
                return sum;
        }
    }
}
