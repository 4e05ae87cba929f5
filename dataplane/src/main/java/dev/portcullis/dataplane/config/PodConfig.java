package dev.portcullis.dataplane.config;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a pod's configuration comes from: a ConfigMap over the API server with a mounted copy to fall back on, or a mounted
 * folder alone.
 *
 * @param config {@code configmap/NAMESPACE/NAME}, {@code configmap/NAME} for the pod's own namespace, or a folder with {@link MountedConfig#FILE}
 * @param fallback the mounted copy of the ConfigMap, or null for none
 * @param secrets folder with the secret values, or null for none
 * @param secretsObject name of the Secret with the same values, watched beside the ConfigMap, or null for none
 */
public record PodConfig(
        String config,
        @Nullable Path fallback,
        @Nullable Path secrets,
        @Nullable String secretsObject) {
    private static final String CONFIG_MAP = "configmap/";

    public PodConfig {
        var parts = config.split("/", -1).length;
        if (config.startsWith(CONFIG_MAP) && parts != 2 && parts != 3) {
            throw new IllegalArgumentException("--config " + config
                    + ": write configmap/NAME, configmap/NAMESPACE/NAME, or the path of a folder with "
                    + MountedConfig.FILE);
        }
    }

    /**
     * Starts delivering to {@code updater}.
     *
     * @param codec reads the payload; throws IllegalArgumentException with a sentence when it cannot
     * @return what stops it
     * @throws IOException when a folder cannot be watched
     */
    public <R> AutoCloseable start(Function<String, R> codec, ConfigUpdater<R, ?> updater) throws IOException {
        if (!config.startsWith(CONFIG_MAP)) {
            var mounted = new MountedConfig<>(Path.of(config), secrets, codec, updater);
            mounted.start();
            return mounted;
        }
        var parts = config.split("/", -1);
        var client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withRequestTimeout(5_000)
                        .withConnectionTimeout(3_000)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        var watch = new ConfigMapWatch<>(
                client,
                parts.length == 3 ? parts[1] : client.getNamespace(),
                parts[parts.length - 1],
                secretsObject,
                codec,
                updater,
                fallback == null ? null : new MountedConfig<>(fallback, secrets, codec, updater));
        watch.start();
        return () -> {
            watch.close();
            client.close();
        };
    }
}
