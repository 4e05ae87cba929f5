package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Base58Check as Bitcoin writes private keys: wallet import format, and the extended keys of BIP-32. */
final class Base58Check {
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
                && Base58.checked(bytes);
    }

    /** True where {@code text[start, end)} is a private key of BIP-32 (or BIP-49, BIP-84) with a right checksum. */
    static boolean isExtendedPrivateKey(byte[] text, int start, int end) {
        var bytes = decoded(text, start, end, EXTENDED);
        return bytes != null
                && EXTENDED_VERSIONS.contains(ByteBuffer.wrap(bytes).getInt())
                && bytes[KEY_AT] == 0
                && Base58.checked(bytes);
    }

    /** The bytes of {@code payload} and checksum that the text writes, or null where it writes others. */
    private static byte @Nullable [] decoded(byte[] text, int start, int end, int payload) {
        var bytes = Base58.decode(text, start, end);
        return bytes != null && bytes.length == payload + Base58.CHECKSUM ? bytes : null;
    }
}
