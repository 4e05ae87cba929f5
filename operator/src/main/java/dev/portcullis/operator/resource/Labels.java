package dev.portcullis.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;

/** The labels every owned object carries, and the owner reference that lets Kubernetes delete it with its owner. */
public final class Labels {
    /** Label with the name of the AgentPolicy or FlowDetector. */
    public static final String INSTANCE = "app.kubernetes.io/instance";
    /** Label with the role of the pods. */
    public static final String COMPONENT = "app.kubernetes.io/component";

    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    private static final String MANAGER = "portcullis-operator";

    private Labels() {}

    /** The labels of an object of {@code role} that belongs to the resource {@code name}. */
    public static Map<String, String> of(Role role, String name) {
        return Map.of(
                "app.kubernetes.io/name", "portcullis", COMPONENT, role.label(), INSTANCE, name, MANAGED_BY, MANAGER);
    }

    /** The labels that select the pods of {@code name}; never to be changed, a DaemonSet's selector is immutable. */
    public static Map<String, String> podSelector(Role role, String name) {
        return Map.of(COMPONENT, role.label(), INSTANCE, name, MANAGED_BY, MANAGER);
    }

    /** Whether {@code object} is one of {@code role}. */
    public static boolean has(Role role, HasMetadata object) {
        var labels = object.getMetadata().getLabels();
        return labels != null
                && MANAGER.equals(labels.get(MANAGED_BY))
                && role.label().equals(labels.get(COMPONENT));
    }

    /** Selects every object of {@code role}. */
    public static String selector(Role role) {
        return MANAGED_BY + "=" + MANAGER + "," + COMPONENT + "=" + role.label();
    }

    /** The reference to {@code owner} as the controller of what it owns. */
    public static OwnerReference owner(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    /** Whether {@code owner} is the controller of {@code object}. */
    public static boolean owns(HasMetadata owner, HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(reference -> Boolean.TRUE.equals(reference.getController())
                        && owner.getMetadata().getUid().equals(reference.getUid()));
    }
}
