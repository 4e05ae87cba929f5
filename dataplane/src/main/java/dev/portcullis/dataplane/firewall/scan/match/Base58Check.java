package dev.portcullis.dataplane.firewall.scan.match;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Base58Check as Bitcoin writes private keys: wallet import format, and the extended keys of BIP-32. */
final class Base58Check {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private static final int PRIVATE_KEY_VERSION = 0x80;

    /** Version, depth, fingerprint, number, chain code, key. */
    private static final int EXTENDED = 78;

    /** A private key begins with a zero where a public one has its sign. */
    private static final int KEY_AT = 45;

    /** xprv, yprv, zprv, tprv, uprv, vprv. */
    private static final Set<Integer> EXTENDED_VERSIONS =
            Set.of(0x0488ade4, 0x049d7878, 0x04b2430c, 0x04358394, 0x044a4e28, 0x045f18bc);

    private Base58Check() {}

    /** True where {@code text[start, end)} is a private key of the main network with a right checksum. */
    static boolean isPrivateKey(byte[] text, int start, int end) {
        var first = text[start];
        var length = end - start;
        if (!(length == 51 && first == '5') && !(length == 52 && (first == 'K' || first == 'L'))) {
            return false;
        }
        var payload = length == 51 ? 33 : 34;
        var bytes = decoded(text, start, end, payload);
        return bytes != null
                && (bytes[0] & 0xff) == PRIVATE_KEY_VERSION
                && (payload == 33 || bytes[33] == 1)
                && checked(bytes, payload);
    }

    /** True where {@code text[start, end)} is a private key of BIP-32 (or BIP-49, BIP-84) with a right checksum. */
    static boolean isExtendedPrivateKey(byte[] text, int start, int end) {
        var bytes = decoded(text, start, end, EXTENDED);
        return bytes != null
                && EXTENDED_VERSIONS.contains(ByteBuffer.wrap(bytes).getInt())
                && bytes[KEY_AT] == 0
                && checked(bytes, EXTENDED);
    }

    /** The bytes of {@code payload} and checksum that the text writes, or null where it writes none or more. */
    private static byte @Nullable [] decoded(byte[] text, int start, int end, int payload) {
        var number = BigInteger.ZERO;
        for (var i = start; i < end; i++) {
            var digit = ALPHABET.indexOf(text[i]);
            if (digit < 0) {
                return null;
            }
            number = number.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(digit));
        }
        var magnitude = number.toByteArray();
        var sign = magnitude[0] == 0 ? 1 : 0;
        var bytes = new byte[payload + 4];
        if (magnitude.length - sign > bytes.length) {
            return null;
        }
        System.arraycopy(magnitude, sign, bytes, bytes.length - (magnitude.length - sign), magnitude.length - sign);
        return bytes;
    }

    private static boolean checked(byte[] bytes, int payload) {
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
