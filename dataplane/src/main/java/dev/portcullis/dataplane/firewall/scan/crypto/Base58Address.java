package dev.portcullis.dataplane.firewall.scan.crypto;

import dev.portcullis.dataplane.firewall.scan.match.Base58;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Addresses in Base58 and Base58Check, as Solana and Bitcoin write them. */
final class Base58Address {
    private Base58Address() {}

    /** The bytes that {@code text} writes, or null where a character is none of the alphabet. */
    static byte @Nullable [] decode(String text) {
        return Base58.decode(text.getBytes(StandardCharsets.ISO_8859_1), 0, text.length());
    }

    /** The version of an address of 20 bytes whose checksum is right, or -1. */
    static int version(String text) {
        var bytes = decode(text);
        return bytes != null && bytes.length == 1 + 20 + Base58.CHECKSUM && Base58.checked(bytes)
                ? bytes[0] & 0xff
                : -1;
    }
}
