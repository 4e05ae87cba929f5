package dev.portcullis.dataplane.firewall.scan.match;

/** The checksum of Bech32 (BIP-173) and Bech32m (BIP-350). */
public final class Bech32Sum {
    /** What the digits are written with, from 0 to 31. */
    public static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    /** What it comes to where Bech32 is right. */
    public static final int PLAIN = 1;

    private static final int[] GENERATOR = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};

    private Bech32Sum() {}

    /**
     * What the checksum of {@code text[start, end)}, in any case, comes to; 0 where a digit is none.
     *
     * @param one index of the 1 between prefix and digits
     */
    public static int of(byte[] text, int start, int one, int end) {
        var sum = 1;
        for (var i = start; i < one; i++) {
            sum = step(sum) ^ LiteralIndex.fold(text[i]) >> 5;
        }
        sum = step(sum);
        for (var i = start; i < one; i++) {
            sum = step(sum) ^ LiteralIndex.fold(text[i]) & 31;
        }
        for (var i = one + 1; i < end; i++) {
            var digit = ALPHABET.indexOf(LiteralIndex.fold(text[i]));
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
