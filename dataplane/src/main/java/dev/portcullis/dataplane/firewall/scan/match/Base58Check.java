package dev.portcullis.dataplane.firewall.scan.match;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Base58Check as Bitcoin writes private keys (wallet import format). */
final class Base58Check {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private static final int PRIVATE_KEY_VERSION = 0x80;

    private Base58Check() {}

    /** True where {@code text[start, end)} is a private key of the main network with a right checksum. */
    static boolean isPrivateKey(byte[] text, int start, int end) {
        var first = text[start];
        var length = end - start;
        if (!(length == 51 && first == '5') && !(length == 52 && (first == 'K' || first == 'L'))) {
            return false;
        }
        var number = BigInteger.ZERO;
        for (var i = start; i < end; i++) {
            var digit = ALPHABET.indexOf(text[i]);
            if (digit < 0) {
                return false;
            }
            number = number.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(digit));
        }
        var payload = length == 51 ? 33 : 34;
        var magnitude = number.toByteArray();
        var bytes = new byte[payload + 4];
        var from = magnitude.length > bytes.length ? magnitude.length - bytes.length : 0;
        System.arraycopy(magnitude, from, bytes, bytes.length - (magnitude.length - from), magnitude.length - from);
        if ((bytes[0] & 0xff) != PRIVATE_KEY_VERSION || (payload == 34 && bytes[33] != 1)) {
            return false;
        }
        var hash = sha256(sha256(Arrays.copyOf(bytes, payload)));
        return Arrays.equals(hash, 0, 4, bytes, payload, payload + 4);
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
