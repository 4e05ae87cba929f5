package dev.portcullis.dataplane.firewall.scan.match;

import com.google.common.base.Utf8;

/** Tells text from the compressed data of images and archives. */
final class MostlyText {
    private static final int BEGIN = 256;
    private static final int AROUND = 96;

    private static final byte[] PRINTABLE = new byte[256];

    static {
        for (var c = ' '; c < 0x7f; c++) {
            PRINTABLE[c] = 1;
        }
        PRINTABLE['\n'] = 1;
        PRINTABLE['\r'] = 1;
        PRINTABLE['\t'] = 1;
    }

    private MostlyText() {}

    /** True where at least three of four of the first bytes are what text is made of, or they are UTF-8 of any script. */
    static boolean begins(byte[] bytes, int length) {
        var count = Math.min(length, BEGIN);
        return printable(bytes, 0, count) * 4 >= count * 3 || characters(bytes, 0, count);
    }

    /** True where the bytes from {@code at} on are text: two of three printable, or UTF-8 of any script. */
    static boolean at(byte[] bytes, int at, int length) {
        var end = Math.min(length, at + AROUND);
        return printable(bytes, at, end) * 3 >= (end - at) * 2 || characters(bytes, at, end);
    }

    /** True for UTF-8, of which the last character may be cut. */
    private static boolean characters(byte[] bytes, int from, int to) {
        var end = to;
        while (end > from && bytes[end - 1] < 0) {
            end--;
        }
        return Utf8.isWellFormed(bytes, from, end - from);
    }

    private static int printable(byte[] bytes, int from, int to) {
        var count = 0;
        for (var i = from; i < to; i++) {
            count += PRINTABLE[bytes[i] & 0xff];
        }
        return count;
    }
}
