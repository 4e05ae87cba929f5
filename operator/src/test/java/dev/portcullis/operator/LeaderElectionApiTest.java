package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.operator.cluster.Fleet;
import dev.portcullis.operator.cluster.KubeApi;
import dev.portcullis.operator.health.OperatorHealth;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two replicas, one of which acts. */
class LeaderElectionApiTest {
    private KubernetesClient client;
    private String namespace;
    private Fleet fleet;

    @BeforeEach
    void start() {
        ApiTest.patience();
        client = KubeApi.started().client();
        namespace = KubeApi.namespace(client);
        fleet = new Fleet(client);
    }

    @AfterEach
    void stop() {
        fleet.close();
        client.close();
    }

    @Test
    void oneReplicaActsAndBothAreHealthyWhileItRenewsItsLease() {
        try (var first = replica("first");
                var second = replica("second")) {
            client.resource(Manifests.policy(namespace, "agents", "{}")).create();
            await().until(() -> client.apps()
                            .daemonSets()
                            .inNamespace(namespace)
                            .withName("agents-firewall")
                            .get()
                    != null);

            var holder = holder();

            assertThat(holder).isIn("first", "second");
            assertThat((holder.equals("first") ? second : first).reconciliations())
                    .isZero();
            await().untilAsserted(() ->
                    assertThat(health(first, InstantSource.system()).problem()).isEmpty());
            assertThat(health(second, InstantSource.system()).problem()).isEmpty();
            var later = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(5));
            assertThat(health(second, later).problem()).contains("was last renewed");
            assertThat(health(second, later).fatalProblem()).contains("was last renewed");
            try (var away = new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder()
                            .withMasterUrl("http://127.0.0.1:1")
                            .build())
                    .withHttpClientFactory(new JdkHttpClientFactory())
                    .build()) {
                var cutOff = new OperatorHealth(
                        second.runtime(), away, namespace, PortcullisOperator.LEASE, InstantSource.system());
                assertThat(cutOff.problem()).contains("cannot be read");
                assertThat(cutOff.fatalProblem()).isEmpty();
            }
        }
        assertThat(holder()).as("the lease is given up").isEmpty();
    }

    private RunningOperator replica(String identity) {
        var settings = new OperatorSettings(RunningOperator.IMAGE, namespace, identity, Set.of(namespace), true, 0, 0);
        return RunningOperator.start(OperatorAccount.client(client, namespace), settings, fleet);
    }

    private OperatorHealth health(RunningOperator replica, InstantSource clock) {
        return new OperatorHealth(replica.runtime(), client, namespace, PortcullisOperator.LEASE, clock);
    }

    private String holder() {
        var lease = client.leases()
                .inNamespace(namespace)
                .withName(PortcullisOperator.LEASE)
                .get();
        return Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), "");
    }
}
