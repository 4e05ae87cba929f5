package dev.portcullis.operator;

import static dev.portcullis.operator.Manifests.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.v1alpha1.NodeCounts;
import dev.portcullis.operator.cluster.Fleet;
import dev.portcullis.operator.cluster.KubeApi;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AgentPolicies on a real API server. */
class AgentPolicyApiTest {
    private KubernetesClient client;
    private String namespace;
    private Fleet fleet;
    private RunningOperator operator;

    @BeforeEach
    void start() {
        client = KubeApi.started().client();
        namespace = KubeApi.namespace(client);
        fleet = new Fleet(client);
        operator = RunningOperator.in(namespace, client, fleet);
    }

    @AfterEach
    void stop() {
        operator.close();
        fleet.close();
        client.close();
    }

    @Test
    void aPolicyGetsItsObjectsAndIsReadyWhenItsPodsRunIt() {
        client.resource(policy(namespace, "agents", "{\"mode\": \"Strict\"}")).create();

        await().until(() -> client.apps()
                        .daemonSets()
                        .inNamespace(namespace)
                        .withName("agents-firewall")
                        .get()
                != null);
        assertThat(client.configMaps()
                        .inNamespace(namespace)
                        .withName("agents-firewall")
                        .get())
                .isNotNull();
        assertThat(condition(ConditionType.Accepted).getStatus()).isEqualTo("True");
        assertThat(condition(ConditionType.Ready).getReason()).isEqualTo("WaitingForPods");

        fleet.run(namespace, "agents-firewall", 3);

        await().until(() -> condition(ConditionType.Ready).getStatus().equals("True"));
        assertThat(get().getStatus().nodes()).isEqualTo(new NodeCounts(3, 3, 3, "3/3"));
    }

    @Test
    void anIdleOperatorReconcilesNothing() throws InterruptedException {
        client.resource(policy(namespace, "agents", "{}")).create();
        await().until(() -> client.apps()
                        .daemonSets()
                        .inNamespace(namespace)
                        .withName("agents-firewall")
                        .get()
                != null);
        fleet.run(namespace, "agents-firewall", 2);
        await().until(() -> condition(ConditionType.Ready).getStatus().equals("True"));
        Thread.sleep(1500);
        var settled = operator.reconciliations();

        Thread.sleep(5000);

        assertThat(operator.reconciliations()).isEqualTo(settled);
    }

    @Test
    void aHandEditedChildIsPutBack() {
        client.resource(policy(namespace, "agents", "{}")).create();
        await().until(() -> client.apps()
                        .daemonSets()
                        .inNamespace(namespace)
                        .withName("agents-firewall")
                        .get()
                != null);
        var daemonSets = client.apps().daemonSets().inNamespace(namespace).withName("agents-firewall");

        daemonSets.edit(found -> new DaemonSetBuilder(found)
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage("evil:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build());

        await().atMost(Duration.ofSeconds(5)).until(() -> daemonSets
                .get()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage()
                .equals(RunningOperator.IMAGE));
    }

    private AgentPolicyResource get() {
        return Objects.requireNonNull(client.resources(AgentPolicyResource.class)
                .inNamespace(namespace)
                .withName("agents")
                .get());
    }

    private Condition condition(ConditionType type) {
        var status = get().getStatus();
        var found = status == null ? null : Conditions.find(status.conditions(), type);
        return found == null ? new Condition() : found;
    }
}
