package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.operator.cluster.ControllerManager;
import dev.portcullis.operator.cluster.KubeApi;
import dev.portcullis.operator.cluster.MadeObjects;
import dev.portcullis.operator.status.ConditionType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With Kubernetes' own controllers: DaemonSet pods are made, and what a resource owned goes with it. */
class GarbageApiTest extends ApiTest {
    private ControllerManager controllers;

    @BeforeEach
    void startControllers() {
        controllers = ControllerManager.start(KubeApi.started());
    }

    @AfterEach
    void stopControllers() {
        controllers.close();
    }

    @Test
    void deletingTheResourcesLeavesNothing() {
        create(Manifests.policy(
                namespace,
                "agents",
                "{\"agentPods\": {\"lockdown\": true}, \"tlsInterception\": {\"enabled\": true}}"));
        create(
                Manifests.detector(
                        namespace,
                        "edge",
                        "{\"networks\": [\"203.0.113.0/24\"], \"thresholds\": {\"packetsPerSecond\": \"80k\"}, \"api\": {\"allowUnauthenticated\": true}}"));
        await().until(() -> daemonSet("agents-firewall").get() != null
                && daemonSet("edge-flow").get() != null);
        await().until(() -> "NoNodes"
                .equals(condition(policy("agents"), ConditionType.Ready).getReason()));
        // The authority of interception and its key are among it.
        await().untilAsserted(() -> assertThat(made())
                .contains(
                        "Secret agents-firewall-ca", "ConfigMap agents-firewall-ca", "Secret agents-firewall-secrets"));
        assertThat(made()).hasSizeGreaterThan(15);

        delete(policy("agents"));
        delete(detector("edge"));

        await().untilAsserted(() -> assertThat(made()).isEmpty());
        settle();
        assertThat(made()).isEmpty();
    }

    private List<String> made() {
        return Stream.concat(
                        MadeObjects.in(client, namespace),
                        client.pods().inNamespace(namespace).list().getItems().stream())
                .filter(object -> object.getMetadata().getLabels() != null
                        && "portcullis-operator"
                                .equals(object.getMetadata().getLabels().get("app.kubernetes.io/managed-by")))
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
    }
}
