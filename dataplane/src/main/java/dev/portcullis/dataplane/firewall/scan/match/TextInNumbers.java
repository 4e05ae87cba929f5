package dev.portcullis.dataplane.firewall.scan.match;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Searches the bytes of a long decimal number: what reads text as one number writes it so. */
final class TextInNumbers {
    /** Digits of the least number of sixteen bytes of text. */
    private static final int FEWEST_DIGITS = 38;

    /** Digits of a number of 512 bytes; reading one takes time that grows with their square. */
    private static final int MOST_DIGITS = 1233;

    private TextInNumbers() {}

    /** True where a number of so many digits may hold text that is looked for. */
    static boolean may(int digits) {
        return digits >= FEWEST_DIGITS && digits <= MOST_DIGITS;
    }

    /** Searches the number whose digits are {@code [start, end)} of {@code block}, first byte first and last byte first. */
    static void search(Sweep sweep, Block block, int start, int end) {
        var digits = end - start;
        sweep.budget().pay(digits + (long) digits * digits / 32);
        var text = new BigInteger(new String(block.bytes(), start, digits, StandardCharsets.US_ASCII)).toByteArray();
        if (!MostlyText.begins(text, text.length)) {
            return;
        }
        sweep.searchDecoded(block, start, end, text, text.length, "decimal");
        var reversed = new byte[text.length];
        for (var i = 0; i < text.length; i++) {
            reversed[i] = text[text.length - 1 - i];
        }
        sweep.searchDecoded(block, start, end, reversed, reversed.length, "decimal");
    }
}
