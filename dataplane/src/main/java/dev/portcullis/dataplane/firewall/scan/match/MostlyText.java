package dev.portcullis.dataplane.firewall.scan.match;

import com.google.common.base.Utf8;

/** Tells text from the compressed data of images and archives. */
final class MostlyText {
    private static final int BEGIN = 256;
    private static final int AROUND = 96;

    private MostlyText() {}

    /** True where at least three of four of the first bytes are what text is made of. */
    static boolean begins(byte[] bytes, int length) {
        var count = Math.min(length, BEGIN);
        return printable(bytes, 0, count) * 4 >= count * 3;
    }

    /** True where the bytes from {@code at} on are text: two of three printable, or UTF-8 of any script. */
    static boolean at(byte[] bytes, int at, int length) {
        var end = Math.min(length, at + AROUND);
        if (printable(bytes, at, end) * 3 >= (end - at) * 2) {
            return true;
        }
        // A character may be cut at the end.
        while (end > at && bytes[end - 1] < 0) {
            end--;
        }
        return Utf8.isWellFormed(bytes, at, end - at);
    }

    private static int printable(byte[] bytes, int from, int to) {
        var count = 0;
        for (var i = from; i < to; i++) {
            var b = bytes[i];
            if ((b >= ' ' && b < 0x7f) || b == '\n' || b == '\r' || b == '\t') {
                count++;
            }
        }
        return count;
    }
}
