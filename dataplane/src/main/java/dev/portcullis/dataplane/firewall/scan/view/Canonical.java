package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;

/**
 * Bytes with every escape resolved in one pass, whatever syntax it belongs to and however often it was applied:
 * backslash escapes of JSON and its relatives, percent encoding, numeric HTML entities, UTF-8 folded by {@link Fold}.
 * A stack of backslashes or of {@code %25} counts as one escape, so nesting costs no further pass. Reusable; not
 * thread-safe.
 */
public final class Canonical {
    /** What the result is for. */
    public enum Mode {
        /** Keeps case, spaces and line breaks. */
        SECRETS,
        /** Lower case, a run of white space is one space or, where it holds one, one line break. */
        PROSE,
        /** As PROSE, and HTML tags vanish; those that part words become a space. */
        MARKUP
    }

    private static final int PLAIN = 0;
    private static final int BACKSLASH = 1;
    private static final int PERCENT = 2;
    private static final int AMPERSAND = 3;
    private static final int CONTROL = 4;
    private static final int HIGH = 5;

    private static final int LONGEST_TAG = 512;

    private static final byte[] KIND = new byte[256];

    static {
        for (var c = 0; c < 256; c++) {
            KIND[c] = (byte)
                    (c >= 0x80
                            ? HIGH
                            : (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f ? CONTROL : PLAIN);
        }
        KIND['\\'] = BACKSLASH;
        KIND['%'] = PERCENT;
        KIND['&'] = AMPERSAND;
    }

    private byte[] out = new byte[0];
    private int[] map = new int[0];
    private int length;
    private int seen;
    private Mode mode = Mode.SECRETS;

    /**
     * Index of the first byte in {@code [from, length)} that {@link #read} would change for {@link Mode#SECRETS}, or
     * -1. Escapes of white space and quotes are not reported: they part words either way.
     *
     * @param folded true where UTF-8 was folded before, so that only escapes count
     */
    public static int firstEscape(byte[] in, int from, int length, boolean folded) {
        var kinds = KIND;
        for (var i = from; i < length; i++) {
            var kind = kinds[in[i] & 0xff];
            if (kind == PLAIN) {
                continue;
            }
            var escape =
                    switch (kind) {
                        case BACKSLASH -> i + 1 < length && !parting(in[i + 1]);
                        case PERCENT -> i + 2 < length && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0;
                        case AMPERSAND -> i + 1 < length && in[i + 1] == '#';
                        case HIGH -> !folded;
                        default -> true;
                    };
            if (escape) {
                return i;
            }
        }
        return -1;
    }

    private static boolean parting(byte b) {
        return switch (b) {
            case 'n', 'r', 't', 'b', 'f', '"', '\'', '\\', ' ', '\n', '\r', '\t' -> true;
            default -> false;
        };
    }

    /** Reads {@code in[from, end)}. */
    public void read(byte[] in, int from, int end, Mode how) {
        mode = how;
        length = 0;
        seen = 0;
        if (out.length < end - from) {
            out = new byte[end - from];
            map = new int[end - from];
        }
        var i = from;
        while (i < end) {
            var b = in[i];
            i = switch (KIND[b & 0xff]) {
                case PLAIN -> b == '<' && mode == Mode.MARKUP ? tag(in, i, end) : plain(b, i);
                case BACKSLASH -> backslash(in, i, end);
                case PERCENT -> percent(in, i, end);
                case AMPERSAND -> entity(in, i, end);
                case HIGH -> utf8(in, i, end);
                default -> {
                    mark(HIGH);
                    yield i + 1;
                }
            };
        }
    }

    /** The result; only the first {@link #length()} bytes count, and only until the next {@link #read}. */
    public byte[] bytes() {
        return out;
    }

    /** For each byte of the result the index in the input that it came from. Callers may overwrite it. */
    public int[] map() {
        return map;
    }

    /** Bytes of the result. */
    public int length() {
        return length;
    }

    /** The syntaxes that were resolved, outermost guess first, joined by "+"; empty where none was. */
    public String seen() {
        var names = new StringBuilder();
        if ((seen & 1 << PERCENT) != 0) {
            names.append("+url");
        }
        if ((seen & 1 << BACKSLASH) != 0) {
            names.append("+json");
        }
        if ((seen & 1 << AMPERSAND) != 0) {
            names.append("+html");
        }
        if ((seen & 1 << HIGH) != 0) {
            names.append("+unicode");
        }
        return names.isEmpty() ? "" : names.substring(1);
    }

    private void mark(int kind) {
        seen |= 1 << kind;
    }

    private int plain(byte b, int at) {
        put(b, at);
        return at + 1;
    }

    private void put(byte b, int at) {
        if (mode != Mode.SECRETS) {
            if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
                // A run of white space is one character: a line break where it holds one.
                b = b == '\n' || b == '\r' ? (byte) '\n' : (byte) ' ';
                if (length > 0 && (out[length - 1] == ' ' || out[length - 1] == '\n')) {
                    if (b == '\n') {
                        out[length - 1] = b;
                    }
                    return;
                }
            } else if (b >= 'A' && b <= 'Z') {
                b += 32;
            }
        }
        if (length < out.length) {
            out[length] = b;
            map[length++] = at;
        }
    }

    /** Puts a resolved code point. */
    private void point(int c, int at) {
        if (c < 0x80) {
            if (KIND[c] != CONTROL) {
                put((byte) c, at);
            }
            return;
        }
        var kept = mode == Mode.SECRETS ? c : Character.toLowerCase(c);
        var folded = Fold.of(kept);
        if (folded == Fold.DROP) {
            mark(HIGH);
        } else if (folded != Fold.KEEP) {
            mark(HIGH);
            put((byte) folded, at);
        } else {
            if (kept < 0x800) {
                put((byte) (0xC0 | kept >> 6), at);
            } else {
                if (kept < 0x10000) {
                    put((byte) (0xE0 | kept >> 12), at);
                } else {
                    put((byte) (0xF0 | kept >> 18), at);
                    put((byte) (0x80 | kept >> 12 & 0x3F), at);
                }
                put((byte) (0x80 | kept >> 6 & 0x3F), at);
            }
            put((byte) (0x80 | kept & 0x3F), at);
        }
    }

    private int backslash(byte[] in, int at, int end) {
        var i = at;
        while (i < end && in[i] == '\\') {
            i++;
        }
        if (i >= end) {
            return i;
        }
        switch (in[i]) {
            case 'n', 'r', 't', 'b', 'f' -> {
                put((byte) '\n', at);
                return i + 1;
            }
            case 'u' -> {
                return unicodeEscape(in, at, i, end);
            }
            case 'x' -> {
                if (i + 2 < end && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0) {
                    mark(BACKSLASH);
                    point(hex(in[i + 1]) << 4 | hex(in[i + 2]), at);
                    return i + 3;
                }
                return i;
            }
            default -> {
                mark(BACKSLASH);
                return i;
            }
        }
    }

    private int unicodeEscape(byte[] in, int at, int u, int end) {
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
            return u;
        }
        mark(BACKSLASH);
        if (braces) {
            i++;
        }
        if (Character.isHighSurrogate((char) c) && c < 0x10000) {
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
                    point(Character.toCodePoint((char) c, (char) second), at);
                    return low + 5;
                }
            }
        }
        if (c < 0xD800 || c > 0xDFFF) {
            point(c, at);
        }
        return i;
    }

    private int percent(byte[] in, int at, int end) {
        var first = percentByte(in, at, end);
        if (first < 0) {
            return plain((byte) '%', at);
        }
        mark(PERCENT);
        var value = first & 0xff;
        var next = at + (first >> 8);
        var more = value >= 0xF0 ? 3 : value >= 0xE0 ? 2 : value >= 0xC0 ? 1 : 0;
        if (more == 0) {
            if (value < 0x80) {
                point(value, at);
            }
            return next;
        }
        var c = value & (0x3F >> more);
        for (var k = 0; k < more; k++) {
            var unit = percentByte(in, next, end);
            if (unit < 0 || (unit & 0xC0) != 0x80) {
                return next;
            }
            c = c << 6 | unit & 0x3F;
            next += unit >> 8;
        }
        if (c <= 0x10FFFF) {
            point(c, at);
        }
        return next;
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

    private int entity(byte[] in, int at, int end) {
        var i = at + 1;
        if (i >= end || in[i] != '#') {
            return plain((byte) '&', at);
        }
        i++;
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
            return plain((byte) '&', at);
        }
        mark(AMPERSAND);
        point(c, at);
        return i < end && in[i] == ';' ? i + 1 : i;
    }

    private int utf8(byte[] in, int at, int end) {
        var lead = in[at] & 0xff;
        var more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
        if (more == 0 || at + more >= end) {
            if (more > 0) {
                return end;
            }
            put(in[at], at);
            return at + 1;
        }
        var c = lead & (0x3F >> more);
        for (var k = 1; k <= more; k++) {
            if ((in[at + k] & 0xC0) != 0x80) {
                put(in[at], at);
                return at + 1;
            }
            c = c << 6 | in[at + k] & 0x3F;
        }
        if (c > 0x10FFFF || c < 0x80) {
            put(in[at], at);
            return at + 1;
        }
        point(c, at);
        return at + more + 1;
    }

    /** Drops the tag at {@code at}; a tag that does not stand inside words leaves a space. */
    private int tag(byte[] in, int at, int end) {
        var i = at + 1;
        if (i < end && in[i] == '/') {
            i++;
        }
        var name = i;
        while (i < end && in[i] != '>' && i - at < LONGEST_TAG) {
            i++;
        }
        if (i >= end || in[i] != '>' || name >= end || !letter(in[name])) {
            return plain((byte) '<', at);
        }
        if (!inline(in, name, i)) {
            put((byte) ' ', at);
        }
        return i + 1;
    }

    private static boolean inline(byte[] in, int name, int end) {
        var stop = name;
        while (stop < end && letter(in[stop])) {
            stop++;
        }
        var word = new String(in, name, stop - name, java.nio.charset.StandardCharsets.ISO_8859_1);
        return switch (word.toLowerCase(java.util.Locale.ROOT)) {
            case "b",
                    "i",
                    "u",
                    "s",
                    "a",
                    "em",
                    "strong",
                    "span",
                    "font",
                    "small",
                    "sub",
                    "sup",
                    "code",
                    "mark",
                    "wbr" -> true;
            default -> false;
        };
    }

    private static boolean letter(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    }

    private static int hex(byte b) {
        return HEX[b & 0xff];
    }

    private static final byte[] HEX = new byte[256];

    static {
        Arrays.fill(HEX, (byte) -1);
        for (var i = 0; i < 16; i++) {
            HEX[Character.forDigit(i, 16)] = (byte) i;
            HEX[Character.toUpperCase(Character.forDigit(i, 16))] = (byte) i;
        }
    }
}
