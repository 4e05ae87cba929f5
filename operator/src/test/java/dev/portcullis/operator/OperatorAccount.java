package dev.portcullis.operator;

import dev.portcullis.operator.cluster.KubeApi;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operator's account: exactly the rights of {@link OperatorPermissions}. */
final class OperatorAccount {
    private static final String NAME = "portcullis-operator";

    private OperatorAccount() {}

    /** A client that acts as the account in {@code namespace}, which is made if it is not there. */
    static KubernetesClient client(KubernetesClient admin, String namespace) {
        return client(admin, namespace, null);
    }

    static KubernetesClient client(KubernetesClient admin, String namespace, @Nullable Interceptor interceptor) {
        install(admin, namespace);
        return KubeApi.started()
                .client(
                        config -> {
                            config.setImpersonateUsername("system:serviceaccount:" + namespace + ":" + NAME);
                            config.setImpersonateGroups("system:authenticated", "system:serviceaccounts");
                        },
                        interceptor);
    }

    private static void install(KubernetesClient admin, String namespace) {
        var name = NAME + "-" + namespace;
        var objects = List.of(
                new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .endMetadata()
                        .build(),
                new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withRules(rules(OperatorPermissions.CLUSTER))
                        .build(),
                new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", name)
                        .addNewSubject(null, "ServiceAccount", NAME, namespace)
                        .build(),
                new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .endMetadata()
                        .withRules(rules(OperatorPermissions.OPERATOR_NAMESPACE))
                        .build(),
                new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", NAME)
                        .addNewSubject(null, "ServiceAccount", NAME, namespace)
                        .build());
        objects.forEach(object ->
                admin.resource(object).fieldManager("test").forceConflicts().serverSideApply());
    }

    private static List<PolicyRule> rules(List<OperatorPermissions.Rule> rules) {
        return rules.stream()
                .map(rule -> new PolicyRuleBuilder()
                        .withApiGroups(rule.apiGroup())
                        .withResources(rule.resources())
                        .withVerbs(rule.verbs())
                        .withResourceNames(rule.resourceNames())
                        .build())
                .toList();
    }
}
