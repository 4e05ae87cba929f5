package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.v1alpha1.FlowDetectorStatus;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus;
import dev.portcullis.operator.status.ConditionType;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** FlowDetectors and MitigationPolicies on a real API server. */
class FlowDetectorApiTest extends ApiTest {
    private static final String SPEC = """
            {"networks": ["203.0.113.0/24"], "thresholds": {"packetsPerSecond": "80k"},
             "listeners": {"expose": "%s"}, "api": {"allowUnauthenticated": true},
             "mitigationPolicyRef": {"name": "edge"}}
            """;

    @Test
    void aDetectorIsReadyWhenItsCollectorsRunIt() {
        create(Manifests.mitigation(namespace, "edge", "{}"));
        create(Manifests.detector(namespace, "edge", SPEC.formatted("NodePort")));

        run("edge-flow", 2);

        await().until(() -> ready());
        var status = status();
        assertThat(status.mitigation()).isEqualTo("DryRun");
        assertThat(condition(detector("edge"), ConditionType.ExportersRestricted)
                        .getReason())
                .isEqualTo("AnyExporter");
        assertThat(condition(detector("edge"), ConditionType.AttackInProgress).getStatus())
                .isEqualTo("False");
        var telemetry = get(client.services().inNamespace(namespace).withName("edge-flow"))
                .getSpec();
        assertThat(telemetry.getType()).isEqualTo("NodePort");
        assertThat(telemetry.getExternalTrafficPolicy()).isEqualTo("Local");
        assertThat(telemetry.getPorts()).extracting(ServicePort::getPort).containsExactly(2055, 6343);
        await().until(() ->
                condition(mitigation("edge"), ConditionType.Ready).getStatus().equals("True"));
        assertThat(Objects.requireNonNull(mitigation("edge").getStatus()).detectors())
                .containsExactly("edge");
    }

    @Test
    void exposingChangesTheServiceInPlace() {
        create(Manifests.mitigation(namespace, "edge", "{}"));
        create(Manifests.detector(namespace, "edge", SPEC.formatted("LoadBalancer")));
        var service = client.services().inNamespace(namespace).withName("edge-flow");
        await().until(() -> service.get() != null);

        edit(Manifests.detector(namespace, "edge", SPEC.formatted("HostPort")));

        await().until(() -> get(service).getSpec().getType().equals("ClusterIP"));
        await().untilAsserted(() -> assertThat(get(daemonSet("edge-flow"))
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getPorts())
                .filteredOn(port -> port.getProtocol().equals("UDP"))
                .allMatch(port -> port.getContainerPort().equals(port.getHostPort())));
    }

    @Test
    void attacksBansAndPeersOfThePodsAreReported() {
        create(Manifests.mitigation(namespace, "edge", """
                {"dryRun": false, "bgp": {"localAsn": 65001, "routerId": "192.0.2.10",
                 "neighbors": [{"name": "r1", "address": "192.0.2.254", "remoteAsn": 65000}]}}
                """));
        create(Manifests.detector(namespace, "edge", SPEC.formatted("ClusterIP")));
        await().until(() -> daemonSet("edge-flow").get() != null);
        var pods = fleet.run(namespace, "edge-flow", 1);
        fleet.change(pods.getFirst(), FlowDetectorApiTest::underAttack);

        await().until(() -> isTrue(
                detector("edge").getMetadata().getGeneration(),
                condition(detector("edge"), ConditionType.AttackInProgress)));

        assertThat(Objects.requireNonNull(status().activeAttacks()).largest())
                .containsExactly(new FlowDetectorStatus.AttackSummary(
                        "203.0.113.7",
                        "udp_flood",
                        "incoming",
                        90_000,
                        720_000_000,
                        "2026-01-01T00:00:00Z",
                        "FlowSpec"));
        assertThat(status().exportersSeen()).isEqualTo(3);
        assertThat(status().mitigation()).isEqualTo("Live");
        await().until(() -> condition(mitigation("edge"), ConditionType.PeersEstablished)
                .getStatus()
                .equals("True"));
        var mitigation = Objects.requireNonNull(mitigation("edge").getStatus());
        assertThat(mitigation.bans()).isEqualTo(new MitigationPolicyStatus.Bans(1, 2, 4));
        assertThat(mitigation.announcedRoutes()).isEqualTo(4);
        assertThat(mitigation.peersSummary()).isEqualTo("1/1");
        await().untilAsserted(() -> assertThat(events("edge"))
                .contains(
                        "AttackStarted: udp_flood incoming 203.0.113.7: 90000 packets/s, 720000000 bit/s",
                        "BanAnnounced: 0 -> 1 in force",
                        "PeerUp: r1 is established"));

        fleet.thaw(pods.getFirst());

        await().untilAsserted(() -> assertThat(events("edge")).contains("AttackEnded: udp_flood incoming 203.0.113.7"));
        await().until(() -> "NoAttack"
                .equals(condition(detector("edge"), ConditionType.AttackInProgress)
                        .getReason()));
    }

    private static ObjectNode underAttack(ObjectNode said) {
        said.setAll((ObjectNode) Manifests.json("""
                {"activeAttacks": [{"target": "203.0.113.7", "vector": "udp_flood", "direction": "incoming",
                  "pps": 90000, "bps": 720000000, "since": "2026-01-01T00:00:00Z", "mitigation": "FlowSpec"}],
                 "exporters": 3,
                 "bans": [{"policy": "edge", "active": 1, "rejected": 2, "rules": 4, "announced": 4}],
                 "peers": [{"policy": "edge", "name": "r1", "address": "192.0.2.254", "state": "Established",
                  "since": "2026-01-01T00:00:00Z", "prefixes": 4}]}
                """));
        return said;
    }

    @Test
    void aDetectorThatNamesAPolicyWhichIsNotThereWaitsForIt() {
        create(Manifests.detector(namespace, "edge", SPEC.formatted("ClusterIP")));
        await().until(() -> "ReferenceNotFound"
                .equals(condition(detector("edge"), ConditionType.Accepted).getReason()));
        assertThat(condition(detector("edge"), ConditionType.Accepted).getMessage())
                .contains("spec.mitigationPolicyRef.name", "there is no MitigationPolicy 'edge'");

        create(Manifests.mitigation(namespace, "edge", "{}"));

        await().until(() -> daemonSet("edge-flow").get() != null);
        assertThat(config("edge-flow").path("mitigationPolicies").properties())
                .extracting(java.util.Map.Entry::getKey)
                .isEqualTo(List.of("edge"));
    }

    private boolean ready() {
        return isTrue(detector("edge").getMetadata().getGeneration(), condition(detector("edge"), ConditionType.Ready));
    }

    private FlowDetectorStatus status() {
        return Objects.requireNonNull(detector("edge").getStatus());
    }
}
