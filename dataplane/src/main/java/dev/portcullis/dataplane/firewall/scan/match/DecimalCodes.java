package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;

/**
 * Finds text that is written as the decimal codes of its characters, whatever stands between them: arguments of
 * {@code fromCharCode}, sums of {@code chr}, arrays of bytes in JSON, decimal escapes. Decodes it and searches what comes out.
 */
final class DecimalCodes {
    /** Codes in a row that count. */
    private static final int FEWEST = 16;

    /** Bytes between two codes at most: as long as {@code ) + String.fromCharCode(}. */
    private static final int LONGEST_GAP = 24;

    private static final int DIGITS = 3;

    /** Bytes looked at for a digit. Sixteen codes of two digits, one byte between them, always cover one such look. */
    private static final int LOOK = 16;

    private static final int STRIDE = 32;

    private DecimalCodes() {}

    static void find(Sweep sweep, Block block, int from, int to, ByteClasses classes) {
        var bytes = block.bytes();
        var length = block.length();
        var last = Math.min(length, to + STRIDE);
        var lowest = 0;
        for (var probe = from; probe < last; probe += STRIDE) {
            var digits = classes.from(ByteClasses.DIGIT, probe) & (1L << LOOK) - 1;
            if (digits == 0 || probe < lowest) {
                continue;
            }
            var at = probe + Long.numberOfTrailingZeros(digits);
            var start = at;
            while (start > lowest && at - start < DIGITS && PaymentNumbers.digit(bytes[start - 1])) {
                start--;
            }
            var end = forward(bytes, start, length);
            if (end < 0) {
                continue;
            }
            start = backward(bytes, start, lowest);
            sweep.budget().pay(end - start);
            lowest = end;
            if (start < to && end - start >= FEWEST * 2) {
                decode(sweep, block, start, end);
            }
        }
    }

    /** The end of the last code of those that begin with the one at {@code start}, -1 where that is none. */
    private static int forward(byte[] bytes, int start, int length) {
        var end = -1;
        var at = start;
        while (at < length) {
            var code = 0;
            var first = at;
            while (at < length && at - first <= DIGITS && PaymentNumbers.digit(bytes[at])) {
                code = code * 10 + bytes[at++] - '0';
            }
            if (!text(code, at - first)) {
                return end;
            }
            end = at;
            while (at < length && at - end <= LONGEST_GAP && !PaymentNumbers.digit(bytes[at])) {
                at++;
            }
            if (at - end > LONGEST_GAP) {
                return end;
            }
        }
        return end;
    }

    /** The start of the first code of those that end before the one at {@code start}. */
    private static int backward(byte[] bytes, int start, int lowest) {
        var begin = start;
        while (true) {
            var at = begin;
            while (at > lowest && begin - at <= LONGEST_GAP && !PaymentNumbers.digit(bytes[at - 1])) {
                at--;
            }
            if (at == lowest || at == begin || begin - at > LONGEST_GAP) {
                return begin;
            }
            var code = 0;
            var unit = 1;
            var end = at;
            while (at > lowest && end - at <= DIGITS && PaymentNumbers.digit(bytes[at - 1])) {
                code += unit * (bytes[--at] - '0');
                unit *= 10;
            }
            if (!text(code, end - at)) {
                return begin;
            }
            begin = at;
        }
    }

    private static boolean text(int code, int digits) {
        return digits > 0
                && digits <= DIGITS
                && ((code >= ' ' && code < 0x7f) || code == '\t' || code == '\n' || code == '\r');
    }

    private static void decode(Sweep sweep, Block block, int start, int end) {
        var bytes = block.bytes();
        var text = new byte[(end - start) / 2 + 1];
        var count = 0;
        for (var at = start; at < end; at++) {
            if (PaymentNumbers.digit(bytes[at])) {
                var code = 0;
                while (at < end && PaymentNumbers.digit(bytes[at])) {
                    code = code * 10 + bytes[at++] - '0';
                }
                text[count++] = (byte) code;
            }
        }
        if (count >= FEWEST) {
            sweep.searchDecoded(block, start, end, text, count, "decimal");
        }
    }
}
