package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;
import java.util.HashMap;

/**
 * Reads one escape at a place: of JSON and its relatives, of URLs, of HTML, of UTF-8. A stack of backslashes, of
 * {@code %25} or of {@code &amp;} counts as one escape. Each reader answers {@link #read} of a code point and of the index
 * after the escape, or {@link #NONE}. Pure; never looks beyond {@code end}.
 */
public final class Escapes {
    /** There is no escape here. */
    static final long NONE = -1;

    /** What an escape that stands for nothing is read as. */
    static final int NOTHING = 0x1FFFFF;

    private static final int LONGEST_NAME = 8;

    private static final byte[] HEX = new byte[256];

    /** Named references that stand for ASCII, or for something invisible; names of up to eight letters. */
    private static final PackedNames NAMED;

    static {
        Arrays.fill(HEX, (byte) -1);
        for (var i = 0; i < 16; i++) {
            HEX[Character.forDigit(i, 16)] = (byte) i;
            HEX[Character.toUpperCase(Character.forDigit(i, 16))] = (byte) i;
        }
        var named = new HashMap<String, Integer>();
        for (var entry :
                ("lt:3c gt:3e quot:22 apos:27 nbsp:20 ensp:20 emsp:20 thinsp:20 hairsp:20 Tab:9 NewLine:a excl:21 "
                                + "num:23 dollar:24 percnt:25 lpar:28 rpar:29 ast:2a plus:2b comma:2c hyphen:2d dash:2d period:2e "
                                + "sol:2f colon:3a semi:3b equals:3d quest:3f commat:40 lsqb:5b lbrack:5b bsol:5c rsqb:5d rbrack:5d "
                                + "Hat:5e lowbar:5f UnderBar:5f grave:60 lcub:7b lbrace:7b verbar:7c vert:7c rcub:7d rbrace:7d shy:ad "
                                + "zwj:200d zwnj:200c lrm:200e rlm:200f ndash:2013 mdash:2014 lsquo:2018 rsquo:2019 ldquo:201c "
                                + "rdquo:201d hellip:2026")
                        .split(" ")) {
            var colon = entry.indexOf(':');
            named.put(entry.substring(0, colon), Integer.parseInt(entry.substring(colon + 1), 16));
        }
        NAMED = new PackedNames(named);
    }

    private Escapes() {}

    /** True where {@code text[at]} is the letter of an escape such as {@code \n}, which is white space and parts words. */
    public static boolean letter(byte[] text, int at) {
        return at > 0
                && text[at - 1] == '\\'
                && switch (text[at]) {
                    case 'n', 'r', 't', 'b', 'f' -> true;
                    default -> false;
                };
    }

    /** True where {@code b} behind a backslash parts words, or is what it would be without it: white space and quotes. */
    static boolean parts(byte b) {
        return switch (b) {
            case 'n', 'r', 't', 'b', 'f', '"', '\'', '\\', ' ', '\n', '\r', '\t' -> true;
            default -> false;
        };
    }

    private static long read(int point, int next) {
        return (long) next << 32 | point;
    }

    /** The code point of an answer, or {@link #NOTHING}. */
    static int point(long answer) {
        return (int) answer;
    }

    /** The index after the escape of an answer. */
    static int next(long answer) {
        return (int) (answer >>> 32);
    }

    static int hex(byte b) {
        return HEX[b & 0xff];
    }

    /** A stack of backslashes and what it stands before. Always an escape; backslashes alone are read as nothing. */
    static long backslash(byte[] in, int at, int end) {
        var i = at;
        while (i < end && in[i] == '\\') {
            i++;
        }
        if (i >= end) {
            return read(NOTHING, i);
        }
        return switch (in[i]) {
            case 'n', 'r', 't', 'b', 'f' -> read('\n', i + 1);
            case 'u' -> unicode(in, i, end);
            case 'U' -> sized(in, i, end, 8);
            case 'x' ->
                i + 1 < end && in[i + 1] == '{'
                        ? unicode(in, i, end)
                        : i + 2 < end && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0
                                ? read(hex(in[i + 1]) << 4 | hex(in[i + 2]), i + 3)
                                : read(NOTHING, i);
            case '0', '1' ->
                i + 2 < end && octal(in[i + 1]) && octal(in[i + 2])
                        ? read(in[i] - '0' << 6 | in[i + 1] - '0' << 3 | in[i + 2] - '0', i + 3)
                        : read(NOTHING, i);
            default -> read(NOTHING, i);
        };
    }

    /** As many hex digits as the escape of Python, C and Go has behind its letter, or nothing. */
    private static long sized(byte[] in, int letter, int end, int digits) {
        if (letter + digits >= end) {
            return read(NOTHING, letter);
        }
        var c = 0L;
        for (var i = letter + 1; i <= letter + digits; i++) {
            if (hex(in[i]) < 0) {
                return read(NOTHING, letter);
            }
            c = c << 4 | hex(in[i]);
        }
        return c > 0x10FFFF || c >= 0xD800 && c <= 0xDFFF ? read(NOTHING, letter) : read((int) c, letter + digits + 1);
    }

    private static boolean octal(byte b) {
        return b >= '0' && b <= '7';
    }

    private static long unicode(byte[] in, int u, int end) {
        var i = u + 1;
        var braces = i < end && in[i] == '{';
        if (braces) {
            i++;
        }
        var c = 0;
        var digits = 0;
        while (i < end && digits < (braces ? 6 : 4) && hex(in[i]) >= 0) {
            c = c << 4 | hex(in[i++]);
            digits++;
        }
        if (digits == 0 || (!braces && digits < 4) || (braces && (i >= end || in[i] != '}')) || c > 0x10FFFF) {
            return read(NOTHING, u);
        }
        if (braces) {
            i++;
        }
        if (c < 0x10000 && Character.isHighSurrogate((char) c)) {
            var low = i;
            while (low < end && in[low] == '\\') {
                low++;
            }
            if (low > i && low + 4 < end && in[low] == 'u') {
                var second = 0;
                for (var k = 1; k <= 4; k++) {
                    second = second << 4 | Math.max(0, hex(in[low + k]));
                }
                if (Character.isLowSurrogate((char) second)) {
                    return read(Character.toCodePoint((char) c, (char) second), low + 5);
                }
            }
        }
        return read(c >= 0xD800 && c <= 0xDFFF ? NOTHING : c, i);
    }

    /** Percent encoding of one UTF-8 character, or {@code %uXXXX}, as JavaScript's {@code escape} writes it. */
    static long percent(byte[] in, int at, int end) {
        if (at + 1 < end && (in[at + 1] == 'u' || in[at + 1] == 'U')) {
            var answer = sized(in, at + 1, end, 4);
            return point(answer) == NOTHING ? NONE : answer;
        }
        var first = percentByte(in, at, end);
        if (first < 0) {
            return NONE;
        }
        var value = first & 0xff;
        var next = at + (first >> 8);
        var more = value >= 0xF0 ? 3 : value >= 0xE0 ? 2 : value >= 0xC0 ? 1 : 0;
        if (more == 0) {
            return read(value < 0x80 ? value : NOTHING, next);
        }
        var c = value & (0x3F >> more);
        for (var k = 0; k < more; k++) {
            var unit = percentByte(in, next, end);
            if (unit < 0 || (unit & 0xC0) != 0x80) {
                return read(NOTHING, next);
            }
            c = c << 6 | unit & 0x3F;
            next += unit >> 8;
        }
        return read(c <= 0x10FFFF ? c : NOTHING, next);
    }

    /** The byte that {@code %XX} or {@code %25…25XX} at {@code at} stands for, its length in the upper bits, or -1. */
    private static int percentByte(byte[] in, int at, int end) {
        if (at >= end || in[at] != '%') {
            return -1;
        }
        var i = at + 1;
        while (i + 3 < end && in[i] == '2' && in[i + 1] == '5' && hex(in[i + 2]) >= 0 && hex(in[i + 3]) >= 0) {
            i += 2;
        }
        if (i + 1 >= end || hex(in[i]) < 0 || hex(in[i + 1]) < 0) {
            return -1;
        }
        return hex(in[i]) << 4 | hex(in[i + 1]) | (i + 2 - at) << 8;
    }

    /** A character reference of HTML, by number or by name. */
    static long reference(byte[] in, int at, int end) {
        var i = at + 1;
        while (i + 4 < end && in[i] == 'a' && in[i + 1] == 'm' && in[i + 2] == 'p' && in[i + 3] == ';') {
            i += 4;
        }
        if (i < end && in[i] == '#') {
            return number(in, i + 1, end);
        }
        var name = i;
        while (i < end && i - name <= LONGEST_NAME && letter(in[i])) {
            i++;
        }
        if (i == name || i - name > LONGEST_NAME || i >= end || in[i] != ';') {
            return NONE;
        }
        var point = NAMED.of(PackedNames.packed(in, name, i));
        return point == PackedNames.NONE ? NONE : read(point, i + 1);
    }

    private static long number(byte[] in, int from, int end) {
        var i = from;
        var radix = 10;
        if (i < end && (in[i] == 'x' || in[i] == 'X')) {
            radix = 16;
            i++;
        }
        var c = 0;
        var digits = 0;
        while (i < end && digits < 8) {
            var digit = hex(in[i]);
            if (digit < 0 || digit >= radix) {
                break;
            }
            c = Math.min(c * radix + digit, 0x110000);
            digits++;
            i++;
        }
        if (digits == 0 || c == 0 || c > 0x10FFFF) {
            return NONE;
        }
        return read(c, i < end && in[i] == ';' ? i + 1 : i);
    }

    /** A character of several bytes in UTF-8; {@link #NONE} for a byte that is no part of one. */
    static long utf8(byte[] in, int at, int end) {
        var lead = in[at] & 0xff;
        var more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
        if (more == 0) {
            return NONE;
        }
        if (at + more >= end) {
            return read(NOTHING, end);
        }
        var c = lead & (0x3F >> more);
        for (var k = 1; k <= more; k++) {
            if ((in[at + k] & 0xC0) != 0x80) {
                return NONE;
            }
            c = c << 6 | in[at + k] & 0x3F;
        }
        return c > 0x10FFFF || c < 0x80 ? NONE : read(c, at + more + 1);
    }

    static boolean letter(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    }
}
