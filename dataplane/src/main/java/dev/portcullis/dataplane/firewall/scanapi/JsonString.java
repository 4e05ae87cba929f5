package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.dataplane.firewall.scan.view.Lanes;
import java.util.Arrays;

/**
 * Strings of JSON (RFC 8259 section 7) as the UTF-8 that they stand for, without a detour over characters: texts to scan are
 * long and are wanted as bytes. Pure.
 */
final class JsonString {
    private static final int HIGH_SURROGATE = 0xd800;
    private static final int LOW_SURROGATE = 0xdc00;
    private static final int SURROGATES_END = 0xe000;

    private JsonString() {}

    /**
     * What the string says whose opening quote is {@code json[quote]}. Half of a surrogate pair is read as a question mark.
     *
     * @param json in which that string is known to be well formed and closed
     */
    static byte[] utf8(byte[] json, int quote) {
        var from = quote + 1;
        var end = close(json, from);
        var out = Arrays.copyOfRange(json, from, end);
        var first = backslash(json, from, end);
        return first == end ? out : Arrays.copyOf(out, unescape(json, first, end, out, first - from));
    }

    /** The quote that closes the string in which {@code from} is. */
    private static int close(byte[] json, int from) {
        var at = from;
        while (true) {
            at = mark(json, at);
            if (json[at] == '"') {
                return at;
            }
            at += 2;
        }
    }

    /** The first quote or backslash. */
    private static int mark(byte[] json, int from) {
        var at = from;
        for (; at + Long.BYTES <= json.length; at += Long.BYTES) {
            var lanes = Lanes.of(json, at);
            var marks = Lanes.equal(lanes, '"') | Lanes.equal(lanes, '\\');
            if (marks != 0) {
                return at + Lanes.first(marks);
            }
        }
        while (json[at] != '"' && json[at] != '\\') {
            at++;
        }
        return at;
    }

    private static int backslash(byte[] json, int from, int end) {
        var at = from;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            var marks = Lanes.equal(Lanes.of(json, at), '\\');
            if (marks != 0) {
                return at + Lanes.first(marks);
            }
        }
        while (at < end && json[at] != '\\') {
            at++;
        }
        return at;
    }

    /** Writes what {@code json[from, end)}, which begins with an escape, stands for to {@code out}; returns its end there. */
    private static int unescape(byte[] json, int from, int end, byte[] out, int to) {
        var at = from;
        var filled = to;
        while (at < end) {
            if (json[at + 1] == 'u') {
                var unit = unit(json, at);
                at += 6;
                if (unit >= HIGH_SURROGATE && unit < LOW_SURROGATE && at < end && lowFollows(json, at)) {
                    unit = Character.toCodePoint((char) unit, (char) unit(json, at));
                    at += 6;
                }
                filled = encode(unit, out, filled);
            } else {
                out[filled++] = simple(json[at + 1]);
                at += 2;
            }
            var next = backslash(json, at, end);
            System.arraycopy(json, at, out, filled, next - at);
            filled += next - at;
            at = next;
        }
        return filled;
    }

    private static boolean lowFollows(byte[] json, int at) {
        if (json[at] != '\\' || json[at + 1] != 'u') {
            return false;
        }
        var unit = unit(json, at);
        return unit >= LOW_SURROGATE && unit < SURROGATES_END;
    }

    /** The code unit that the escape at {@code at} names. */
    private static int unit(byte[] json, int at) {
        var unit = 0;
        for (var i = at + 2; i < at + 6; i++) {
            unit = unit << 4 | Character.digit(json[i], 16);
        }
        return unit;
    }

    private static byte simple(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> letter;
        };
    }

    private static int encode(int point, byte[] out, int at) {
        if (point < 0x80) {
            out[at] = (byte) point;
            return at + 1;
        }
        if (point < 0x800) {
            out[at] = (byte) (0xc0 | point >> 6);
            out[at + 1] = more(point);
            return at + 2;
        }
        if (point >= HIGH_SURROGATE && point < SURROGATES_END) {
            out[at] = '?';
            return at + 1;
        }
        if (point < 0x10000) {
            out[at] = (byte) (0xe0 | point >> 12);
            out[at + 1] = more(point >> 6);
            out[at + 2] = more(point);
            return at + 3;
        }
        out[at] = (byte) (0xf0 | point >> 18);
        out[at + 1] = more(point >> 12);
        out[at + 2] = more(point >> 6);
        out[at + 3] = more(point);
        return at + 4;
    }

    private static byte more(int bits) {
        return (byte) (0x80 | bits & 0x3f);
    }
}
