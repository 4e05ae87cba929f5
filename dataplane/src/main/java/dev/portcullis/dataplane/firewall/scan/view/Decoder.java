package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;

/** Lenient decoders: they skip what is not in the alphabet, need no padding and never fail. */
public enum Decoder {
    /** Hex digits in any case. */
    HEX("hex", 4, "0123456789abcdef", "0123456789ABCDEF"),
    /** RFC 4648 base32 in either case. */
    BASE32("base32", 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz234567"),
    /** RFC 4648 base64, both alphabets. */
    BASE64(
            "base64",
            6,
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private final String label;
    private final int bits;
    private final byte[] values = new byte[256];

    Decoder(String label, int bits, String... alphabets) {
        this.label = label;
        this.bits = bits;
        Arrays.fill(values, (byte) -1);
        for (var alphabet : alphabets) {
            for (var i = 0; i < alphabet.length(); i++) {
                values[alphabet.charAt(i)] = (byte) i;
            }
        }
    }

    /** The name of the encoding in findings. */
    public String label() {
        return label;
    }

    /**
     * Decodes {@code in[from, end)} into {@code out}, which is at least as long, and returns the number of bytes. A
     * backslash takes the next byte with it, so that escaped line breaks do not count.
     */
    public int decode(byte[] in, int from, int end, byte[] out) {
        var table = values;
        var width = bits;
        var held = 0;
        var count = 0;
        var length = 0;
        for (var i = from; i < end; i++) {
            if (count == 0 && width == 6 && i + 4 <= end) {
                var groups = groups(table, in, i, end, out, length);
                i += groups << 2;
                length += 3 * groups;
                if (i >= end) {
                    break;
                }
            }
            var value = table[in[i] & 0xff];
            if (value < 0) {
                if (in[i] == '\\') {
                    i++;
                }
                continue;
            }
            held = held << width | value;
            count += width;
            if (count >= 8) {
                count -= 8;
                out[length++] = (byte) (held >> count);
            }
        }
        return length;
    }

    /** Decodes groups of four characters of base64 up to one with anything else in it; returns how many. */
    private static int groups(byte[] table, byte[] in, int from, int end, byte[] out, int to) {
        var at = from;
        var filled = to;
        for (; at + 4 <= end; at += 4) {
            var three = table[in[at] & 0xff] << 18
                    | table[in[at + 1] & 0xff] << 12
                    | table[in[at + 2] & 0xff] << 6
                    | table[in[at + 3] & 0xff];
            if (three < 0) {
                break;
            }
            out[filled] = (byte) (three >> 16);
            out[filled + 1] = (byte) (three >> 8);
            out[filled + 2] = (byte) three;
            filled += 3;
        }
        return at - from >> 2;
    }
}
