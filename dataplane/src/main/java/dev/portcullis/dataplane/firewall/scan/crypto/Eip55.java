package dev.portcullis.dataplane.firewall.scan.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.bouncycastle.crypto.digests.KeccakDigest;

/** The checksum that the case of an Ethereum address carries (EIP-55). */
final class Eip55 {
    private static final int DIGITS = 40;

    private Eip55() {}

    /** True for {@code 0x} and 40 hex digits in one case, or in the case that their hash gives them. */
    static boolean isAddress(String text) {
        if (text.length() != 2 + DIGITS || text.charAt(0) != '0' || (text.charAt(1) != 'x' && text.charAt(1) != 'X')) {
            return false;
        }
        var digits = text.substring(2);
        for (var i = 0; i < DIGITS; i++) {
            if (Character.digit(digits.charAt(i), 16) < 0 || digits.charAt(i) >= 0x80) {
                return false;
            }
        }
        var lower = digits.toLowerCase(Locale.ROOT);
        return digits.equals(lower) || digits.equals(digits.toUpperCase(Locale.ROOT)) || digits.equals(cased(lower));
    }

    /** {@code lower} in the case that its hash gives it. */
    static String cased(String lower) {
        var digest = new KeccakDigest(256);
        var bytes = lower.getBytes(StandardCharsets.US_ASCII);
        digest.update(bytes, 0, bytes.length);
        var hash = new byte[32];
        digest.doFinal(hash, 0);
        var out = new StringBuilder(DIGITS);
        for (var i = 0; i < DIGITS; i++) {
            var nibble = hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf;
            var c = lower.charAt(i);
            out.append(nibble >= 8 ? Character.toUpperCase(c) : c);
        }
        return out.toString();
    }
}
