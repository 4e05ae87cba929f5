package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;

/**
 * Which bytes of a text are of which class: for each class one bit a byte, 64 to a word, the first byte lowest. One pass over the
 * text that every stage shares which looks for digits, words, escapes, strings or short pieces, so that these look at 64 bytes at a
 * time. Reusable; not thread-safe.
 */
public final class ByteClasses {
    /** ASCII letters that are part of a word: not the letter of an escape such as {@code \n}. */
    public static final int WORD = 0;

    /** ASCII letters and digits, {@code _} and {@code -}. */
    public static final int TOKEN = 1;

    /** ASCII digits. */
    public static final int DIGIT = 2;

    /** Bytes above ASCII. */
    public static final int HIGH = 3;

    /** Backslashes. */
    public static final int BACKSLASH = 4;

    /**
     * ASCII bytes that may begin an escape or are one: all that do but for the last byte of a text, and percent signs and ampersands
     * that do not.
     */
    public static final int ESCAPE = 5;

    /** What parts words behind a backslash. */
    private static final int PARTING = 6;

    /** Quotation marks. */
    public static final int QUOTE = 7;

    private static final int CLASSES = 8;

    /** Bytes to a word. */
    private static final int WIDTH = Long.SIZE;

    private static final int WORD_BITS = 6;

    /** For each byte a bit in the lane of each class that it is of. */
    private static final long[] OF = new long[256];

    static {
        for (var c = 0; c < 256; c++) {
            var letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            var digit = c >= '0' && c <= '9';
            var control = c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f;
            OF[c] = bit(WORD, letter)
                    | bit(TOKEN, letter || digit || c == '_' || c == '-')
                    | bit(DIGIT, digit)
                    | bit(HIGH, c >= 0x80)
                    | bit(BACKSLASH, c == '\\')
                    | bit(ESCAPE, control || c == '%' || c == '&')
                    | bit(PARTING, c < 0x80 && Escapes.parts((byte) c))
                    | bit(QUOTE, c == '"');
        }
    }

    private long[] words = new long[CLASSES];
    private final byte[] last = new byte[WIDTH];
    private int begin;
    private int end;

    private static long bit(int which, boolean is) {
        return is ? 1L << Byte.SIZE * which : 0;
    }

    /**
     * Classifies {@code text[from, to)} and at least 64 bytes more where there are as many; some bytes before, down to a multiple of
     * 64.
     *
     * @param length bytes of {@code text} that count
     */
    public void read(byte[] text, int from, int to, int length) {
        begin = from & -WIDTH;
        end = Math.max(begin, Math.min(length, to + 2 * WIDTH - 1 & -WIDTH));
        var room = ((end >>> WORD_BITS) + 3) * CLASSES;
        if (words.length < room) {
            words = new long[room];
        }
        var whole = Math.max(begin, end & -WIDTH);
        classify(text, begin, whole, words, begin >>> WORD_BITS);
        var filled = whole;
        if (whole < end) {
            System.arraycopy(text, whole, last, 0, end - whole);
            classify(last, 0, WIDTH, words, whole >>> WORD_BITS);
            for (var c = 0; c < CLASSES; c++) {
                words[(whole >>> WORD_BITS) * CLASSES + c] &= (1L << end - whole) - 1;
            }
            filled += WIDTH;
        }
        var behind = (filled >>> WORD_BITS) * CLASSES;
        Arrays.fill(words, behind, behind + 2 * CLASSES, 0);
        resolve(words, begin >>> WORD_BITS, filled >>> WORD_BITS, begin > 0 && text[begin - 1] == '\\' ? 1 : 0);
    }

    /** Classifies {@code text[from, to)}, whole words, into {@code words} from {@code at} on. */
    private static void classify(byte[] text, int from, int to, long[] words, int at) {
        // In two loops: in one of both a processor has too few registers.
        var first = at * CLASSES;
        var count = to - from >>> 3;
        for (var k = 0; k < count; k++) {
            words[first + k] = eight(text, from + (k << 3));
        }
        for (var o = first; o < first + count; o += CLASSES) {
            transpose(words, o);
        }
    }

    /** For eight bytes a lane for each class, a bit in it for each byte. */
    private static long eight(byte[] text, int at) {
        var lanes = Lanes.of(text, at);
        var of = OF;
        return of[(int) lanes & 0xff]
                | of[(int) (lanes >>> 8) & 0xff] << 1
                | of[(int) (lanes >>> 16) & 0xff] << 2
                | of[(int) (lanes >>> 24) & 0xff] << 3
                | of[(int) (lanes >>> 32) & 0xff] << 4
                | of[(int) (lanes >>> 40) & 0xff] << 5
                | of[(int) (lanes >>> 48) & 0xff] << 6
                | of[(int) (lanes >>> 56)] << 7;
    }

    /** Eight times eight bytes, rows to columns. */
    private static void transpose(long[] out, int at) {
        var a = out[at];
        var b = out[at + 1];
        var c = out[at + 2];
        var d = out[at + 3];
        var e = out[at + 4];
        var f = out[at + 5];
        var g = out[at + 6];
        var h = out[at + 7];
        var four = 0x00000000FFFFFFFFL;
        var ae = a & four | e << 32;
        var ea = a >>> 32 | e & ~four;
        var bf = b & four | f << 32;
        var fb = b >>> 32 | f & ~four;
        var cg = c & four | g << 32;
        var gc = c >>> 32 | g & ~four;
        var dh = d & four | h << 32;
        var hd = d >>> 32 | h & ~four;
        var two = 0x0000FFFF0000FFFFL;
        var p = ae & two | (cg & two) << 16;
        var q = ae >>> 16 & two | cg & ~two;
        var r = bf & two | (dh & two) << 16;
        var s = bf >>> 16 & two | dh & ~two;
        var t = ea & two | (gc & two) << 16;
        var u = ea >>> 16 & two | gc & ~two;
        var v = fb & two | (hd & two) << 16;
        var w = fb >>> 16 & two | hd & ~two;
        var one = 0x00FF00FF00FF00FFL;
        out[at] = p & one | (r & one) << 8;
        out[at + 1] = p >>> 8 & one | r & ~one;
        out[at + 2] = q & one | (s & one) << 8;
        out[at + 3] = q >>> 8 & one | s & ~one;
        out[at + 4] = t & one | (v & one) << 8;
        out[at + 5] = t >>> 8 & one | v & ~one;
        out[at + 6] = u & one | (w & one) << 8;
        out[at + 7] = u >>> 8 & one | w & ~one;
    }

    /** Tells the letters of escapes from words, and backslashes that begin an escape from those that part words. */
    private static void resolve(long[] words, int from, int to, long backslashBefore) {
        var before = backslashBefore;
        for (var o = from * CLASSES; o < to * CLASSES; o += CLASSES) {
            var backslash = words[o + BACKSLASH];
            var parting = words[o + PARTING];
            words[o + WORD] &= ~((backslash << 1 | before) & parting);
            words[o + ESCAPE] |= backslash & ~(parting >>> 1 | words[o + CLASSES + PARTING] << WIDTH - 1);
            before = backslash >>> WIDTH - 1;
        }
    }

    /** The first byte that was classified, a multiple of 64. */
    public int begin() {
        return begin;
    }

    /** The end of what was classified. What lies behind is of no class. */
    public int end() {
        return end;
    }

    /** The bits of the 64 bytes from {@code at} on; {@code at} is in what was classified, or its end. */
    public long from(int which, int at) {
        var word = (at >>> WORD_BITS) * CLASSES + which;
        // A shift by 64 would be none.
        return words[word] >>> at | words[word + CLASSES] << 1 << ~at;
    }

    /** The bits of the bytes from {@code word} * 64 on. */
    long word(int which, int word) {
        return words[word * CLASSES + which];
    }
}
