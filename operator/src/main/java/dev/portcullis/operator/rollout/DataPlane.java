package dev.portcullis.operator.rollout;

import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import dev.portcullis.operator.apply.Applied;
import dev.portcullis.operator.apply.OwnedObjects;
import dev.portcullis.operator.apply.ServerSideApply;
import dev.portcullis.operator.monitoring.MonitoringKinds;
import dev.portcullis.operator.pods.PodAnswer;
import dev.portcullis.operator.pods.PodSurveys;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.secrets.PublishedCertificate;
import dev.portcullis.operator.secrets.SecretKeys;
import dev.portcullis.operator.secrets.SecretProjection;
import dev.portcullis.operator.workload.DataPlaneObjects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The objects and pods of one role: watched, applied and asked. Thread-safe once its event sources are made. */
public final class DataPlane<P extends HasMetadata> {
    private final Role role;
    private final Class<P> ownerType;
    private final OwnedObjects<P> owned;
    private final SecretKeys<P> secrets = new SecretKeys<>();
    private final SecretProjection projection;
    private final PublishedCertificate certificate;
    private final PodSurveys surveys;
    private final MonitoringKinds<P> monitoring;
    private @Nullable InformerEventSource<Pod, P> pods;

    /**
     * What became of the objects of a resource.
     *
     * @param daemonSet as it is now, or null when it could not be made
     * @param restored what had been changed by hand, as {@code Kind name}
     * @param trouble why not all could be made, or null
     */
    public record Outcome(
            @Nullable DaemonSet daemonSet,
            List<String> restored,
            @Nullable Trouble trouble) {}

    /** Pods of one DaemonSet and what they say, by uid. */
    public record Pods(List<Pod> pods, Map<String, PodAnswer> answers) {}

    public DataPlane(
            Role role, Class<P> ownerType, ServerSideApply apply, PodSurveys surveys, KubernetesClient client) {
        this.role = role;
        this.ownerType = ownerType;
        this.owned = new OwnedObjects<>(role, ownerType, apply, client);
        this.projection = new SecretProjection(client);
        this.certificate = new PublishedCertificate(client);
        this.surveys = surveys;
        this.monitoring = new MonitoringKinds<>(ownerType, owned);
    }

    /** The kinds of the Prometheus Operator that are there now. */
    public MonitoringKinds<P> monitoring() {
        return monitoring;
    }

    /** The Secrets of the watched namespaces. */
    public SecretKeys<P> secrets() {
        return secrets;
    }

    /** The event sources; {@code secretUsers} says which resources refer to a Secret. */
    public List<EventSource<?, P>> sources(
            EventSourceContext<P> context, SecondaryToPrimaryMapper<Secret> secretUsers) {
        var sources = new ArrayList<EventSource<?, P>>();
        sources.add(owned.watch(ConfigMap.class, context));
        sources.add(owned.watch(ServiceAccount.class, context));
        sources.add(owned.watch(io.fabric8.kubernetes.api.model.rbac.Role.class, context));
        sources.add(owned.watch(RoleBinding.class, context));
        sources.add(owned.watch(Service.class, context));
        sources.add(owned.watch(NetworkPolicy.class, context));
        sources.add(owned.watch(DaemonSet.class, context));
        sources.addAll(monitoring.sources(context));
        sources.addAll(secrets.sources(context, ownerType, secretUsers));
        owned.lookUp(Secret.class, secrets.owned(role));
        pods = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, ownerType)
                        .withName("pods")
                        .withLabelSelector(Labels.selector(role))
                        .withSecondaryToPrimaryMapper(DataPlane::policyOf)
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        sources.add(pods);
        var answers = new SimpleInboundEventSource<P>("pod-answers");
        surveys.listen(
                answers::propagateEvent, id -> context.getPrimaryCache().get(id).isPresent());
        sources.add(answers);
        return sources;
    }

    private static Set<ResourceID> policyOf(Pod pod) {
        var labels = pod.getMetadata().getLabels();
        var instance = labels == null ? null : labels.get(Labels.INSTANCE);
        return instance == null
                ? Set.of()
                : Set.of(new ResourceID(instance, pod.getMetadata().getNamespace()));
    }

    /** The configuration the pods of {@code owner} were told last, or null. */
    public @Nullable String running(P owner) {
        return owned.live(ConfigMap.class, owner.getMetadata().getNamespace(), objectName(owner))
                .map(ConfigMap::getData)
                .map(data -> data.get(DataPlaneObjects.CONFIG_KEY))
                .orElse(null);
    }

    /**
     * Makes the Secret, {@code config} and {@code rest} so, in this order: values before what refers to them, both before
     * anything that takes longer.
     *
     * @param keys the Secret keys to copy, or null to leave the copy as it is
     */
    public Outcome apply(P owner, @Nullable Set<SecretKey> keys, ConfigMap config, List<HasMetadata> rest) {
        return apply(owner, keys, config, rest, Set.of(), () -> {});
    }

    /**
     * The same.
     *
     * @param kept names of further Secrets that are left as they are
     * @param first what is done before
     */
    public Outcome apply(
            P owner,
            @Nullable Set<SecretKey> keys,
            ConfigMap config,
            List<HasMetadata> rest,
            Set<String> kept,
            Runnable first) {
        var untouched = new HashSet<>(kept);
        if (keys == null) {
            untouched.add(SecretProjection.name(role, owner.getMetadata().getName()));
        }
        try {
            first.run();
            var wanted = new ArrayList<HasMetadata>();
            if (keys != null) {
                wanted.add(SecretProjection.wanted(owner, role, keys, secrets::get));
            }
            wanted.add(config);
            wanted.addAll(rest);
            var outcomes = owned.apply(owner, wanted, untouched, object -> certificate.fill(projection.fill(object)));
            return new Outcome(
                    outcomes.stream()
                            .map(ServerSideApply.Outcome::object)
                            .filter(DaemonSet.class::isInstance)
                            .map(DaemonSet.class::cast)
                            .findFirst()
                            .orElse(null),
                    outcomes.stream()
                            .filter(outcome -> outcome.what() == Applied.RESTORED)
                            .map(outcome -> outcome.object().getKind() + " "
                                    + outcome.object().getMetadata().getName())
                            .toList(),
                    null);
        } catch (RuntimeException e) {
            var trouble = Trouble.of(e).orElseThrow(() -> e);
            return new Outcome(live(owner).orElse(null), List.of(), trouble);
        }
    }

    private Optional<DaemonSet> live(P owner) {
        return owned.live(DaemonSet.class, owner.getMetadata().getNamespace(), objectName(owner));
    }

    private String objectName(P owner) {
        return role.objectName(owner.getMetadata().getName());
    }

    /** The pods of {@code daemonSet} that have not ended, asked for {@code revision} from now on. */
    public Pods ask(P owner, @Nullable DaemonSet daemonSet, String revision) {
        var theirs = daemonSet == null
                ? List.<Pod>of()
                : Objects.requireNonNull(pods)
                        .list(owner.getMetadata().getNamespace(), pod -> Labels.owns(daemonSet, pod) && !hasEnded(pod))
                        .toList();
        return new Pods(theirs, surveys.of(ResourceID.fromResource(owner), revision, theirs));
    }

    private static boolean hasEnded(Pod pod) {
        var phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }
}
