package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.v1alpha1.NodeCounts;
import dev.portcullis.crd.v1alpha1.RejectedPod;
import dev.portcullis.operator.cluster.MadeObjects;
import dev.portcullis.operator.status.ConditionType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** AgentPolicies on a real API server. */
class AgentPolicyApiTest extends ApiTest {
    @Test
    void aPolicyGetsItsObjectsAndIsReadyWhenEveryPodRunsIt() {
        create(Manifests.policy(namespace, "agents", "{\"mode\": \"Strict\", \"port\": 8899}"));

        var pods = run("agents-firewall", 3);
        pods.forEach(pod -> fleet.thaw(pod));

        awaitTrue("agents", ConditionType.Ready);
        var policy = policy("agents");
        var status = java.util.Objects.requireNonNull(policy.getStatus());
        assertThat(status.nodes()).isEqualTo(new NodeCounts(3, 3, 3, "3/3"));
        assertThat(status.endpoint()).isEqualTo("agents-firewall." + namespace + ".svc:8899");
        assertThat(status.configHash())
                .isEqualTo(config("agents-firewall").path("revision").asText());
        assertThat(config("agents-firewall").path("spec").path("mode").asText()).isEqualTo("Strict");
        assertThat(condition(policy, ConditionType.Progressing).getStatus()).isEqualTo("False");
        assertThat(condition(policy, ConditionType.KillSwitchEngaged).getStatus())
                .isEqualTo("False");
        assertThat(owned("agents"))
                .extracting(
                        object -> object.getKind() + " " + object.getMetadata().getName())
                .containsExactlyInAnyOrder(
                        "ConfigMap agents-firewall",
                        "ConfigMap agents-firewall-dashboard",
                        "DaemonSet agents-firewall",
                        "NetworkPolicy agents-firewall",
                        "Role agents-firewall",
                        "RoleBinding agents-firewall",
                        "Secret agents-firewall-secrets",
                        "Service agents-firewall",
                        "ServiceAccount agents-firewall");
        await().untilAsserted(() -> assertThat(events("agents"))
                .containsExactly(
                        "SpecAccepted: The spec was accepted.",
                        "RolloutDone: " + condition(policy, ConditionType.Ready).getMessage()));
    }

    @Test
    void aPodThatRefusesTheConfigurationIsNamedAndKeepsThePolicyFromBeingReady() {
        create(Manifests.policy(namespace, "agents", "{}"));
        var pods = run("agents-firewall", 2);
        awaitTrue("agents", ConditionType.Ready);
        fleet.change(pods.getFirst(), said -> {
            said.put("revision", "0123456789abcdef").withArray("problems").add("port 8899 is taken");
            return said;
        });

        edit(Manifests.policy(namespace, "agents", "{\"mode\": \"Audit\"}"));

        await().until(() -> "PodsRefused"
                .equals(condition(policy("agents"), ConditionType.Ready).getReason()));
        assertThat(java.util.Objects.requireNonNull(policy("agents").getStatus())
                        .rejectedPods())
                .containsExactly(new RejectedPod("agents-firewall-0", "node-0", "port 8899 is taken"));
        fleet.thaw(pods.getFirst());
        awaitTrue("agents", ConditionType.Ready);
    }

    @Test
    void anIdleOperatorReconcilesNothing() throws InterruptedException {
        create(Manifests.policy(namespace, "agents", "{}"));
        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": true}"));
        run("agents-firewall", 2);
        awaitTrue("agents", ConditionType.Ready);
        settle();
        var before = operator.reconciliations();
        var version = policy("agents").getMetadata().getResourceVersion();

        Thread.sleep(6000);

        assertThat(operator.reconciliations()).isEqualTo(before);
        assertThat(operator.failures()).isZero();
        assertThat(policy("agents").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void whatSomebodyEditsOrDeletesByHandIsPutBack() {
        create(Manifests.policy(namespace, "agents", "{}"));
        await().until(() -> daemonSet("agents-firewall").get() != null);
        settle();
        var service = client.services().inNamespace(namespace).withName("agents-firewall");

        daemonSet("agents-firewall").edit(found -> new DaemonSetBuilder(found)
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage("other:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build());
        service.edit(found -> new ServiceBuilder(found)
                .editSpec()
                .withInternalTrafficPolicy("Cluster")
                .endSpec()
                .build());
        configMap("agents-firewall").edit(found -> {
            found.setData(Map.of("config.json", "{}"));
            return found;
        });
        client.network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .withName("agents-firewall")
                .delete();

        await().untilAsserted(() -> {
            assertThat(get(daemonSet("agents-firewall"))
                            .getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .getImage())
                    .isEqualTo(RunningOperator.IMAGE);
            assertThat(get(service).getSpec().getInternalTrafficPolicy()).isEqualTo("Local");
            assertThat(config("agents-firewall").path("name").asText()).isEqualTo("agents");
            assertThat(owned("agents")).extracting(HasMetadata::getKind).contains("NetworkPolicy");
        });
        await().untilAsserted(() -> assertThat(events("agents"))
                .contains("ObjectRestored: DaemonSet agents-firewall had been changed by hand and was put back"));
    }

    @Test
    void aBadEditIsExplainedAndWhatRanBeforeGoesOn() {
        create(Manifests.policy(namespace, "agents", "{\"domains\": {\"allow\": [\"good.example.com\"]}}"));
        run("agents-firewall", 1);
        awaitTrue("agents", ConditionType.Ready);
        var before = config("agents-firewall");

        edit(Manifests.policy(
                namespace,
                "agents",
                "{\"dlp\": {\"known\": [{\"secretKeyRef\": {\"name\": \"vault\", \"key\": \"token\"}}]}}"));

        await().until(() -> "SecretNotFound"
                .equals(condition(policy("agents"), ConditionType.Accepted).getReason()));
        var policy = policy("agents");
        assertThat(condition(policy, ConditionType.Accepted).getMessage())
                .contains("spec.dlp.known[0].secretKeyRef", "there is no Secret 'vault'");
        assertThat(condition(policy, ConditionType.Ready).getReason()).isEqualTo("SpecNotAccepted");
        assertThat(config("agents-firewall")).isEqualTo(before);
        assertThat(daemonSet("agents-firewall").get()).isNotNull();
        await().untilAsserted(() -> assertThat(events("agents")).anyMatch(event -> event.startsWith("SpecRejected: ")));

        secret("vault", "token", "s3cret-value");

        awaitTrue("agents", ConditionType.Ready);
    }

    @Test
    void aPolicyThatWasNeverAcceptedRunsNothing() {
        create(Manifests.policy(
                namespace, "agents", "{\"dlp\": {\"patterns\": [{\"name\": \"x\", \"regex\": \"a(b\"}]}}"));

        await().until(() -> "False"
                .equals(condition(policy("agents"), ConditionType.Accepted).getStatus()));

        assertThat(condition(policy("agents"), ConditionType.Accepted).getMessage())
                .contains("spec.dlp.patterns[0].regex")
                .contains("at character 2");
        assertThat(owned("agents")).isEmpty();
    }

    @Test
    void exactlyTheReferencedKeysAreCopiedAndFollowTheirSource() {
        secret("vault", "token", "first-value");
        client.secrets().inNamespace(namespace).withName("vault").edit(found -> {
            found.getData().put("other", encoded("never copied"));
            return found;
        });
        create(Manifests.policy(
                namespace,
                "agents",
                "{\"dlp\": {\"known\": [{\"secretKeyRef\": {\"name\": \"vault\", \"key\": \"token\"}}]}}"));
        await().untilAsserted(() -> assertThat(copied()).isEqualTo(Map.of("vault.token", "first-value")));

        client.secrets().inNamespace(namespace).withName("vault").edit(found -> {
            found.getData().put("token", encoded("second-value"));
            return found;
        });

        await().untilAsserted(() -> assertThat(copied()).isEqualTo(Map.of("vault.token", "second-value")));
        assertThat(get(configMap("agents-firewall")).toString()).doesNotContain("second-value");
    }

    @Test
    void aDeletedSecretTakesNothingAwayFromPodsThatRun() {
        secret("vault", "token", "kept-value");
        create(Manifests.policy(
                namespace,
                "agents",
                "{\"dlp\": {\"known\": [{\"secretKeyRef\": {\"name\": \"vault\", \"key\": \"token\"}}]}}"));
        await().untilAsserted(() -> assertThat(copied()).isEqualTo(Map.of("vault.token", "kept-value")));

        client.secrets().inNamespace(namespace).withName("vault").delete();

        await().until(() -> "SecretNotFound"
                .equals(condition(policy("agents"), ConditionType.Accepted).getReason()));
        assertThat(copied()).isEqualTo(Map.of("vault.token", "kept-value"));
    }

    @Test
    void anObjectOfSomebodyElseIsLeftAlone() {
        client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("agents-firewall")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();

        create(Manifests.policy(namespace, "agents", "{}"));

        await().until(() -> "ObjectConflict"
                .equals(condition(policy("agents"), ConditionType.Ready).getReason()));
        assertThat(condition(policy("agents"), ConditionType.Ready).getMessage())
                .contains("Service " + namespace + "/agents-firewall exists and does not belong to this resource");
        assertThat(get(client.services().inNamespace(namespace).withName("agents-firewall"))
                        .getSpec()
                        .getPorts()
                        .getFirst()
                        .getPort())
                .isEqualTo(80);
    }

    @Test
    void whatTheApiServerRefusesIsReported() {
        create(
                Manifests.policy(
                        namespace,
                        "agents",
                        "{\"template\": {\"resources\": {\"requests\": {\"memory\": \"2Gi\"}, \"limits\": {\"memory\": \"1Gi\"}}}}"));

        await().until(() -> "ObjectRefused"
                .equals(condition(policy("agents"), ConditionType.Ready).getReason()));

        assertThat(condition(policy("agents"), ConditionType.Ready).getMessage())
                .contains("memory");
    }

    @Test
    void lockdownComesAndGoesWithItsField() {
        create(Manifests.policy(namespace, "agents", "{\"agentPods\": {\"lockdown\": true}}"));
        var lockdown =
                client.network().v1().networkPolicies().inNamespace(namespace).withName("agents-firewall-lockdown");
        await().until(() -> lockdown.get() != null);

        edit(Manifests.policy(namespace, "agents", "{\"agentPods\": {\"lockdown\": false}}"));

        await().until(() -> lockdown.get() == null);
    }

    @Test
    void aPortIsHeldByOnePolicyOfANamespaceAndFreedWithIt() {
        create(Manifests.policy(namespace, "first", "{}"));
        await().until(() -> daemonSet("first-firewall").get() != null);
        create(Manifests.policy(namespace, "second", "{}"));
        await().until(() -> "PortConflict"
                .equals(condition(policy("second"), ConditionType.Accepted).getReason()));

        delete(policy("first"));

        awaitTrue("second", ConditionType.Accepted);
    }

    private List<HasMetadata> owned(String name) {
        return MadeObjects.in(client, namespace)
                .filter(object -> dev.portcullis.operator.resource.Labels.owns(policy(name), object))
                .toList();
    }

    private void secret(String name, String key, String value) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .addToData(key, encoded(value))
                        .build())
                .create();
    }

    private static String encoded(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, String> copied() {
        var copy = client.secrets()
                .inNamespace(namespace)
                .withName("agents-firewall-secrets")
                .get();
        return copy == null || copy.getData() == null
                ? Map.of()
                : copy.getData().entrySet().stream()
                        .collect(java.util.stream.Collectors.toMap(
                                Map.Entry::getKey,
                                entry -> new String(
                                        Base64.getDecoder().decode(entry.getValue()), StandardCharsets.UTF_8)));
    }
}
