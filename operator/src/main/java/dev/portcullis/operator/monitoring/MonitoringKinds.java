package dev.portcullis.operator.monitoring;

import dev.portcullis.operator.apply.OwnedObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Which kinds of the Prometheus Operator the API server has. They may come and go while the operator runs: what is owned of
 * them is watched from the moment they are served. Thread-safe.
 */
public final class MonitoringKinds<P extends HasMetadata> {
    private static final List<Class<? extends HasMetadata>> KINDS = List.of(PodMonitor.class, PrometheusRule.class);

    private final Class<P> ownerType;
    private final OwnedObjects<P> owned;
    private final Map<Class<? extends HasMetadata>, InformerEventSource<CustomResourceDefinition, P>> definitions =
            new LinkedHashMap<>();
    private final Set<Class<? extends HasMetadata>> followed = ConcurrentHashMap.newKeySet();

    public MonitoringKinds(Class<P> ownerType, OwnedObjects<P> owned) {
        this.ownerType = ownerType;
        this.owned = owned;
    }

    /** Event sources for the definitions of the kinds; one that comes or goes concerns every resource. */
    public List<EventSource<?, P>> sources(EventSourceContext<P> context) {
        for (var kind : KINDS) {
            definitions.put(
                    kind,
                    new InformerEventSource<>(
                            InformerEventSourceConfiguration.from(CustomResourceDefinition.class, ownerType)
                                    .withName(definition(kind))
                                    .withWatchAllNamespaces()
                                    .withFieldSelector(new FieldSelectorBuilder()
                                            .withField("metadata.name", definition(kind))
                                            .build())
                                    .withOnUpdateFilter((now, before) -> isEstablished(now) != isEstablished(before))
                                    .withSecondaryToPrimaryMapper(found -> context.getPrimaryCache()
                                            .list(owner -> true)
                                            .map(ResourceID::fromResource)
                                            .collect(Collectors.toSet()))
                                    .build(),
                            context));
        }
        return new ArrayList<>(definitions.values());
    }

    private static String definition(Class<? extends HasMetadata> kind) {
        return HasMetadata.getFullResourceName(kind);
    }

    private static boolean isEstablished(CustomResourceDefinition found) {
        return found.getStatus() != null
                && found.getStatus().getConditions() != null
                && found.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Established".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    /**
     * Starts watching what is owned of kinds that have come, and stops where they have gone.
     *
     * @return the kinds that are there
     * @throws KubernetesClientException when a kind is there and not served yet, which passes
     */
    public synchronized Set<Class<? extends HasMetadata>> follow(Context<P> context) {
        for (var entry : definitions.entrySet()) {
            var kind = entry.getKey();
            var there = entry.getValue()
                    .list(MonitoringKinds::isEstablished)
                    .findAny()
                    .isPresent();
            if (there && !followed.contains(kind)) {
                start(kind, context);
                followed.add(kind);
            } else if (!there && followed.remove(kind)) {
                owned.drop(kind);
                context.eventSourceRetriever().dynamicallyDeRegisterEventSource(OwnedObjects.sourceName(kind));
            }
        }
        return Set.copyOf(followed);
    }

    private void start(Class<? extends HasMetadata> kind, Context<P> context) {
        // An event source whose start fails stays registered: look first.
        var _ = context.getClient()
                .resources(kind)
                .inNamespace(context.getPrimaryResource().getMetadata().getNamespace())
                .list(new ListOptionsBuilder().withLimit(1L).build());
        var retriever = context.eventSourceRetriever();
        try {
            retriever.dynamicallyRegisterEventSource(
                    owned.watch(kind, retriever.eventSourceContextForDynamicRegistration()));
        } catch (RuntimeException e) {
            owned.drop(kind);
            retriever.dynamicallyDeRegisterEventSource(OwnedObjects.sourceName(kind));
            throw e;
        }
    }

    /** The definitions of {@code wanted} kinds that are not there, for people; empty when none is missing. */
    public static String missing(Set<Class<? extends HasMetadata>> wanted, Set<Class<? extends HasMetadata>> there) {
        var names = new HashMap<String, String>();
        KINDS.stream()
                .filter(kind -> wanted.contains(kind) && !there.contains(kind))
                .forEach(kind -> names.put(HasMetadata.getKind(kind), definition(kind)));
        return names.isEmpty()
                ? ""
                : "; without " + names.keySet().stream().sorted().collect(Collectors.joining(" and "))
                        + ", made as soon as "
                        + names.values().stream().sorted().collect(Collectors.joining(" and "))
                        + (names.size() == 1 ? " is installed" : " are installed");
    }
}
