package dev.portcullis.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountedConfigTest {
    private static final SecretKeyRef TOKEN = new SecretKeyRef("api", "token");

    private final ConfigHolder<String> holder = new ConfigHolder<>();
    private final ConfigUpdater<String, String> updater =
            new ConfigUpdater<>(holder, this::compile, text -> "r-" + text);

    @TempDir
    Path volume;

    private Path config;
    private Path secrets;

    @BeforeEach
    void volumes() throws Exception {
        config = Files.createDirectory(volume.resolve("config"));
        secrets = Files.createDirectory(volume.resolve("secrets"));
    }

    @Test
    void anEditIsTakenOverWithItsSecrets() throws Exception {
        Files.writeString(config.resolve(MountedConfig.FILE), "one");
        Files.writeString(secrets.resolve("api.token"), "s3cret");
        try (var mounted = mounted()) {
            mounted.start();
            assertThat(holder.get()).isEqualTo("one with 6 secret bytes");

            Files.writeString(config.resolve(MountedConfig.FILE), "two");
            await().until(() -> "two with 6 secret bytes".equals(holder.get()));

            Files.writeString(secrets.resolve("api.token"), "longer-s3cret");
            await().until(() -> "two with 13 secret bytes".equals(holder.get()));
        }
    }

    @Test
    void theKubeletsSwapOfASymbolicLinkIsSeen() throws Exception {
        var first = Files.createDirectory(config.resolve("..first"));
        var second = Files.createDirectory(config.resolve("..second"));
        Files.writeString(first.resolve(MountedConfig.FILE), "one");
        Files.writeString(second.resolve(MountedConfig.FILE), "two");
        Files.createSymbolicLink(config.resolve("..data"), first.getFileName());
        Files.createSymbolicLink(config.resolve(MountedConfig.FILE), Path.of("..data", MountedConfig.FILE));
        try (var mounted = mounted()) {
            mounted.start();
            assertThat(holder.get()).startsWith("one");

            Files.createSymbolicLink(config.resolve("..data_tmp"), second.getFileName());
            Files.move(config.resolve("..data_tmp"), config.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

            await().untilAsserted(() -> assertThat(holder.get()).startsWith("two"));
        }
    }

    @Test
    void aRefusedEditLeavesTheLastGoodOneInForceAndSaysWhy() throws Exception {
        Files.writeString(config.resolve(MountedConfig.FILE), "one");
        try (var mounted = mounted()) {
            mounted.start();
            Files.writeString(config.resolve(MountedConfig.FILE), "bad");
            await().until(() -> !holder.problems().isEmpty());

            assertThat(holder.get()).startsWith("one");
            assertThat(holder.problems()).containsExactly("spec.mode: 'bad' is not a mode");

            Files.writeString(config.resolve(MountedConfig.FILE), "two");
            await().untilAsserted(() -> assertThat(holder.get()).startsWith("two"));
            assertThat(holder.problems()).isEmpty();
        }
    }

    @Test
    void anUnreadableFileIsNamed() throws Exception {
        Files.writeString(config.resolve(MountedConfig.FILE), "garbled");
        try (var mounted = mounted()) {
            mounted.start();

            assertThat(holder.get()).isNull();
            assertThat(holder.problems())
                    .singleElement()
                    .asString()
                    .contains(config.resolve(MountedConfig.FILE).toString())
                    .contains("not a configuration");
        }
    }

    @Test
    void aSnapshotNeverShowsItsValues() throws Exception {
        Files.writeString(secrets.resolve("api.token"), "s3cret");
        Files.write(secrets.resolve("api.huge"), new byte[SecretSnapshot.MAX_VALUE_BYTES + 1]);

        var snapshot = SecretSnapshot.ofDirectory(secrets);

        assertThat(snapshot.toString()).isEqualTo("1 secret values");
        assertThat(snapshot.read(TOKEN))
                .hasValueSatisfying(bytes ->
                        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("s3cret"));
        assertThat(snapshot.read(new SecretKeyRef("api", "huge"))).isEmpty();
        assertThat(SecretSnapshot.ofDirectory(volume.resolve("absent")).read(TOKEN))
                .isEmpty();
    }

    private MountedConfig<String> mounted() {
        return new MountedConfig<>(
                config,
                secrets,
                text -> {
                    if (text.equals("garbled")) {
                        throw new IllegalArgumentException("not a configuration");
                    }
                    return text;
                },
                updater);
    }

    private String compile(String resolved, SecretSource source) throws ConfigRefusedException {
        if (resolved.equals("bad")) {
            throw new ConfigRefusedException(List.of("spec.mode: 'bad' is not a mode"));
        }
        return resolved
                + source.read(TOKEN)
                        .map(bytes -> " with " + bytes.length + " secret bytes")
                        .orElse("");
    }
}
