package dev.portcullis.dataplane.firewall.scan.match;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Base58 and the checksum of Base58Check, as Bitcoin and Solana write addresses and keys. */
public final class Base58 {
    /** Bytes of the checksum behind the payload. */
    public static final int CHECKSUM = 4;

    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger RADIX = BigInteger.valueOf(58);

    private Base58() {}

    /** The bytes that {@code text[start, end)} writes, or null where a character is none of the alphabet. */
    public static byte @Nullable [] decode(byte[] text, int start, int end) {
        var number = BigInteger.ZERO;
        var zeros = 0;
        for (var i = start; i < end; i++) {
            var digit = ALPHABET.indexOf(text[i]);
            if (digit < 0) {
                return null;
            }
            if (digit == 0 && zeros == i - start) {
                zeros++;
            }
            number = number.multiply(RADIX).add(BigInteger.valueOf(digit));
        }
        var magnitude = number.signum() == 0 ? new byte[0] : number.toByteArray();
        var sign = magnitude.length > 0 && magnitude[0] == 0 ? 1 : 0;
        var bytes = new byte[zeros + magnitude.length - sign];
        System.arraycopy(magnitude, sign, bytes, zeros, magnitude.length - sign);
        return bytes;
    }

    /** True where the last bytes are the start of the double SHA-256 of those before; there are at least {@value #CHECKSUM}. */
    public static boolean checked(byte[] bytes) {
        var payload = bytes.length - CHECKSUM;
        var hash = sha256(sha256(Arrays.copyOf(bytes, payload)));
        return Arrays.equals(hash, 0, CHECKSUM, bytes, payload, bytes.length);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
