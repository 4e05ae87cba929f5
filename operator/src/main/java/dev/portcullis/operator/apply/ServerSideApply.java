package dev.portcullis.operator.apply;

import dev.portcullis.operator.metrics.OperatorMetrics;
import dev.portcullis.operator.resource.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Server-side apply under one field manager, without a request where nothing is to be done.
 *
 * <p>An object is as it should be when what is wanted has the hash of what was applied last, and the API server still
 * names us as the manager of exactly the fields it named then: whoever changes a field we own takes it from us, so a hand
 * edit shows, whatever defaults the server filled in beside. What was applied last is only remembered, never needed:
 * after a restart each object is applied once, which changes nothing on the server.
 *
 * <p>Thread-safe.
 */
public final class ServerSideApply {
    /** The field manager of everything the operator writes. */
    public static final String FIELD_MANAGER = "portcullis-operator";

    /** Most objects remembered; beyond, the least recently used are applied once more than needed. */
    static final int MAX_REMEMBERED = 50_000;

    private record ObjectKey(String kind, String namespace, String name) {}

    private record Baseline(String uid, long generation, String wanted, String ownedFields) {}

    /** What became of an object, and the object as it is now. */
    public record Outcome(Applied what, HasMetadata object) {}

    private final KubernetesClient client;
    private final OperatorMetrics metrics;
    private final Map<ObjectKey, Baseline> baselines = new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectKey, Baseline> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    public ServerSideApply(KubernetesClient client, OperatorMetrics metrics) {
        this.client = client;
        this.metrics = metrics;
    }

    /**
     * Makes {@code wanted}, whose owner is {@code owner}, so.
     *
     * @param live the object as last seen by an informer, or null
     * @param fill completes {@code wanted} right before it is sent, with what must not be kept in memory
     * @throws ObjectConflictException when the object exists and is not owned by {@code owner}
     */
    public Outcome apply(
            HasMetadata owner, HasMetadata wanted, @Nullable HasMetadata live, UnaryOperator<HasMetadata> fill) {
        var key = new ObjectKey(
                wanted.getKind(),
                wanted.getMetadata().getNamespace(),
                wanted.getMetadata().getName());
        var hash = sha256(client.getKubernetesSerialization().asJson(wanted));
        var baseline = remembered(key);
        if (live != null && baseline != null && baseline.wanted.equals(hash) && isAsLeft(live, baseline)) {
            return outcome(Applied.UNCHANGED, live);
        }
        var existing = live != null ? live : client.resource(wanted).get();
        if (existing != null && !Labels.owns(owner, existing)) {
            throw new ObjectConflictException(existing);
        }
        var written = client.resource(fill.apply(wanted))
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
        remember(key, new Baseline(written.getMetadata().getUid(), generation(written), hash, ownedFields(written)));
        var restored = baseline != null
                && baseline.wanted.equals(hash)
                && (existing == null
                        || !written.getMetadata()
                                .getResourceVersion()
                                .equals(existing.getMetadata().getResourceVersion()));
        return outcome(restored ? Applied.RESTORED : Applied.WRITTEN, written);
    }

    private Outcome outcome(Applied what, HasMetadata object) {
        metrics.applied(object.getKind(), what.name().toLowerCase(Locale.ROOT));
        return new Outcome(what, object);
    }

    private static long generation(HasMetadata object) {
        var generation = object.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    private boolean isAsLeft(HasMetadata live, Baseline baseline) {
        return baseline.uid.equals(live.getMetadata().getUid())
                && live.getMetadata().getDeletionTimestamp() == null
                // Older than our own write: the informer lags, and its status must not be taken for the new spec's.
                && generation(live) >= baseline.generation
                && baseline.ownedFields.equals(ownedFields(live));
    }

    /** A hash of the fields that the server says are ours; empty where it keeps no account. */
    private String ownedFields(HasMetadata object) {
        var fields = object.getMetadata().getManagedFields().stream()
                .filter(entry -> FIELD_MANAGER.equals(entry.getManager())
                        && "Apply".equals(entry.getOperation())
                        && (entry.getSubresource() == null
                                || entry.getSubresource().isEmpty()))
                .map(entry -> client.getKubernetesSerialization().asJson(Objects.requireNonNull(entry.getFieldsV1())))
                .sorted()
                .toList();
        return sha256(fields.toString());
    }

    private @Nullable Baseline remembered(ObjectKey key) {
        synchronized (baselines) {
            return baselines.get(key);
        }
    }

    private void remember(ObjectKey key, Baseline baseline) {
        synchronized (baselines) {
            baselines.put(key, baseline);
        }
    }

    private static String sha256(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
