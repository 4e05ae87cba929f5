package dev.portcullis.operator.apply;

import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The objects of one role that resources own: watched, applied, and deleted when they are wanted no more. A change of one
 * by hand makes its owner reconcile. Thread-safe.
 */
public final class OwnedObjects<P extends HasMetadata> {
    /** Where objects of one kind are looked up, as an informer last saw them. */
    public interface Lookup<T extends HasMetadata> {
        /** The object of that name. */
        Optional<T> get(String namespace, String name);

        /** Every object of {@code namespace} that carries the labels of the role. */
        Stream<T> list(String namespace);
    }

    private final Role role;
    private final Class<P> ownerType;
    private final ServerSideApply apply;
    private final KubernetesClient client;
    private final Map<Class<? extends HasMetadata>, Lookup<? extends HasMetadata>> lookups = new ConcurrentHashMap<>();

    public OwnedObjects(Role role, Class<P> ownerType, ServerSideApply apply, KubernetesClient client) {
        this.role = role;
        this.ownerType = ownerType;
        this.apply = apply;
        this.client = client;
    }

    /** A new event source for objects of {@code type}, which are looked up there from now on. */
    public <T extends HasMetadata> InformerEventSource<T, P> watch(Class<T> type, EventSourceContext<P> context) {
        var source = new InformerEventSource<T, P>(
                InformerEventSourceConfiguration.from(type, ownerType)
                        .withName(sourceName(type))
                        .withLabelSelector(Labels.selector(role))
                        .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(ownerType))
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        lookUp(type, new Lookup<>() {
            @Override
            public Optional<T> get(String namespace, String name) {
                return source.get(new ResourceID(name, namespace));
            }

            @Override
            public Stream<T> list(String namespace) {
                return source.list(namespace, object -> true);
            }
        });
        return source;
    }

    /** Objects of {@code type} are looked up in {@code lookup} from now on. */
    public <T extends HasMetadata> void lookUp(Class<T> type, Lookup<T> lookup) {
        lookups.put(type, lookup);
    }

    /** Forgets objects of {@code type}, whose kind the API server no longer has. */
    public void drop(Class<? extends HasMetadata> type) {
        lookups.remove(type);
    }

    /** Name of the event source for {@code type}. */
    public static String sourceName(Class<? extends HasMetadata> type) {
        return "owned-" + HasMetadata.getPlural(type);
    }

    /** The object of {@code type} named {@code name} as an informer last saw it. */
    public <T extends HasMetadata> Optional<T> live(Class<T> type, String namespace, String name) {
        var lookup = lookups.get(type);
        return lookup == null ? Optional.empty() : lookup.get(namespace, name).map(type::cast);
    }

    /**
     * Makes {@code wanted} so, in that order, and deletes what else {@code owner} owns.
     *
     * @param untouched names of Secrets that are left as they are
     * @param fill see {@link ServerSideApply#apply}
     * @return what became of each, in the same order
     * @throws ObjectConflictException when one of them belongs to somebody else
     */
    public List<ServerSideApply.Outcome> apply(
            P owner, List<HasMetadata> wanted, Set<String> untouched, UnaryOperator<HasMetadata> fill) {
        var outcomes = new ArrayList<ServerSideApply.Outcome>();
        var kept = new HashSet<String>();
        untouched.forEach(name -> kept.add("Secret/" + name));
        for (var object : wanted) {
            kept.add(id(object));
            var live = live(
                    object.getClass(),
                    object.getMetadata().getNamespace(),
                    object.getMetadata().getName());
            outcomes.add(apply.apply(owner, object, live.orElse(null), fill));
        }
        deleteAllBut(kept, owner);
        return outcomes;
    }

    private void deleteAllBut(Set<String> kept, P owner) {
        for (var lookup : lookups.values()) {
            lookup.list(owner.getMetadata().getNamespace())
                    .filter(object -> Labels.owns(owner, object)
                            && !kept.contains(id(object))
                            && object.getMetadata().getDeletionTimestamp() == null)
                    .map(HasMetadata.class::cast)
                    .toList()
                    .forEach(object -> client.resource(object).delete());
        }
    }

    private static String id(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
