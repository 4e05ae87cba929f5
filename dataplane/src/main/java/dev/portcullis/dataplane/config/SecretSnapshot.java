package dev.portcullis.dataplane.config;

import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Secret values as they were at one moment, keyed {@code <secret>.<key>} like the files of a mounted volume. Immutable;
 * {@link #toString()} tells only how many there are.
 */
public final class SecretSnapshot implements SecretSource {
    /** A value longer than this is not read: no token, password or key the configuration refers to is. */
    public static final int MAX_VALUE_BYTES = 64 * 1024;

    private final Map<String, byte[]> values;

    public SecretSnapshot(Map<String, byte[]> values) {
        this.values = Map.copyOf(values);
    }

    /** Reads every file of {@code directory}; one that cannot be read counts as missing, as does a missing directory. */
    public static SecretSnapshot ofDirectory(Path directory) {
        var values = new HashMap<String, byte[]>();
        try (var files = Files.newDirectoryStream(directory, file -> Files.isRegularFile(file))) {
            for (var file : files) {
                if (Files.size(file) <= MAX_VALUE_BYTES) {
                    values.put(file.getFileName().toString(), Files.readAllBytes(file));
                }
            }
        } catch (IOException unreadable) {
            return new SecretSnapshot(values);
        }
        return new SecretSnapshot(values);
    }

    /** The key under which the value of {@code ref} is kept. */
    public static String keyOf(SecretKeyRef ref) {
        return ref.name() + "." + ref.key();
    }

    /** Differs, but for chance, between snapshots with different values; for noticing a change, never shown to anyone. */
    int fingerprint() {
        var sum = values.size();
        for (var entry : values.entrySet()) {
            sum += entry.getKey().hashCode() * 31 ^ Arrays.hashCode(entry.getValue());
        }
        return sum;
    }

    @Override
    public Optional<byte[]> read(SecretKeyRef ref) {
        return Optional.ofNullable(values.get(keyOf(ref))).map(byte[]::clone);
    }

    @Override
    public String toString() {
        return values.size() + " secret values";
    }
}
