package dev.portcullis.operator;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.operator.cluster.Fleet;
import dev.portcullis.operator.cluster.KubeApi;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.KillSwitchResource;
import dev.portcullis.operator.resource.MitigationPolicyResource;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A namespace of a real API server, an operator with no more than its own rights, and pods that answer. */
abstract class ApiTest {
    KubernetesClient client;
    String namespace;
    Fleet fleet;
    RunningOperator operator;

    @BeforeAll
    static void patience() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
        Awaitility.setDefaultPollInterval(Duration.ofMillis(50));
    }

    @BeforeEach
    void start() {
        client = KubeApi.started().client();
        namespace = KubeApi.namespace(client);
        fleet = new Fleet(client);
        operator = RunningOperator.in(namespace, OperatorAccount.client(client, namespace), fleet);
    }

    @AfterEach
    void stop() {
        operator.close();
        fleet.close();
        client.close();
    }

    void create(CustomResource<JsonNode, ?> resource) {
        client.resource(resource).create();
    }

    void delete(CustomResource<JsonNode, ?> resource) {
        client.resource(resource).delete();
    }

    /** Replaces spec and labels of a resource that exists, whatever the operator writes into its status meanwhile. */
    <R extends CustomResource<JsonNode, ?>> void edit(R resource) {
        var patch = JsonNodeFactory.instance.arrayNode();
        patch.addObject().put("op", "add").put("path", "/spec").set("value", resource.getSpec());
        patch.addObject()
                .put("op", "add")
                .put("path", "/metadata/labels")
                .putPOJO(
                        "value",
                        Objects.requireNonNullElse(resource.getMetadata().getLabels(), Map.of()));
        client.resource(resource).patch(PatchContext.of(PatchType.JSON), patch.toString());
    }

    AgentPolicyResource policy(String name) {
        return get(client.resources(AgentPolicyResource.class)
                .inNamespace(namespace)
                .withName(name));
    }

    KillSwitchResource killSwitch(String name) {
        return get(client.resources(KillSwitchResource.class)
                .inNamespace(namespace)
                .withName(name));
    }

    FlowDetectorResource detector(String name) {
        return get(client.resources(FlowDetectorResource.class)
                .inNamespace(namespace)
                .withName(name));
    }

    MitigationPolicyResource mitigation(String name) {
        return get(client.resources(MitigationPolicyResource.class)
                .inNamespace(namespace)
                .withName(name));
    }

    Resource<ConfigMap> configMap(String name) {
        return client.configMaps().inNamespace(namespace).withName(name);
    }

    Resource<DaemonSet> daemonSet(String name) {
        return client.apps().daemonSets().inNamespace(namespace).withName(name);
    }

    /** The configuration in the ConfigMap {@code name}. */
    JsonNode config(String name) {
        return Manifests.json(get(configMap(name)).getData().getOrDefault("config.json", "{}"));
    }

    /** Waits for the DaemonSet {@code name} and runs {@code count} pods of it. */
    List<Pod> run(String name, int count) {
        await().until(() -> daemonSet(name).get() != null);
        return fleet.run(namespace, name, count);
    }

    /** Events about the resource {@code name}, oldest first, as {@code Reason: message}. */
    List<String> events(String name) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(name))
                .sorted(Comparator.comparingLong(
                        (Event event) -> Long.parseLong(event.getMetadata().getResourceVersion())))
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    /** Waits until the operator has had nothing to do for a while. */
    void settle() {
        await().during(Duration.ofSeconds(2)).until(new java.util.concurrent.Callable<>() {
            private long last = -1;

            @Override
            public Boolean call() {
                var same = operator.reconciliations() == last;
                last = operator.reconciliations();
                return same;
            }
        });
    }

    static Condition condition(@Nullable List<Condition> conditions, ConditionType type) {
        var found = Conditions.find(conditions, type);
        return found == null ? new Condition() : found;
    }

    Condition condition(AgentPolicyResource policy, ConditionType type) {
        return condition(policy.getStatus() == null ? null : policy.getStatus().conditions(), type);
    }

    Condition condition(KillSwitchResource killSwitch, ConditionType type) {
        return condition(
                killSwitch.getStatus() == null ? null : killSwitch.getStatus().conditions(), type);
    }

    Condition condition(FlowDetectorResource detector, ConditionType type) {
        return condition(
                detector.getStatus() == null ? null : detector.getStatus().conditions(), type);
    }

    Condition condition(MitigationPolicyResource mitigation, ConditionType type) {
        return condition(
                mitigation.getStatus() == null ? null : mitigation.getStatus().conditions(), type);
    }

    /** Waits until {@code type} of the AgentPolicy {@code name} is True for its newest generation. */
    void awaitTrue(String name, ConditionType type) {
        await().until(() -> isTrue(policy(name).getMetadata().getGeneration(), condition(policy(name), type)));
    }

    /**
     * Waits until {@code type} of the AgentPolicy {@code name} is False. A policy and what acts on it are reconciled by
     * themselves, so that one may show what the other does not yet.
     */
    void awaitFalse(String name, ConditionType type) {
        await().until(() -> "False".equals(condition(policy(name), type).getStatus()));
    }

    static boolean isTrue(@Nullable Long generation, Condition condition) {
        return "True".equals(condition.getStatus()) && Objects.equals(condition.getObservedGeneration(), generation);
    }

    static <T> T get(Resource<T> resource) {
        return Objects.requireNonNull(resource.get());
    }
}
