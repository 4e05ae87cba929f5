package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;

/**
 * Bytes with every escape resolved in one pass, whatever syntax it belongs to and however often it was applied:
 * backslash escapes of JSON and its relatives, percent encoding, HTML character references, UTF-8 folded by {@link Fold}.
 * Reusable; not thread-safe.
 */
public final class Canonical {
    /** What the result is for. */
    public enum Mode {
        /** Keeps case, spaces and line breaks. */
        SECRETS,
        /** Lower case, a run of white space is one space or, where it holds one, one line break. */
        PROSE,
        /** As PROSE, and HTML tags vanish; those that part words become a space. */
        PAGE,
        /** As PROSE, of the tags alone that the last PAGE left out, a line each. */
        TAGS
    }

    private static final int PLAIN = 0;
    private static final int BACKSLASH = 1;
    private static final int PERCENT = 2;
    private static final int AMPERSAND = 3;
    private static final int CONTROL = 4;
    private static final int HIGH = 5;

    /** Tags shorter than this have no room for a sentence. */
    private static final int SHORTEST_TAG = 24;

    private static final byte[] KIND = new byte[256];

    /** For each byte what it is read as where that needs no look around; 0 where it does. */
    private static final byte[] AS_IT_IS = new byte[256];

    private static final byte[] AS_PROSE = new byte[256];

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
        for (var c = 1; c < 0x80; c++) {
            if (KIND[c] == PLAIN) {
                AS_IT_IS[c] = (byte) c;
                AS_PROSE[c] = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '<'
                        ? 0
                        : (byte) (c >= 'A' && c <= 'Z' ? c + 32 : c);
            }
        }
    }

    private byte[] out = new byte[0];
    private int[] map = new int[0];
    private int length;
    private int seen;
    private Mode mode = Mode.SECRETS;
    private boolean tagged;
    private int[] tags = new int[0];
    private int tagCount;

    /**
     * Index of the first byte in {@code [from, length)} that {@link #read} would change for {@link Mode#SECRETS}, or
     * -1. Escapes of white space and quotes are not reported: they part words either way.
     *
     * @param folded true where UTF-8 was folded before, so that only escapes count
     */
    public static int firstEscape(byte[] in, int from, int length, boolean folded) {
        var i = from;
        while (i < length) {
            if (i + Long.BYTES <= length) {
                var lanes = Lanes.of(in, i);
                var marks = folded ? escapeOrControl(lanes) : notPlain(lanes);
                if (marks == 0) {
                    i += Long.BYTES;
                    continue;
                }
                i += Lanes.first(marks);
            }
            if (in[i] < 0 && !folded) {
                i = unchanged(in, i, length);
                if (i < length && in[i] < 0) {
                    return i;
                }
                continue;
            }
            if (KIND[in[i] & 0xff] != PLAIN && escape(in, i, length)) {
                return i;
            }
            i++;
        }
        return -1;
    }

    /** The same where {@code classes} are those of {@code in} from {@code from} on, as far as they go. */
    public static int firstEscape(byte[] in, int from, int length, boolean folded, ByteClasses classes) {
        var i = from;
        var until = Math.min(length, classes.end());
        while (i < until) {
            var marks = classes.from(ByteClasses.ESCAPE, i);
            if (!folded) {
                marks |= classes.from(ByteClasses.HIGH, i);
            }
            if (marks == 0) {
                i = Math.min(i + Long.SIZE, until);
                continue;
            }
            i += Long.numberOfTrailingZeros(marks);
            if (in[i] < 0) {
                i = unchanged(in, i, length);
                if (i < length && in[i] < 0) {
                    return i;
                }
                continue;
            }
            if (escape(in, i, length)) {
                return i;
            }
            i++;
        }
        return firstEscape(in, Math.max(i, until), length, folded);
    }

    /** Lanes that are not plain, and white space. */
    private static long notPlain(long lanes) {
        return Lanes.unprintable(lanes) | Lanes.equal(lanes, '\\') | Lanes.equal(lanes, '%') | Lanes.equal(lanes, '&');
    }

    /** Lanes of ASCII that are not plain, and white space. */
    private static long escapeOrControl(long lanes) {
        return Lanes.less(lanes, ' ')
                | Lanes.equal(lanes, 0x7f)
                | Lanes.equal(lanes, '\\')
                | Lanes.equal(lanes, '%')
                | Lanes.equal(lanes, '&');
    }

    /**
     * The index of the first character from the one above ASCII at {@code from} on that is not read as itself, or of the first
     * one of ASCII; {@code length} where there is none. Bytes that are no part of a character are read as they are.
     */
    private static int unchanged(byte[] in, int from, int length) {
        var i = from;
        while (i < length && in[i] < 0) {
            var read = Escapes.utf8(in, i, length);
            if (read == Escapes.NONE) {
                i++;
                continue;
            }
            if (Escapes.point(read) == Escapes.NOTHING || Fold.of(Escapes.point(read)) != Fold.KEEP) {
                return i;
            }
            i = Escapes.next(read);
        }
        return i;
    }

    private static boolean escape(byte[] in, int i, int length) {
        return switch (KIND[in[i] & 0xff]) {
            case BACKSLASH -> i + 1 < length && !Escapes.parts(in[i + 1]);
            case PERCENT -> Escapes.percent(in, i, length) != Escapes.NONE;
            case AMPERSAND -> Escapes.reference(in, i, length) != Escapes.NONE;
            case HIGH -> false;
            default -> true;
        };
    }

    /** Reads {@code in[from, end)}; for TAGS the parts of it that the last PAGE left out. */
    public void read(byte[] in, int from, int end, Mode how) {
        mode = how;
        length = 0;
        seen = 0;
        tagged = false;
        room(end - from, 0);
        if (how != Mode.TAGS) {
            tagCount = 0;
            read(in, from, end);
            return;
        }
        for (var t = 0; t < tagCount; t += 2) {
            put((byte) '\n', tags[t]);
            read(in, tags[t], tags[t + 1]);
        }
    }

    /**
     * Reads for SECRETS what {@code in[0, end)}, which is mostly no text, has of texts with an escape in them that are long
     * enough for a secret, each with the byte that ends it. A secret that only shows when it is read so is such a text.
     */
    public void readTexts(byte[] in, int end) {
        mode = Mode.SECRETS;
        length = 0;
        seen = 0;
        tagged = false;
        tagCount = 0;
        for (var from = Utf8Runs.first(in, 0, end); from >= 0; ) {
            var until = Utf8Runs.end(in, from, end);
            if (firstEscape(in, from, until, false) >= 0) {
                room(until - from + 1, length);
                read(in, from, until);
                if (until < end) {
                    put(in[until], until);
                }
            }
            from = Utf8Runs.first(in, until + 1, end);
        }
    }

    /** Makes room for what {@code bytes} bytes are read as behind {@code kept} bytes. */
    private void room(int bytes, int kept) {
        // A letter may take a byte more in lower case than it had; eight bytes are written at a time.
        var most = kept + bytes + bytes / 2 + 4 + Long.BYTES;
        if (out.length < most) {
            out = Arrays.copyOf(out, most);
            map = Arrays.copyOf(map, most);
        }
    }

    private void read(byte[] in, int from, int end) {
        var plain = mode == Mode.SECRETS ? AS_IT_IS : AS_PROSE;
        var i = from;
        while (i < end) {
            var b = in[i];
            var as = plain[b & 0xff];
            if (as != 0) {
                out[length] = as;
                map[length++] = i++;
                i = mode == Mode.SECRETS ? asItIs(in, i, end) : asProse(in, i, end);
                continue;
            }
            i = switch (KIND[b & 0xff]) {
                case PLAIN -> b == '<' && mode == Mode.PAGE ? tag(in, i, end) : put(b, i);
                case BACKSLASH -> backslash(in, i, end);
                case PERCENT -> resolved(Escapes.percent(in, i, end), PERCENT, b, i);
                case AMPERSAND -> resolved(Escapes.reference(in, i, end), AMPERSAND, b, i);
                case HIGH -> high(in, i, end);
                default -> {
                    seen |= 1 << HIGH;
                    yield i + 1;
                }
            };
        }
    }

    /** Puts what stands for itself from {@code from} on, eight bytes at a time; returns the index after it. */
    private int asItIs(byte[] in, int from, int end) {
        var i = from;
        while (i + Long.BYTES <= end && length + Long.BYTES <= out.length) {
            var lanes = Lanes.of(in, i);
            var marks = notPlain(lanes);
            eight(lanes, i);
            if (marks != 0) {
                length += Lanes.first(marks);
                return i + Lanes.first(marks);
            }
            length += Long.BYTES;
            i += Long.BYTES;
        }
        return i;
    }

    /**
     * The same in lower case, up to a second white space in a row and to what may begin a tag. No white space stands before
     * {@code from}.
     */
    private int asProse(byte[] in, int from, int end) {
        var i = from;
        var before = 0L;
        while (i + Long.BYTES <= end && length + Long.BYTES <= out.length) {
            var lanes = Lanes.of(in, i);
            var spaces = Lanes.equal(lanes, ' ');
            var marks = notPlain(lanes) | Lanes.equal(lanes, '<') | spaces & (spaces << Byte.SIZE | before);
            eight(Lanes.lower(lanes), i);
            if (marks != 0) {
                length += Lanes.first(marks);
                return i + Lanes.first(marks);
            }
            before = lanes >>> Long.SIZE - Byte.SIZE == ' ' ? 0x80 : 0;
            length += Long.BYTES;
            i += Long.BYTES;
        }
        return i;
    }

    /** Writes eight bytes that came from {@code at} on; how many of them count is up to the caller. */
    private void eight(long lanes, int at) {
        Lanes.put(out, length, lanes);
        for (var k = 0; k < Long.BYTES; k++) {
            map[length + k] = at + k;
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

    /** True where the last PAGE left out tags that have room for a sentence. */
    public boolean leftOutTags() {
        return tagCount > 0;
    }

    /** The syntaxes that were resolved, outermost guess first, joined by "+"; empty where none was. */
    public String seen() {
        if (seen == 0) {
            return "";
        }
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

    /** Puts a byte that may be white space; returns the index after it. */
    private int put(byte b, int at) {
        if (length == out.length) {
            return at + 1;
        }
        if (mode != Mode.SECRETS) {
            if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
                // A run of white space is one character: a line break where it holds one.
                b = b == '\n' || b == '\r' ? (byte) '\n' : (byte) ' ';
                if (length > 0 && (out[length - 1] == ' ' || out[length - 1] == '\n')) {
                    if (b == '\n') {
                        out[length - 1] = b;
                    }
                    return at + 1;
                }
            } else if (b >= 'A' && b <= 'Z') {
                b += 32;
            }
        }
        out[length] = b;
        map[length++] = at;
        return at + 1;
    }

    /** Puts what an escape was read as, or the byte itself where it is none; returns the index after it. */
    private int resolved(long answer, int kind, byte b, int at) {
        if (answer == Escapes.NONE) {
            return put(b, at);
        }
        if (kind != PLAIN) {
            seen |= 1 << kind;
        }
        var c = Escapes.point(answer);
        if (c != Escapes.NOTHING) {
            point(c, at);
        }
        return Escapes.next(answer);
    }

    /** Puts the characters above ASCII from {@code at} on; returns the index after them. */
    private int high(byte[] in, int at, int end) {
        var i = at;
        while (i < end && in[i] < 0) {
            var answer = Escapes.utf8(in, i, end);
            if (mode != Mode.SECRETS || answer == Escapes.NONE || length + 4 > out.length) {
                i = resolved(answer, PLAIN, in[i], i);
                continue;
            }
            var next = Escapes.next(answer);
            var as = Escapes.point(answer) == Escapes.NOTHING ? Fold.DROP : Fold.of(Escapes.point(answer));
            if (as == Fold.KEEP) {
                for (var k = i; k < next; k++) {
                    out[length] = in[k];
                    map[length++] = i;
                }
            } else {
                seen |= 1 << HIGH;
                if (as != Fold.DROP) {
                    out[length] = (byte) as;
                    map[length++] = i;
                }
            }
            i = next;
        }
        return i;
    }

    private int backslash(byte[] in, int at, int end) {
        var answer = Escapes.backslash(in, at, end);
        var c = Escapes.point(answer);
        if (c == '\n') {
            put((byte) '\n', at);
        } else {
            seen |= 1 << BACKSLASH;
            if (c != Escapes.NOTHING) {
                point(c, at);
            }
        }
        return Escapes.next(answer);
    }

    /** Puts a resolved code point. Hidden text of tag characters is no part of the word before it. */
    private void point(int c, int at) {
        if (mode != Mode.SECRETS) {
            var tag = c >= 0xE0020 && c < 0xE007F;
            if (tag && !tagged) {
                put((byte) ' ', at);
            }
            tagged = tag;
        }
        if (c < 0x80) {
            if (KIND[c] != CONTROL) {
                put((byte) c, at);
            }
            return;
        }
        var kept = mode == Mode.SECRETS ? c : Character.toLowerCase(c);
        var folded = Fold.of(kept);
        if (folded == Fold.DROP) {
            seen |= 1 << HIGH;
        } else if (folded != Fold.KEEP) {
            seen |= 1 << HIGH;
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

    /** Leaves out the tag at {@code at}; one that does not stand inside words leaves a space. */
    private int tag(byte[] in, int at, int end) {
        var after = HtmlTag.end(in, at, end);
        if (after == HtmlTag.NONE) {
            return put((byte) '<', at);
        }
        if (after >= 0) {
            put((byte) ' ', at);
        } else {
            after = ~after;
        }
        if (after - at >= SHORTEST_TAG) {
            if (tagCount == tags.length) {
                tags = Arrays.copyOf(tags, Math.max(32, tagCount * 2));
            }
            tags[tagCount++] = at;
            tags[tagCount++] = after;
        }
        return after;
    }
}
