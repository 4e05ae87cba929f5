package dev.portcullis.dataplane.firewall.scan.crypto;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Base58 and Base58Check, as Bitcoin and Solana write addresses. */
final class Base58 {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger RADIX = BigInteger.valueOf(58);
    private static final int CHECKSUM = 4;

    private Base58() {}

    /** The bytes that {@code text} writes, or null where a character is none of the alphabet. */
    static byte @Nullable [] decode(String text) {
        var number = BigInteger.ZERO;
        var zeros = 0;
        for (var i = 0; i < text.length(); i++) {
            var digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                return null;
            }
            if (digit == 0 && zeros == i) {
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

    /** The version of an address of 20 bytes whose checksum is right, or -1. */
    static int version(String text) {
        var bytes = decode(text);
        if (bytes == null || bytes.length != 1 + 20 + CHECKSUM) {
            return -1;
        }
        var hash = sha256(sha256(Arrays.copyOf(bytes, bytes.length - CHECKSUM)));
        return Arrays.equals(hash, 0, CHECKSUM, bytes, bytes.length - CHECKSUM, bytes.length) ? bytes[0] & 0xff : -1;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
