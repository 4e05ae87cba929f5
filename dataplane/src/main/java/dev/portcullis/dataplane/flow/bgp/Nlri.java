package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a route between two speakers, in its wire form: announcing the same one again replaces it. A prefix for
 * the unicast families (RFC 4271 section 4.3), the match components for FlowSpec (RFC 8955 section 4.2, RFC 8956 section
 * 3). Immutable; comparable so that even addresses chosen to collide in a hash map are found fast.
 */
final class Nlri implements Comparable<Nlri> {
    private static final int DESTINATION = 1;
    private static final int SOURCE = 2;
    private static final int PROTOCOL = 3;
    private static final int DESTINATION_PORT = 5;
    private static final int SOURCE_PORT = 6;
    private static final int TCP_FLAGS = 9;
    private static final int FRAGMENT = 12;

    /** Last of its list, and "equal" (RFC 8955 section 4.2.1.1). */
    private static final int END_EQUALS = 0x81;
    /** Last of its list, and "all these bits are set" (RFC 8955 section 4.2.1.2). */
    private static final int END_MATCH = 0x81;
    /** "All these bits are set", and another operator follows. */
    private static final int MATCH = 0x01;
    /** Last of its list, and "none of these bits is set". */
    private static final int END_NONE = 0x82;
    /** True only together with the operator before it. */
    private static final int AND = 0x40;
    /** The value has two octets. */
    private static final int TWO_OCTETS = 0x10;
    /** "Is a fragment other than the first" (RFC 8955 section 4.2.2.12). */
    private static final int IS_FRAGMENT = 0x02;

    private final AddressFamily family;
    private final byte[] bytes;
    private final int hash;

    private Nlri(AddressFamily family, byte[] bytes) {
        this.family = family;
        this.bytes = bytes;
        this.hash = hash(family, bytes);
    }

    /** Spreads neighbouring addresses: Arrays.hashCode gives 65,536 of them 8,192 values. */
    private static int hash(AddressFamily family, byte[] bytes) {
        var hash = family.ordinal();
        for (var octet : bytes) {
            hash = (hash ^ octet & 0xFF) * 0x01000193; // FNV-1a
        }
        return hash ^ hash >>> 15;
    }

    /**
     * The unicast route to {@code prefix}.
     *
     * @throws IllegalArgumentException when the length does not fit the family
     */
    static Nlri unicast(Prefix prefix) {
        var out = ByteBuffer.allocate(1 + 16);
        out.put((byte) checkedLength(prefix));
        putSignificant(prefix, out);
        return new Nlri(prefix.v6() ? AddressFamily.IPV6_UNICAST : AddressFamily.IPV4_UNICAST, written(out));
    }

    /**
     * The packets {@code rule} matches, without what is done to them.
     *
     * @throws IllegalArgumentException when it names no prefix, mixes families, or holds a number out of range
     */
    static Nlri flowSpec(FlowSpecRule rule) {
        var v6 = familyOf(rule);
        // One length octet is enough: every component this speaker knows, at its longest, makes 59 octets (limit 239).
        var out = ByteBuffer.allocate(64);
        out.put((byte) 0);
        putPrefix(DESTINATION, rule.destination(), out);
        putPrefix(SOURCE, rule.source(), out);
        putNumber(PROTOCOL, "protocol", rule.protocol(), 255, out);
        putNumber(DESTINATION_PORT, "destinationPort", rule.destinationPort(), 65535, out);
        putNumber(SOURCE_PORT, "sourcePort", rule.sourcePort(), 65535, out);
        putTcpFlags(
                inRange("tcpFlags", rule.tcpFlags(), 0xFFF),
                inRange("tcpFlagsAbsent", rule.tcpFlagsAbsent(), 0xFFF),
                out);
        if (rule.fragment()) {
            putValue(FRAGMENT, END_MATCH, IS_FRAGMENT, out);
        }
        out.put(0, (byte) (out.position() - 1));
        return new Nlri(v6 ? AddressFamily.IPV6_FLOWSPEC : AddressFamily.IPV4_FLOWSPEC, written(out));
    }

    AddressFamily family() {
        return family;
    }

    /** Octets on the wire. */
    int length() {
        return bytes.length;
    }

    void writeTo(ByteBuf out) {
        out.writeBytes(bytes);
    }

    private static boolean familyOf(FlowSpecRule rule) {
        var destination = rule.destination();
        var source = rule.source();
        if (destination == null && source == null) {
            throw new IllegalArgumentException("a FlowSpec rule without a prefix would match everybody's packets");
        }
        if (destination != null && source != null && destination.v6() != source.v6()) {
            throw new IllegalArgumentException(
                    "a FlowSpec rule cannot match from " + source + " to " + destination + ": two address families");
        }
        return destination != null ? destination.v6() : source != null && source.v6();
    }

    private static void putPrefix(int type, @Nullable Prefix prefix, ByteBuffer out) {
        if (prefix == null) {
            return;
        }
        out.put((byte) type).put((byte) checkedLength(prefix));
        if (prefix.v6()) {
            out.put((byte) 0); // RFC 8956 section 3.1: the pattern starts at bit 0
        }
        putSignificant(prefix, out);
    }

    private static void putNumber(int type, String name, int value, int max, ByteBuffer out) {
        if (value != -1) {
            putValue(type, END_EQUALS, inRange(name, value, max), out);
        }
    }

    private static void putTcpFlags(int set, int clear, ByteBuffer out) {
        if (set != 0) {
            putValue(TCP_FLAGS, clear == 0 ? END_MATCH : MATCH, set, out);
        }
        if (clear != 0 && set == 0) {
            putValue(TCP_FLAGS, END_NONE, clear, out);
        } else if (clear != 0) {
            putOperator(END_NONE | AND, clear, out);
        }
    }

    private static void putValue(int type, int operator, int value, ByteBuffer out) {
        out.put((byte) type);
        putOperator(operator, value, out);
    }

    private static void putOperator(int operator, int value, ByteBuffer out) {
        if (value < 256) {
            out.put((byte) operator).put((byte) value);
        } else {
            out.put((byte) (operator | TWO_OCTETS)).putShort((short) value);
        }
    }

    private static int inRange(String name, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(name + " " + value + " is not between 0 and " + max);
        }
        return value;
    }

    private static int checkedLength(Prefix prefix) {
        var bits = prefix.v6() ? 128 : 32;
        if (prefix.length() < 0 || prefix.length() > bits) {
            throw new IllegalArgumentException(prefix + " is not a prefix: its length is not between 0 and " + bits);
        }
        return prefix.length();
    }

    /** Writes the octets the length covers, bits beyond it cleared, so that equal blocks have equal bytes. */
    private static void putSignificant(Prefix prefix, ByteBuffer out) {
        var octets = (prefix.length() + 7) / 8;
        out.put(prefix.address().getAddress(), 0, octets);
        var spare = octets * 8 - prefix.length();
        if (spare > 0) {
            var last = out.position() - 1;
            out.put(last, (byte) (out.get(last) & (0xFF << spare)));
        }
    }

    private static byte[] written(ByteBuffer out) {
        return Arrays.copyOf(out.array(), out.position());
    }

    @Override
    public int compareTo(Nlri that) {
        var families = family.compareTo(that.family);
        return families != 0 ? families : Arrays.compareUnsigned(bytes, that.bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Nlri that && family == that.family && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return family + " " + HexFormat.of().formatHex(bytes);
    }
}
