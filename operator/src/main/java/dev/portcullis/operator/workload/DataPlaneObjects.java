package dev.portcullis.operator.workload;

import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.secrets.SecretProjection;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;

/** The objects that both roles need, for one resource. Pure. */
public final class DataPlaneObjects {
    /** Annotation of the ConfigMap: revision of the configuration in it. */
    public static final String REVISION = "portcullis.dev/revision";
    /** Key of the ConfigMap with the configuration. */
    public static final String CONFIG_KEY = "config.json";

    private final Role role;
    private final HasMetadata owner;

    public DataPlaneObjects(Role role, HasMetadata owner) {
        this.role = role;
        this.owner = owner;
    }

    /** Name, labels and owner of an object whose name ends in {@code suffix}, which may be empty. */
    public ObjectMeta metadata(String suffix) {
        var name = owner.getMetadata().getName();
        return new ObjectMetaBuilder()
                .withNamespace(owner.getMetadata().getNamespace())
                .withName(role.objectName(name) + suffix)
                .withLabels(Labels.of(role, name))
                .withOwnerReferences(Labels.owner(owner))
                .build();
    }

    /** The configuration the pods watch. */
    public ConfigMap config(String revision, String json) {
        return new ConfigMapBuilder()
                .withMetadata(metadata(""))
                .editMetadata()
                .addToAnnotations(REVISION, revision)
                .endMetadata()
                .addToData(CONFIG_KEY, json)
                .build();
    }

    /** The account the pods run as. */
    public ServiceAccount serviceAccount() {
        return new ServiceAccountBuilder()
                .withMetadata(metadata(""))
                .withAutomountServiceAccountToken(false)
                .build();
    }

    /** What that account may do: read its one ConfigMap and its one Secret. */
    public io.fabric8.kubernetes.api.model.rbac.Role permissions() {
        return new RoleBuilder()
                .withMetadata(metadata(""))
                .addNewRule()
                .withApiGroups("")
                .withResources("configmaps")
                .withResourceNames(role.objectName(owner.getMetadata().getName()))
                .withVerbs("get", "list", "watch")
                .endRule()
                .addNewRule()
                .withApiGroups("")
                .withResources("secrets")
                .withResourceNames(
                        SecretProjection.name(role, owner.getMetadata().getName()))
                .withVerbs("get", "list", "watch")
                .endRule()
                .build();
    }

    /** Gives the account those permissions. */
    public RoleBinding roleBinding() {
        var name = role.objectName(owner.getMetadata().getName());
        return new RoleBindingBuilder()
                .withMetadata(metadata(""))
                .withNewRoleRef()
                .withApiGroup("rbac.authorization.k8s.io")
                .withKind("Role")
                .withName(name)
                .endRoleRef()
                .addNewSubject()
                .withKind("ServiceAccount")
                .withName(name)
                .withNamespace(owner.getMetadata().getNamespace())
                .endSubject()
                .build();
    }

    /** One pod on every node that the template selects, replaced one at a time. */
    public DaemonSet daemonSet(PodTemplateSpec template) {
        return new DaemonSetBuilder()
                .withMetadata(metadata(""))
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Labels.podSelector(role, owner.getMetadata().getName()))
                .endSelector()
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withNewMaxUnavailable(1)
                .endRollingUpdate()
                .endUpdateStrategy()
                .withTemplate(template)
                .endSpec()
                .build();
    }
}
