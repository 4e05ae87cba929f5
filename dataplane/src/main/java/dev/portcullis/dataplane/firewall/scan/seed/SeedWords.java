package dev.portcullis.dataplane.firewall.scan.seed;

import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import dev.portcullis.dataplane.firewall.scan.view.Escapes;
import dev.portcullis.dataplane.firewall.scan.view.Lanes;

/**
 * Where words begin and end. A word is a run of letters, or one Han character; letters are ASCII letters and everything
 * above ASCII but the separators of Chinese and Japanese text.
 */
final class SeedWords {
    /** Longest word of any list, in bytes. */
    static final int LONGEST = 48;

    /** Longest thing between two words, in bytes: {@code ", "}, a line break and a number, a member name's quotes. */
    static final int GAP = 12;

    private static final boolean[] ASCII_LETTER = new boolean[256];

    static {
        for (var c = 'a'; c <= 'z'; c++) {
            ASCII_LETTER[c] = true;
            ASCII_LETTER[c - 'a' + 'A'] = true;
        }
    }

    private SeedWords() {}

    /** Where the word that holds {@code at}, or the next one within {@link #GAP}, starts; -1 where there is none. */
    static int around(byte[] text, int at, int length) {
        var start = startAround(text, at, length);
        return start >= 0 && Escapes.letter(text, start) ? next(text, start + 1, length) : start;
    }

    private static int startAround(byte[] text, int at, int length) {
        if (ASCII_LETTER[text[at] & 0xff]) {
            if (at >= Long.BYTES) {
                var lanes = Lanes.of(text, at - Long.BYTES);
                var others = ~Lanes.letters(lanes) & Lanes.HIGH;
                if (others != 0 && (lanes & Lanes.HIGH) == 0) {
                    return at - (Long.numberOfLeadingZeros(others) >>> 3);
                }
            }
            var lowest = Math.max(0, at - LONGEST);
            var start = at;
            while (start > lowest && ASCII_LETTER[text[start - 1] & 0xff]) {
                start--;
            }
            if (start == lowest || text[start - 1] >= 0) {
                return start;
            }
        }
        var i = characterStart(text, at);
        if (letter(text, i, length)) {
            if (han(text, i)) {
                return i;
            }
            var lowest = Math.max(0, i - LONGEST);
            while (i > lowest) {
                var before = characterStart(text, i - 1);
                if (!letter(text, before, length) || han(text, before)) {
                    break;
                }
                i = before;
            }
            return i;
        }
        return next(text, i, length);
    }

    /** Where the next word behind the gap at {@code at} starts, -1 where none is near. */
    static int next(byte[] text, int at, int length) {
        var i = at;
        while (i < length && i - at <= GAP) {
            if (letter(text, i, length) && !Escapes.letter(text, i)) {
                return i;
            }
            i += width(text[i]);
        }
        return -1;
    }

    /** Where the word before the gap that ends at {@code start} starts, -1 where none is near. */
    static int previous(byte[] text, int start, int length) {
        var i = start;
        while (i > 0 && start - i <= GAP) {
            var before = characterStart(text, i - 1);
            if (letter(text, before, length) && !Escapes.letter(text, before)) {
                return around(text, before, length);
            }
            i = before;
        }
        return -1;
    }

    /** Where the word at {@code start} ends. */
    static int end(byte[] text, int start, int length) {
        if (han(text, start)) {
            return Math.min(length, start + 3);
        }
        if (start + Long.BYTES <= length) {
            var lanes = Lanes.of(text, start);
            var others = ~Lanes.letters(lanes) & Lanes.HIGH;
            if (others != 0 && (lanes & Lanes.HIGH) == 0) {
                return start + Lanes.first(others);
            }
        }
        var i = start;
        var last = Math.min(length, start + LONGEST + 1);
        while (i < last && ASCII_LETTER[text[i] & 0xff]) {
            i++;
        }
        while (i < length && i - start <= LONGEST && letter(text, i, length) && !han(text, i)) {
            i += width(text[i]);
        }
        return Math.min(length, i);
    }

    /** True where {@code classes} say all that is known of the 64 bytes of {@code text[0, length)} from {@code at} on. */
    static boolean seen(ByteClasses classes, int at, int length) {
        return at >= classes.begin() && (at + Long.SIZE <= classes.end() || at < length && classes.end() == length);
    }

    /** {@link #next(byte[], int, int)}, quicker where everything near is ASCII. */
    static int next(byte[] text, int at, int length, ByteClasses classes) {
        if (!seen(classes, at, length)) {
            return next(text, at, length);
        }
        var high = classes.from(ByteClasses.HIGH, at);
        var gap = Long.numberOfTrailingZeros(classes.from(ByteClasses.WORD, at) | high);
        if (gap > GAP) {
            return -1;
        }
        return (high >>> gap & 1) == 0 ? at + gap : next(text, at, length);
    }

    /** {@link #previous(byte[], int, int)}, quicker where everything near is ASCII. */
    static int previous(byte[] text, int start, int length, ByteClasses classes) {
        var from = start - Long.SIZE;
        if (from < 0 || !seen(classes, from, length)) {
            return previous(text, start, length);
        }
        var words = classes.from(ByteClasses.WORD, from);
        var letters = words | classes.from(ByteClasses.HIGH, from);
        var gap = Long.numberOfLeadingZeros(letters);
        if (gap > GAP) {
            return -1;
        }
        var of = Long.numberOfLeadingZeros(~(words << gap));
        // Behind a letter above ASCII the word has begun before, behind all 64 bytes perhaps.
        return of <= LONGEST && gap + of < Long.SIZE && of == Long.numberOfLeadingZeros(~(letters << gap))
                ? start - gap - of
                : previous(text, start, length);
    }

    /** {@link #end(byte[], int, int)}, quicker where everything near is ASCII. */
    static int end(byte[] text, int start, int length, ByteClasses classes) {
        if (!seen(classes, start, length)) {
            return end(text, start, length);
        }
        var words = classes.from(ByteClasses.WORD, start);
        var of = Long.numberOfTrailingZeros(~words);
        return of > 0 && of <= LONGEST && (classes.from(ByteClasses.HIGH, start) >>> of & 1) == 0
                ? start + of
                : end(text, start, length);
    }

    /** True for the Han characters of the plane that the lists use. */
    static boolean han(byte[] text, int at) {
        var b = text[at] & 0xff;
        return b >= 0xE4 && b <= 0xE9;
    }

    private static boolean letter(byte[] text, int at, int length) {
        var b = text[at];
        if (b >= 0) {
            return ASCII_LETTER[b];
        }
        if (at + 2 >= length) {
            return at + 1 < length && (b & 0xff) < 0xE0;
        }
        // U+3000 to U+3003, U+FF0C and no-break space part words.
        return !((b & 0xff) == 0xE3 && (text[at + 1] & 0xff) == 0x80 && (text[at + 2] & 0xff) < 0x84)
                && !((b & 0xff) == 0xEF && (text[at + 1] & 0xff) == 0xBC && (text[at + 2] & 0xff) == 0x8C)
                && !((b & 0xff) == 0xC2);
    }

    private static int width(byte b) {
        var lead = b & 0xff;
        return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }

    private static int characterStart(byte[] text, int at) {
        var i = at;
        while (i > 0 && at - i < 3 && (text[i] & 0xC0) == 0x80) {
            i--;
        }
        return i;
    }
}
