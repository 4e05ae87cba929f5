package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.operator.cluster.Fleet;
import dev.portcullis.operator.cluster.KubeApi;
import dev.portcullis.operator.cluster.MadeObjects;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An operator that dies right before any of its writes leaves nothing that the next one does not finish. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashApiTest {
    private KubernetesClient client;
    private List<String> complete;
    private int writes;

    /** Lets a number of writes through and fails all that follow, as a process that was killed would make none. */
    private static final class Life implements Interceptor {
        private final AtomicInteger left;
        private final AtomicInteger made = new AtomicInteger();

        Life(int writes) {
            left = new AtomicInteger(writes);
        }

        @Override
        public void before(BasicBuilder request, HttpRequest original, RequestTags tags) {
            if (Set.of("POST", "PUT", "PATCH", "DELETE").contains(original.method())
                    && !original.uri().getPath().contains("/events")) {
                made.incrementAndGet();
                if (left.getAndDecrement() <= 0) {
                    throw new IllegalStateException("killed");
                }
            }
        }
    }

    @BeforeAll
    void countTheWritesOfAnUndisturbedLife() {
        ApiTest.patience();
        client = KubeApi.started().client();
        var namespace = KubeApi.namespace(client);
        var life = new Life(Integer.MAX_VALUE);
        try (var fleet = new Fleet(client);
                var operator = RunningOperator.in(namespace, OperatorAccount.client(client, namespace, life), fleet)) {
            create(namespace);
            converge(namespace, fleet);
            complete = objects(namespace);
            // Writes up to here differ by the status updates in between; every step is among them.
            writes = life.made.get();
            assertThat(operator.failures()).isZero();
        }
    }

    @AfterAll
    void close() {
        client.close();
    }

    IntStream everyStep() {
        return IntStream.range(0, writes);
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void theNextOperatorFinishesWhatTheKilledOneBegan(int step) {
        var namespace = KubeApi.namespace(client);
        try (var fleet = new Fleet(client)) {
            create(namespace);
            var life = new Life(step);
            try (var killed = RunningOperator.in(namespace, OperatorAccount.client(client, namespace, life), fleet)) {
                if (step > writes - 4) {
                    fleetWhenThere(namespace, fleet);
                }
                await().until(() -> life.left.get() < 0 || (killed.reconciliations() > 0 && isReady(namespace)));
            }
            try (var next = RunningOperator.in(namespace, OperatorAccount.client(client, namespace), fleet)) {
                converge(namespace, fleet);
                assertThat(objects(namespace)).isEqualTo(complete);
                assertThat(next.failures()).isZero();
            }
        }
    }

    private void create(String namespace) {
        client.resource(Manifests.policy(namespace, "agents", "{\"agentPods\": {\"lockdown\": true}}"))
                .create();
    }

    private void fleetWhenThere(String namespace, Fleet fleet) {
        await().until(() -> client.apps()
                        .daemonSets()
                        .inNamespace(namespace)
                        .withName("agents-firewall")
                        .get()
                != null);
        fleet.run(namespace, "agents-firewall", 1);
    }

    private void converge(String namespace, Fleet fleet) {
        if (client.pods().inNamespace(namespace).list().getItems().isEmpty()) {
            fleetWhenThere(namespace, fleet);
        }
        await().until(() -> isReady(namespace));
    }

    private boolean isReady(String namespace) {
        var policy = client.resources(AgentPolicyResource.class)
                .inNamespace(namespace)
                .withName("agents")
                .get();
        return policy.getStatus() != null
                && Conditions.isTrue(policy.getStatus().conditions(), ConditionType.Ready);
    }

    /** Every owned object, without what differs from namespace to namespace. */
    private List<String> objects(String namespace) {
        return MadeObjects.in(client, namespace)
                .filter(object -> !object.getMetadata().getOwnerReferences().isEmpty())
                .map(object -> object.getKind() + " " + object.getMetadata().getName() + " "
                        + object.getMetadata().getLabels() + " owned fields: "
                        + object.getMetadata().getManagedFields().stream()
                                .filter(entry -> entry.getManager().equals("portcullis-operator"))
                                .map(entry -> String.valueOf(entry.getFieldsV1()))
                                .map(fields -> fields.replaceAll(
                                        "\"?uid\"?[^}]*}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ""))
                                .map(fields -> fields.replace(namespace, "NAMESPACE"))
                                .toList())
                .sorted()
                .toList();
    }
}
