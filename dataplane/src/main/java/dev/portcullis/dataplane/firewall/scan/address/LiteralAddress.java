package dev.portcullis.dataplane.firewall.scan.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as hosts of URLs write them, in every form a client's resolver would take for one: dotted, with fewer parts,
 * hex, octal or one integer (inet_aton), and IPv6 in brackets with or without a zone.
 */
public final class LiteralAddress {
    private LiteralAddress() {}

    /** The address {@code host} writes, or null where it is a name. Never resolves anything. */
    public static @Nullable InetAddress parse(String host) {
        if (host.indexOf(':') >= 0) {
            return version6(host);
        }
        return version4(host);
    }

    /** True where the last label of {@code host} is a number, so that it can only be an address, well written or not. */
    public static boolean endsInNumber(String host) {
        var last = host.substring(host.lastIndexOf('.') + 1);
        return !last.isEmpty() && number(last) >= 0;
    }

    private static @Nullable InetAddress version6(String host) {
        var text = host;
        if (text.startsWith("[") && text.endsWith("]")) {
            text = text.substring(1, text.length() - 1);
        }
        var zone = text.indexOf('%');
        if (zone >= 0) {
            text = text.substring(0, zone);
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable InetAddress version4(String host) {
        var parts = host.split("\\.", -1);
        if (parts.length > 4) {
            return null;
        }
        var address = 0L;
        for (var i = 0; i < parts.length; i++) {
            var value = number(parts[i]);
            var last = i == parts.length - 1;
            var bits = last ? 8 * (4 - i) : 8;
            if (value < 0 || value >= 1L << bits) {
                return null;
            }
            address = address << bits | value;
        }
        var bytes = new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address};
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** The value of a decimal, octal (0…) or hex (0x…) number below 2^33, or -1. */
    private static long number(String text) {
        var radix = 10;
        var digits = text;
        if (text.length() > 1 && text.charAt(0) == '0') {
            var hex = text.charAt(1) == 'x' || text.charAt(1) == 'X';
            radix = hex ? 16 : 8;
            digits = text.substring(hex ? 2 : 1);
            if (digits.isEmpty()) {
                return 0;
            }
        }
        if (digits.isEmpty()) {
            return -1;
        }
        var value = 0L;
        for (var i = 0; i < digits.length(); i++) {
            var c = digits.charAt(i);
            var digit = c < 0x80 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = Math.min(value * radix + digit, 1L << 33);
        }
        return value;
    }
}
