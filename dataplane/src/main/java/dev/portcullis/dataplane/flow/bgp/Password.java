package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Neighbor;
import dev.portcullis.dataplane.config.SecretSource;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The key of the TCP MD5 signature option (RFC 2385). Never printed. Immutable. */
final class Password {
    /** The kernel's limit, TCP_MD5SIG_MAXKEYLEN. */
    private static final int MAX_LENGTH = 80;

    private final byte[] bytes;

    private Password(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The password {@code neighbor} refers to, without line ends at its end, or null where it refers to none.
     *
     * @throws IllegalArgumentException when it is missing, empty or too long
     */
    static @Nullable Password read(Neighbor neighbor, SecretSource secrets) {
        var ref = neighbor.passwordSecretRef();
        if (ref == null) {
            return null;
        }
        var where = "key '" + ref.key() + "' of Secret '" + ref.name() + "'";
        var bytes = secrets.read(ref)
                .orElseThrow(() -> new IllegalArgumentException(
                        "passwordSecretRef: " + where + " does not exist; create it or remove the reference"));
        var length = bytes.length;
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
            length--;
        }
        if (length == 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "passwordSecretRef: " + where + " holds no password of 1 to " + MAX_LENGTH + " octets");
        }
        return new Password(Arrays.copyOf(bytes, length));
    }

    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Password that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.length;
    }

    @Override
    public String toString() {
        return "(password)";
    }
}
