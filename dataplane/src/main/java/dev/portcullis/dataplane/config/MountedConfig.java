package dev.portcullis.dataplane.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Configuration from a mounted ConfigMap ({@code config.json}) and a mounted Secret, watched. The kubelet swaps such
 * volumes by renaming a symbolic link, which the watch sees as a change of the directory.
 *
 * @param <R> the resolved configuration
 */
public final class MountedConfig<R> implements AutoCloseable {
    /** Name of the file, and of the key in the ConfigMap. */
    public static final String FILE = "config.json";

    private final Path directory;
    private final @Nullable Path secrets;
    private final Function<String, R> codec;
    private final ConfigUpdater<R, ?> updater;
    private @Nullable DirectoryWatch watch;
    private String lastSeen = "";
    private int lastSecrets;

    /**
     * @param codec reads the payload; throws IllegalArgumentException with a sentence when it cannot
     * @param secrets directory with one file a secret value, or null for none
     */
    public MountedConfig(
            Path directory, @Nullable Path secrets, Function<String, R> codec, ConfigUpdater<R, ?> updater) {
        this.directory = directory;
        this.secrets = secrets;
        this.codec = codec;
        this.updater = updater;
    }

    /** Reads once and watches from then on. */
    public void start() throws IOException {
        reload();
        var directories =
                secrets != null && Files.isDirectory(secrets) ? Set.of(directory, secrets) : Set.of(directory);
        watch = new DirectoryWatch(directories, this::reload);
    }

    /** Reads what is mounted now and offers it when it differs from what was offered last. */
    public synchronized void reload() {
        var file = directory.resolve(FILE);
        try {
            var text = Files.readString(file, StandardCharsets.UTF_8);
            var values = secrets == null ? new SecretSnapshot(java.util.Map.of()) : SecretSnapshot.ofDirectory(secrets);
            if (text.equals(lastSeen) && values.fingerprint() == lastSecrets) {
                return;
            }
            lastSeen = text;
            lastSecrets = values.fingerprint();
            updater.offer(codec.apply(text), values);
        } catch (IOException | IllegalArgumentException unreadable) {
            updater.refuse(List.of(file + ": " + unreadable.getMessage()));
        }
    }

    @Override
    public void close() throws IOException {
        if (watch != null) {
            watch.close();
        }
    }
}
