package dev.portcullis.operator.secrets;

import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import dev.portcullis.operator.apply.OwnedObjects;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which keys the Secrets of the watched namespaces have. Values are dropped before anything is stored. Secrets that can
 * hold no reference of ours, Helm releases and service account tokens, are not watched.
 */
public final class SecretKeys<P extends HasMetadata> {
    private final List<InformerEventSource<Secret, P>> sources = new ArrayList<>();

    /** The event sources; {@code mapper} says who must reconcile when a Secret that nobody owns changes. */
    public List<EventSource<?, P>> sources(
            EventSourceContext<P> context, Class<P> ownerType, SecondaryToPrimaryMapper<Secret> mapper) {
        // A store belongs to one informer, and there is one informer for each namespace.
        for (var namespace :
                context.getControllerConfiguration().getInformerConfig().getNamespaces()) {
            sources.add(new InformerEventSource<>(
                    InformerEventSourceConfiguration.from(Secret.class, ownerType)
                            .withName("secrets"
                                    + (namespace.equals(Constants.WATCH_ALL_NAMESPACES) ? "" : "-" + namespace))
                            .withNamespaces(Set.of(namespace))
                            .withFieldSelector(new FieldSelectorBuilder()
                                    .withoutField("type", "helm.sh/release.v1")
                                    .withoutField("type", "kubernetes.io/service-account-token")
                                    .build())
                            .withItemStore(
                                    new TransformingItemStore<>(Cache::metaNamespaceKeyFunc, SecretKeys::withoutValues))
                            .withSecondaryToPrimaryMapper(secret -> {
                                var owners = Mappers.<Secret>fromOwnerReferences(ownerType)
                                        .toPrimaryResourceIDs(secret);
                                return owners.isEmpty() ? mapper.toPrimaryResourceIDs(secret) : owners;
                            })
                            .build(),
                    context));
        }
        return List.copyOf(sources);
    }

    /** The Secret as last seen, its values empty. */
    public Optional<Secret> get(String namespace, String name) {
        return sources.stream()
                .flatMap(source -> source.get(new ResourceID(name, namespace)).stream())
                .findFirst();
    }

    /** The Secrets that carry the labels of {@code role}, for looking up those a resource owns. */
    public OwnedObjects.Lookup<Secret> owned(Role role) {
        return new OwnedObjects.Lookup<>() {
            @Override
            public Optional<Secret> get(String namespace, String name) {
                return SecretKeys.this.get(namespace, name);
            }

            @Override
            public Stream<Secret> list(String namespace) {
                return sources.stream().flatMap(source -> source.list(namespace, secret -> Labels.has(role, secret)));
            }
        };
    }

    /** Every key of the Secrets of {@code namespace}. */
    public Set<SecretKey> keys(String namespace) {
        var keys = new HashSet<SecretKey>();
        for (var source : sources) {
            source.list(namespace, secret -> secret.getData() != null).forEach(secret -> secret.getData()
                    .keySet()
                    .forEach(key -> keys.add(
                            new SecretKey(namespace, secret.getMetadata().getName(), key))));
        }
        return keys;
    }

    private static Secret withoutValues(Secret secret) {
        Map<String, String> keys = new LinkedHashMap<>();
        if (secret.getData() != null) {
            secret.getData().keySet().forEach(key -> keys.put(key, ""));
        }
        return new SecretBuilder(secret).withData(keys).withStringData(null).build();
    }
}
