package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Addresses as two longs, so that tables hold both families alike. IPv4 is the IPv4-mapped form {@code ::ffff:a.b.c.d}
 * (RFC 4291 section 2.5.5.2), which is also what a mapped IPv6 address unwraps to.
 */
public final class IpBits {
    private static final long MAPPED = 0xFFFF_0000_0000L;

    private IpBits() {}

    /** The low half of an IPv4 address; its high half is 0. */
    public static long v4(int address) {
        return MAPPED | address & 0xFFFF_FFFFL;
    }

    /** True when the two halves are an IPv4 address. */
    public static boolean isV4(long high, long low) {
        return high == 0 && low >>> 32 == 0xFFFF;
    }

    /** The high half of {@code address}. */
    public static long high(InetAddress address) {
        var bytes = address.getAddress();
        return bytes.length == 4 ? 0 : BigEndian.i64(bytes, 0);
    }

    /** The low half of {@code address}. */
    public static long low(InetAddress address) {
        var bytes = address.getAddress();
        return bytes.length == 4 ? v4(BigEndian.i32(bytes, 0)) : BigEndian.i64(bytes, 8);
    }

    /** The address the two halves stand for. */
    public static InetAddress address(long high, long low) {
        try {
            return InetAddress.getByAddress(bytes(high, low));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes is always one", e);
        }
    }

    private static byte[] bytes(long high, long low) {
        var v4 = isV4(high, low);
        var bytes = new byte[v4 ? 4 : 16];
        for (var i = 0; i < bytes.length; i++) {
            var half = v4 || i >= 8 ? low : high;
            bytes[i] = (byte) (half >>> 8 * ((v4 ? 3 - i : 7 - (i & 7))));
        }
        return bytes;
    }
}
