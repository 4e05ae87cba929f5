package dev.portcullis.dataplane.firewall.scan.crypto;

import java.util.Locale;

/** The checksums of Bech32 (BIP-173) and Bech32m (BIP-350). */
final class Bech32 {
    private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int[] GENERATOR = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    private static final int PLAIN = 1;
    private static final int M = 0x2bc830a3;
    private static final int CHECKSUM = 6;

    private Bech32() {}

    /** True for a segregated witness address of {@code prefix}: version 0 with Bech32, later ones with Bech32m. */
    static boolean isWitness(String text, String prefix) {
        var sum = sum(text, prefix);
        if (sum == 0) {
            return false;
        }
        var version = ALPHABET.indexOf(Character.toLowerCase(text.charAt(prefix.length() + 1)));
        var bytes = (text.length() - prefix.length() - 2 - CHECKSUM) * 5 / 8;
        return version == 0
                ? sum == PLAIN && (bytes == 20 || bytes == 32)
                : version <= 16 && sum == M && bytes >= 2 && bytes <= 40;
    }

    /** True for an account of 20 bytes of a chain whose addresses are {@code prefix} and Bech32. */
    static boolean isAccount(String text, String prefix) {
        return sum(text, prefix) == PLAIN && (text.length() - prefix.length() - 1 - CHECKSUM) * 5 / 8 == 20;
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
        var sum = 1;
        for (var i = 0; i < prefix.length(); i++) {
            sum = step(sum) ^ prefix.charAt(i) >> 5;
        }
        sum = step(sum);
        for (var i = 0; i < prefix.length(); i++) {
            sum = step(sum) ^ prefix.charAt(i) & 31;
        }
        for (var i = prefix.length() + 1; i < lower.length(); i++) {
            var digit = ALPHABET.indexOf(lower.charAt(i));
            if (digit < 0) {
                return 0;
            }
            sum = step(sum) ^ digit;
        }
        return sum;
    }

    private static int step(int sum) {
        var top = sum >>> 25;
        var next = (sum & 0x1ffffff) << 5;
        for (var i = 0; i < GENERATOR.length; i++) {
            if ((top >> i & 1) != 0) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }
}
