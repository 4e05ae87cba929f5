package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

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
            ascii("your+"),
            ascii("your%"),
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
            ascii("$("),
            ascii("{{"),
            ascii("%24"),
            ascii("%7b%7b"),
            ascii("process.env"),
            ascii("os.environ"));

    /** Values that vendors print in their own documentation: whole values only, so that no ending excuses a real one. */
    private static final Set<String> DOCUMENTED = Set.of(
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAI44QH8DHBEXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");

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
        return (text, start, end) ->
                Shannon.bits(text, start, end) >= FILLER_BITS && !DOCUMENTED.contains(latin1(text, start, end));
    }

    @Override
    public boolean accepts(byte[] text, int start, int end) {
        for (var placeholder : PLACEHOLDERS) {
            if (contains(text, start, end, placeholder)) {
                return false;
            }
        }
        return !variable(text, start, end)
                && Shannon.bits(text, start, end) >= leastBits
                && !DOCUMENTED.contains(latin1(text, start, end));
    }

    /** True for {@code $NAME}, which a shell replaces. */
    private static boolean variable(byte[] text, int start, int end) {
        if (start == end || text[start] != '$') {
            return false;
        }
        for (var i = start + 1; i < end; i++) {
            if (!ByteSet.TOKEN.has(text[i])) {
                return false;
            }
        }
        return true;
    }

    private static String latin1(byte[] text, int start, int end) {
        return new String(text, start, end - start, StandardCharsets.ISO_8859_1);
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
