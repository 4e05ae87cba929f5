package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Tells values that look generated from placeholders: {@code xxxx}, {@code EXAMPLE}, {@code your-token}, {@code ${VAR}},
 * one repeated letter, low entropy.
 */
public final class Plausible implements Check {
    private static final List<byte[]> PLACEHOLDERS = List.of(
            ascii("example"),
            ascii("xxxxx"),
            ascii("your-"),
            ascii("your_"),
            ascii("yourtoken"),
            ascii("yourapi"),
            ascii("placeholder"),
            ascii("changeme"),
            ascii("change_me"),
            ascii("redacted"),
            ascii("insert"),
            ascii("dummy"),
            ascii("000000000"),
            ascii("*****"),
            ascii("....."),
            ascii("<"),
            ascii("${"),
            ascii("{{"));

    /** Above a short prefix followed by one letter, below any token with four different letters. */
    private static final double FILLER_BITS = 1.6;

    private final double leastBits;

    /** Accepts values of at least {@code leastBits} bits a character that hold no placeholder. */
    public Plausible(double leastBits) {
        this.leastBits = leastBits;
    }

    /**
     * Accepts all but filler of one or two letters. For what must never leave: a made-up token in the vendor's own format
     * is refused rather than guessed at.
     */
    public static Check unlessFiller() {
        return (text, start, end) -> Shannon.bits(text, start, end) >= FILLER_BITS;
    }

    @Override
    public boolean accepts(byte[] text, int start, int end) {
        for (var placeholder : PLACEHOLDERS) {
            if (contains(text, start, end, placeholder)) {
                return false;
            }
        }
        return Shannon.bits(text, start, end) >= leastBits;
    }

    private static boolean contains(byte[] text, int start, int end, byte[] word) {
        outer:
        for (var i = start; i + word.length <= end; i++) {
            for (var k = 0; k < word.length; k++) {
                if (LiteralIndex.fold(text[i + k]) != word[k]) {
                    continue outer;
                }
            }
            return true;
        }
        return false;
    }

    private static byte[] ascii(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }
}
