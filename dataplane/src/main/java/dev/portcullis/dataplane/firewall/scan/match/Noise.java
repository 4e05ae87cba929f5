package dev.portcullis.dataplane.firewall.scan.match;

/** Tells the text that binary data is encoded in, which has any letters beside each other, from what people and programs write. */
final class Noise {
    /** Characters on each side of a place that are looked at. */
    private static final int FURTHEST = 256;

    /** Fewer characters on both sides together may be a path. */
    private static final int LEAST = 128;

    /** Base64 that is broken into lines has lines of at least this many characters. */
    private static final int LINE = 60;

    /** Punctuation marks of ASCII that stand in no 512 characters of code without a space. */
    private static final int MARKS = 18;

    /** Bytes of a source map's groups on average at most, the comma included. */
    private static final int LONGEST_GROUP = 10;

    private static final int LOWER = 1;
    private static final int UPPER = 2;
    private static final int DIGIT = 4;
    private static final int PLUS = 8;
    private static final int SLASH = 16;
    private static final int ALL = 31;

    private Noise() {}

    /**
     * True where {@code [start, end)} stands inside long base64, plain or with the escapes that JSON and forms need: letters of
     * both cases, digits, plus and slash are all around it, and nothing else.
     */
    static boolean encoded(byte[] text, int start, int end, int length) {
        var seen = 0;
        var before = start;
        var line = start;
        while (before > 0 && start - before < FURTHEST) {
            if (lineEnd(text[before - 1])) {
                // Where the line above is a short one, this is no wrapped text.
                if (line - before < LINE && line != start) {
                    break;
                }
                line = before - 1;
            } else if (!part(text[before - 1])) {
                break;
            }
            before--;
            seen |= kind(text, before, length);
        }
        var behind = end;
        line = Integer.MIN_VALUE;
        while (behind < length && behind - end < FURTHEST) {
            if (lineEnd(text[behind])) {
                if (line != Integer.MIN_VALUE && behind - line < LINE && behind - line > 1) {
                    break;
                }
                line = behind;
            } else if (!part(text[behind])) {
                break;
            }
            seen |= kind(text, behind, length);
            behind++;
        }
        return seen == ALL && start - before + behind - end >= LEAST;
    }

    private static boolean lineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    private static boolean part(byte b) {
        return kindOf(b) != 0 || b == '\\' || b == '%';
    }

    private static int kind(byte[] text, int at, int length) {
        if (text[at] == '%' && at + 2 < length && text[at + 1] == '2') {
            return text[at + 2] == 'B' || text[at + 2] == 'b'
                    ? PLUS
                    : text[at + 2] == 'F' || text[at + 2] == 'f' ? SLASH : 0;
        }
        return kindOf(text[at]);
    }

    private static int kindOf(byte b) {
        if (b >= 'a' && b <= 'z') {
            return LOWER;
        }
        if (b >= 'A' && b <= 'Z') {
            return UPPER;
        }
        if (b >= '0' && b <= '9') {
            return DIGIT;
        }
        return b == '+' ? PLUS : b == '/' ? SLASH : 0;
    }

    /** True where pieces around {@code at} are next to each other by chance: in base64, in a source map, or where any mark stands beside any letter. */
    static boolean around(byte[] text, int at, int length) {
        return encoded(text, at, at, length) || mappings(text, at, length) || marks(text, at, length);
    }

    /** True inside the mappings of a source map: groups of a few base64 digits, of both cases, between commas and semicolons. */
    private static boolean mappings(byte[] text, int at, int length) {
        var from = at;
        while (from > 0 && at - from < FURTHEST && mapping(text[from - 1])) {
            from--;
        }
        var to = at;
        while (to < length && to - at < FURTHEST && mapping(text[to])) {
            to++;
        }
        if (to - from < LEAST) {
            return false;
        }
        var seen = 0;
        var ends = 0;
        for (var i = from; i < to; i++) {
            var kind = kindOf(text[i]);
            seen |= kind;
            ends += kind == 0 ? 1 : 0;
        }
        return (seen & (LOWER | UPPER)) == (LOWER | UPPER) && ends * LONGEST_GROUP >= to - from;
    }

    private static boolean mapping(byte b) {
        return kindOf(b) != 0 || b == ',' || b == ';';
    }

    /** True for base85 and its like: many different marks, letters of both cases and digits, and never a space. */
    private static boolean marks(byte[] text, int at, int length) {
        var from = Math.max(0, at - FURTHEST);
        var to = Math.min(length, at + FURTHEST);
        var low = 0L;
        var high = 0L;
        for (var i = from; i < to; i++) {
            var b = text[i];
            if (b == ' ' || b < 0) {
                return false;
            }
            if (b < 64) {
                low |= 1L << b;
            } else {
                high |= 1L << b - 64;
            }
        }
        // Of the first half what lies between space, digits and @; of the second what is no letter.
        var marks = Long.bitCount(low & 0xfc00_ffff_0000_0000L) + Long.bitCount(high & 0xf800_0001_f800_0001L);
        return marks >= MARKS;
    }
}
