package dev.portcullis.dataplane.flow.bgp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Messages as bytes, built without the code under test. */
final class Wire {
    static final String MARKER = "ff".repeat(16);
    static final String ALL_FAMILIES = "010400010001" + "010400020001" + "010400010085" + "010400020085";
    static final String ROUTE_REFRESH = "0200";

    static final byte[] KEEPALIVE = message(4, "");
    static final byte[] EMPTY_UPDATE = message(2, "00000000");

    private Wire() {}

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] message(int type, String body) {
        var content = bytes(body);
        return ByteBuffer.allocate(19 + content.length)
                .put(bytes(MARKER))
                .putShort((short) (19 + content.length))
                .put((byte) type)
                .put(content)
                .array();
    }

    /** An OPEN with all families, four-octet AS and route refresh. */
    static byte[] open(long asn, int holdSeconds) {
        return open(
                asn,
                holdSeconds,
                ALL_FAMILIES + ROUTE_REFRESH + "4104" + HexFormat.of().toHexDigits(asn, 8));
    }

    static byte[] open(long asn, int holdSeconds, String capabilities) {
        var hex = HexFormat.of();
        var length = capabilities.length() / 2;
        return message(
                1,
                "04"
                        + hex.toHexDigits(asn > 0xFFFF ? 23456 : asn, 4)
                        + hex.toHexDigits(holdSeconds, 4)
                        + "c0000204"
                        + hex.toHexDigits(length + 2, 2)
                        + "02"
                        + hex.toHexDigits(length, 2)
                        + capabilities);
    }

    static int type(byte[] message) {
        return message[18];
    }

    /** What follows the header. */
    static String body(byte[] message) {
        return hex(Arrays.copyOfRange(message, 19, message.length));
    }
}
