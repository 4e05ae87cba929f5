package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.IpBits;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address block, in the form of {@link IpBits}.
 *
 * @param length bits of the prefix, counted in the 128 bits of {@link IpBits}: an IPv4 /24 is 120
 */
public record Cidr(long high, long low, int length) {
    /**
     * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32}, or a single address. Bits after the prefix are cleared.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static Cidr parse(String text) {
        var slash = text.indexOf('/');
        var bytes = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (bytes == null) {
            throw notACidr(text);
        }
        var address = of(bytes);
        var v4 = bytes.length == 4;
        var most = v4 ? 32 : 128;
        var length = most;
        if (slash >= 0) {
            var digits = text.substring(slash + 1);
            if (digits.isEmpty()
                    || digits.length() > 3
                    || !digits.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
                throw notACidr(text);
            }
            length = Integer.parseInt(digits);
            if (length > most) {
                throw notACidr(text);
            }
        }
        return masked(IpBits.high(address), IpBits.low(address), v4 ? 96 + length : length);
    }

    /** True for IPv4. */
    public boolean v4() {
        return length >= 96 && IpBits.isV4(high, low);
    }

    private static Cidr masked(long high, long low, int length) {
        var highMask = length >= 64 ? -1L : length == 0 ? 0 : -1L << 64 - length;
        var lowMask = length <= 64 ? 0 : -1L << 128 - length;
        return new Cidr(high & highMask, low & lowMask, length);
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes is always one", e);
        }
    }

    private static IllegalArgumentException notACidr(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not a CIDR: write 192.0.2.0/24, 2001:db8::/32 or a single address");
    }
}
