package dev.portcullis.dataplane.config;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Configuration from one ConfigMap and one Secret, watched by name through the API server, which takes milliseconds where
 * a mounted volume takes a minute. Watches are opened again when they end, and both objects are read again every {@link
 * #RECHECK} because watches have been seen to die silently. While the API server is away the last configuration stays in
 * force; when it is away from the start the mounted copy, if any, is used.
 *
 * @param <R> the resolved configuration
 */
public final class ConfigMapWatch<R> implements AutoCloseable {
    /** Time between unconditional reads. */
    public static final Duration RECHECK = Duration.ofSeconds(60);

    /** Time before a lost watch is opened again. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(ConfigMapWatch.class);

    private final KubernetesClient client;
    private final String namespace;
    private final String configMap;
    private final @Nullable String secret;
    private final Function<String, R> codec;
    private final ConfigUpdater<R, ?> updater;
    private final @Nullable MountedConfig<R> fallback;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("config-api").unstarted(task));

    // Everything below belongs to the thread above.
    private final Map<Class<?>, Watch> watches = new HashMap<>();
    private String lastPayload = "";
    private SecretSnapshot secrets = new SecretSnapshot(Map.of());
    private boolean seen;

    /**
     * @param secret name of the Secret with the referenced values under {@code <secret>.<key>}, or null for none
     * @param codec reads the payload; throws IllegalArgumentException with a sentence when it cannot
     * @param fallback the mounted copy for a start without an API server, not started yet, or null for none
     */
    public ConfigMapWatch(
            KubernetesClient client,
            String namespace,
            String configMap,
            @Nullable String secret,
            Function<String, R> codec,
            ConfigUpdater<R, ?> updater,
            @Nullable MountedConfig<R> fallback) {
        this.client = client;
        this.namespace = namespace;
        this.configMap = configMap;
        this.secret = secret;
        this.codec = codec;
        this.updater = updater;
        this.fallback = fallback;
    }

    /** Starts watching; returns at once. */
    public void start() {
        thread.execute(this::read);
        thread.execute(() -> {
            if (!seen && fallback != null) {
                log.warn(
                        "API server not reached: starting on the mounted copy of configmap {}/{}",
                        namespace,
                        configMap);
                fallback.reload();
            }
        });
        thread.scheduleWithFixedDelay(this::read, RECHECK.toMillis(), RECHECK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void read() {
        try {
            if (secret != null) {
                var resource = client.secrets().inNamespace(namespace).withName(secret);
                secretSeen(resource.get());
                open(Secret.class, resource, this::secretSeen);
            }
            var resource = client.configMaps().inNamespace(namespace).withName(configMap);
            configMapSeen(resource.get());
            open(ConfigMap.class, resource, this::configMapSeen);
        } catch (KubernetesClientException unreachable) {
            log.warn("configmap {}/{} not read: {}", namespace, configMap, unreachable.getMessage());
            later(this::read);
        }
    }

    private <T extends HasMetadata> void open(Class<T> type, Resource<T> resource, Consumer<@Nullable T> changed) {
        if (watches.containsKey(type)) {
            return;
        }
        watches.put(type, resource.watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, T object) {
                if (action == Action.ADDED || action == Action.MODIFIED) {
                    submit(() -> changed.accept(object));
                }
            }

            @Override
            public void onClose(@Nullable WatcherException cause) {
                submit(() -> {
                    watches.remove(type);
                    later(ConfigMapWatch.this::read);
                });
            }
        }));
    }

    private void submit(Runnable step) {
        if (!thread.isShutdown()) {
            thread.execute(step);
        }
    }

    private void later(Runnable step) {
        if (!thread.isShutdown()) {
            thread.schedule(step, RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void configMapSeen(@Nullable ConfigMap object) {
        var payload = object == null || object.getData() == null
                ? null
                : object.getData().get(MountedConfig.FILE);
        if (payload == null) {
            updater.refuse(List.of("configmap " + namespace + "/" + configMap + " has no key " + MountedConfig.FILE
                    + "; the operator writes it"));
            return;
        }
        seen = true;
        if (payload.equals(lastPayload)) {
            return;
        }
        lastPayload = payload;
        try {
            updater.offer(codec.apply(payload), secrets);
        } catch (IllegalArgumentException unreadable) {
            updater.refuse(List.of("configmap " + namespace + "/" + configMap + ": " + unreadable.getMessage()));
        }
    }

    private void secretSeen(@Nullable Secret object) {
        var values = new HashMap<String, byte[]>();
        if (object != null && object.getData() != null) {
            object.getData()
                    .forEach((key, value) -> values.put(key, Base64.getDecoder().decode(value)));
        }
        var snapshot = new SecretSnapshot(values);
        if (snapshot.fingerprint() != secrets.fingerprint()) {
            secrets = snapshot;
            updater.secretsChanged(snapshot);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        watches.values().forEach(Watch::close);
    }
}
