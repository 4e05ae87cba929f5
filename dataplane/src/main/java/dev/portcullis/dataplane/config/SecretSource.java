package dev.portcullis.dataplane.config;

import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import java.util.Optional;

/** The secret values a configuration refers to. Callers never log, count or echo what it returns. */
public interface SecretSource {
    /** The bytes under {@code ref}, or empty where the Secret or the key does not exist. */
    Optional<byte[]> read(SecretKeyRef ref);

    /** A source without secrets. */
    static SecretSource none() {
        return ref -> Optional.empty();
    }
}
