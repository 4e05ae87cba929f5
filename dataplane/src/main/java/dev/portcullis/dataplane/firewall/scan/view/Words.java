package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;

/**
 * Folded text as words with one space between them, whatever marks stand there, and with digits and signs read as the
 * letters they stand for in words ({@code 1gn0r3}). Brackets, commas, colons and the ends of
 * sentences stay: what they part does not belong together.
 * Reusable; not thread-safe.
 */
public final class Words {
    private static final byte OTHER = 0;
    private static final byte LETTER = 1;
    private static final byte DIGIT = 2;
    private static final byte MARK = 3;

    /** First and last index of a change and where reading goes on. */
    private static final int CHANGE_FIELDS = 3;

    private static final byte[] KIND = new byte[256];
    private static final byte[] MEANT = new byte[256];

    static {
        for (var c = 0; c < 256; c++) {
            KIND[c] = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                    ? LETTER
                    : c >= '0' && c <= '9' ? DIGIT : OTHER;
            MEANT[c] = (byte) c;
        }
        for (var mark : " \t\r\n.*_-~>#|/\\\"'`+^".toCharArray()) {
            KIND[mark] = MARK;
        }
        var pairs = "0o1i3e4a5s7t@a$s";
        for (var i = 0; i < pairs.length(); i += 2) {
            MEANT[pairs.charAt(i)] = (byte) pairs.charAt(i + 1);
        }
        KIND['@'] = DIGIT;
        KIND['$'] = DIGIT;
    }

    private byte[] out = new byte[0];
    private int[] map = new int[0];
    private int length;
    private boolean changed;
    private int[] changes = new int[0];
    private int changeCount;

    /**
     * Reads {@code in[0, end)}.
     *
     * @return false where the result is the same text
     */
    public boolean read(byte[] in, int end) {
        if (out.length < end + Long.BYTES) {
            out = new byte[end + Long.BYTES];
            map = new int[end + Long.BYTES];
        }
        length = 0;
        changed = false;
        changeCount = 0;
        var i = 0;
        while (i < end) {
            var b = in[i];
            var kind = KIND[b & 0xff];
            if (kind == LETTER && i + Long.BYTES <= end) {
                i = words(in, i, end);
            } else if (kind == DIGIT) {
                i = mixed(in, i, end);
            } else {
                if (kind != MARK || endsSentence(in, i, end)) {
                    put(b, i);
                } else {
                    mark(b, i);
                }
                i++;
            }
        }
        return changed;
    }

    /** Puts words of letters with one space between them, eight bytes at a time; returns the index after them. */
    private int words(byte[] in, int from, int end) {
        var i = from;
        var before = 0L;
        while (i + Long.BYTES <= end) {
            var lanes = Lanes.of(in, i);
            var spaces = Lanes.exactly(lanes, ' ');
            var others =
                    ~(Lanes.letters(lanes) | lanes | spaces) & Lanes.HIGH | spaces & (spaces << Byte.SIZE | before);
            Lanes.put(out, length, lanes);
            for (var k = 0; k < Long.BYTES; k++) {
                map[length + k] = i + k;
            }
            if (others != 0) {
                length += Lanes.first(others);
                return i + Lanes.first(others);
            }
            before = spaces >>> Long.SIZE - Byte.SIZE;
            length += Long.BYTES;
            i += Long.BYTES;
        }
        return i;
    }

    /** Puts the rest of a word from its first digit on, the whole word as letters if it has any; returns the index after it. */
    private int mixed(byte[] in, int from, int end) {
        var start = length;
        while (start > 0 && KIND[out[start - 1] & 0xff] == LETTER) {
            start--;
        }
        var letters = start < length;
        var i = from;
        while (i < end && (KIND[in[i] & 0xff] == LETTER || KIND[in[i] & 0xff] == DIGIT)) {
            letters |= KIND[in[i] & 0xff] == LETTER;
            put(in[i], i);
            i++;
        }
        if (letters) {
            var other = false;
            for (var k = start; k < length; k++) {
                var meant = MEANT[out[k] & 0xff];
                other |= meant != out[k];
                out[k] = meant;
            }
            if (other) {
                changed(start, i);
            }
        }
        return i;
    }

    /** Puts what parts words, unless a space stands there already. */
    private void mark(byte b, int at) {
        if (length == 0 || out[length - 1] != ' ') {
            put((byte) ' ', at);
            if (b == ' ') {
                return;
            }
        }
        changed(length - 1, at + 1);
    }

    /** Notes that what was put from {@code from} on is other text than what was read before {@code read}. */
    private void changed(int from, int read) {
        changed = true;
        if (changeCount > 0 && changes[CHANGE_FIELDS * (changeCount - 1)] == from) {
            changeCount--;
        }
        var at = CHANGE_FIELDS * changeCount++;
        if (changes.length < at + CHANGE_FIELDS) {
            changes = Arrays.copyOf(changes, Math.max(CHANGE_FIELDS * 64, 2 * changes.length));
        }
        changes[at] = from;
        changes[at + 1] = length;
        changes[at + 2] = read;
    }

    /** True for letters, digits and what stands for a letter. */
    public static boolean isWord(byte c) {
        return KIND[c & 0xff] == LETTER || KIND[c & 0xff] == DIGIT;
    }

    /** True where {@code c} parts words as a space does. */
    public static boolean isMark(byte c) {
        return KIND[c & 0xff] == MARK;
    }

    private static boolean endsSentence(byte[] in, int at, int end) {
        return in[at] == '.'
                && at > 0
                && KIND[in[at - 1] & 0xff] != MARK
                && at + 1 < end
                && (in[at + 1] == ' ' || in[at + 1] == '\n');
    }

    private void put(byte b, int at) {
        out[length] = b;
        map[length++] = at;
    }

    /** The result; only the first {@link #length()} bytes count, and only until the next {@link #read}. */
    public byte[] bytes() {
        return out;
    }

    /** Places where the result is other text than what was read, in order; between them it is the same. */
    public int changeCount() {
        return changeCount;
    }

    /** Index of the first byte of change number {@code n}. */
    public int changeStart(int n) {
        return changes[CHANGE_FIELDS * n];
    }

    /** Index behind the last byte of change number {@code n}. */
    public int changeEnd(int n) {
        return changes[CHANGE_FIELDS * n + 1];
    }

    /** Index in what was read of the byte that follows change number {@code n}. */
    public int readAfterChange(int n) {
        return changes[CHANGE_FIELDS * n + 2];
    }

    /** For each byte its index in what was read. */
    public int[] map() {
        return map;
    }

    /** Bytes of the result. */
    public int length() {
        return length;
    }
}
