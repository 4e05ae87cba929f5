package dev.portcullis.crd.resolve;

import com.google.common.net.InetAddresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A block of addresses, IPv4 or IPv6, read as strictly as Kubernetes reads one: no zone, no IPv4-mapped IPv6, no leading
 * zeros.
 */
record Cidr(InetAddress address, int length) {
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

    /**
     * Reads {@code address/length}.
     *
     * @throws IllegalArgumentException with a sentence that says what to write
     */
    static Cidr parse(String text) {
        var slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "is not a CIDR: write an address and a prefix length, such as 203.0.113.0/24 or 2001:db8::/32");
        }
        var address = address(text.substring(0, slash));
        var digits = text.substring(slash + 1);
        var longest = address.getAddress().length * 8;
        if (!LENGTH.matcher(digits).matches() || Integer.parseInt(digits) > longest) {
            throw new IllegalArgumentException(
                    "has no valid prefix length: write a number from 0 to " + longest + " after the slash");
        }
        return new Cidr(address, Integer.parseInt(digits));
    }

    /** Reads a CIDR or a single address, which stands for itself alone. */
    static Cidr parseOrAddress(String text) {
        if (text.indexOf('/') >= 0) {
            return parse(text);
        }
        var address = address(text);
        return new Cidr(address, address.getAddress().length * 8);
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException with a sentence that says what to write
     */
    static InetAddress address(String text) {
        if (text.length() <= 45 && text.indexOf('%') < 0 && InetAddresses.isInetAddress(text)) {
            var address = InetAddresses.forString(text);
            if (text.indexOf(':') < 0 || address instanceof Inet6Address) {
                return address;
            }
        }
        throw new IllegalArgumentException("is not an IP address: write one such as 192.0.2.1 or 2001:db8::1");
    }

    boolean contains(Cidr other) {
        return length <= other.length && other.first(length).equals(first(length));
    }

    boolean overlaps(Cidr other) {
        return contains(other) || other.contains(this);
    }

    /** The block with every bit behind the prefix cleared. */
    Cidr masked() {
        return new Cidr(first(length), length);
    }

    private InetAddress first(int bits) {
        var bytes = address.getAddress();
        var whole = bits / 8;
        if (whole < bytes.length) {
            bytes[whole] &= (byte) (0xff00 >> (bits % 8));
            Arrays.fill(bytes, whole + 1, bytes.length, (byte) 0);
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are always an address", e);
        }
    }

    @Override
    public String toString() {
        return InetAddresses.toAddrString(address) + "/" + length;
    }
}
