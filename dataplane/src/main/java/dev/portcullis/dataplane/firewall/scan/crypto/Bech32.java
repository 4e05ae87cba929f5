package dev.portcullis.dataplane.firewall.scan.crypto;

import dev.portcullis.dataplane.firewall.scan.match.Bech32Sum;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Addresses in Bech32 (BIP-173) and Bech32m (BIP-350). */
final class Bech32 {
    private static final int M = 0x2bc830a3;
    private static final int CHECKSUM = 6;

    private Bech32() {}

    /** True for a segregated witness address of {@code prefix}: version 0 with Bech32, later ones with Bech32m. */
    static boolean isWitness(String text, String prefix) {
        var sum = sum(text, prefix);
        if (sum == 0) {
            return false;
        }
        var version = Bech32Sum.ALPHABET.indexOf(Character.toLowerCase(text.charAt(prefix.length() + 1)));
        var bytes = (text.length() - prefix.length() - 2 - CHECKSUM) * 5 / 8;
        return version == 0
                ? sum == Bech32Sum.PLAIN && (bytes == 20 || bytes == 32)
                : version <= 16 && sum == M && bytes >= 2 && bytes <= 40;
    }

    /** True for an account of 20 bytes of a chain whose addresses are {@code prefix} and Bech32. */
    static boolean isAccount(String text, String prefix) {
        return sum(text, prefix) == Bech32Sum.PLAIN && (text.length() - prefix.length() - 1 - CHECKSUM) * 5 / 8 == 20;
    }

    /** What the checksum comes to, 0 where the text is no Bech32 at all. */
    private static int sum(String text, String prefix) {
        var lower = text.toLowerCase(Locale.ROOT);
        if ((!lower.equals(text) && !text.toUpperCase(Locale.ROOT).equals(text))
                || !lower.startsWith(prefix + "1")
                || text.length() < prefix.length() + 2 + CHECKSUM
                || text.length() > 90) {
            return 0;
        }
        return Bech32Sum.of(lower.getBytes(StandardCharsets.ISO_8859_1), 0, prefix.length(), lower.length());
    }
}
