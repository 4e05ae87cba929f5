package dev.portcullis.operator.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.ResolverInput;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirewallResourcesTest {
    @Test
    void onlyTemplatePortsAndSentinelDirectoryAreInThePodTemplate() {
        var plain = template("{}");

        assertThat(
                        template(
                                "{\"mode\": \"Strict\", \"domains\": {\"block\": [\"x.example\"]}, \"dlp\": {\"action\": \"Warn\"}}"))
                .isEqualTo(plain);
        assertThat(template("{\"template\": {\"nodeSelector\": {\"a\": \"b\"}}}"))
                .isNotEqualTo(plain);
        assertThat(
                        template(
                                "{\"scanApi\": {\"enabled\": true, \"tokenSecretRef\": {\"name\": \"scan\", \"key\": \"token\"}}}"))
                .isNotEqualTo(plain);
        assertThat(template("{\"port\": 8889}")).isNotEqualTo(plain);
        assertThat(template("{\"killSwitch\": {\"sentinelFile\": \"/run/stop/now\"}}"))
                .isNotEqualTo(plain);
    }

    @Test
    void thePodMeetsTheRestrictedProfile() {
        var pod = daemonSet("{}").getSpec().getTemplate().getSpec();
        var container = container("{}");

        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(65532);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getPorts()).allMatch(port -> port.getHostPort() == null);
        assertThat(container.getResources().getLimits()).containsKey("memory");
    }

    @Test
    void theProcessIsToldWhereItsConfigurationIs() {
        assertThat(container("{\"port\": 8899}").getArgs())
                .containsExactly(
                        "firewall",
                        "--config",
                        "configmap/agents/coding-firewall",
                        "--fallback",
                        "/etc/portcullis/config",
                        "--secrets",
                        "/etc/portcullis/secrets",
                        "--secrets-object",
                        "coding-firewall-secrets",
                        "--admin-port",
                        "9090",
                        "--bind",
                        "0.0.0.0",
                        "--port",
                        "8899");
    }

    @Test
    void lockdownNeverTakesTheProxiesTheirWayOut() {
        var lockdown = objects("{\"agentPods\": {\"selector\": {}, \"lockdown\": true}}").stream()
                .filter(NetworkPolicy.class::isInstance)
                .map(NetworkPolicy.class::cast)
                .filter(policy -> policy.getMetadata().getName().endsWith("-lockdown"))
                .findFirst()
                .orElseThrow();

        assertThat(lockdown.getSpec().getPolicyTypes()).containsExactly("Egress");
        assertThat(lockdown.getSpec().getPodSelector().getMatchExpressions())
                .singleElement()
                .satisfies(expression -> {
                    assertThat(expression.getKey()).isEqualTo("app.kubernetes.io/component");
                    assertThat(expression.getOperator()).isEqualTo("NotIn");
                    assertThat(expression.getValues()).contains("firewall");
                });
        assertThat(lockdown.getSpec().getEgress()).hasSize(2);
    }

    @Test
    void theScanApiIsReachableWhereItIsOpenAndOnlyThere() {
        var open = """
                {"agentPods": {"lockdown": true},
                 "scanApi": {"enabled": true, "port": 9991, "tokenSecretRef": {"name": "scan", "key": "token"}}}
                """;

        assertThat(container(open).getArgs()).containsSequence("--scan-api-port", "9991");
        assertThat(container(open).getPorts())
                .anySatisfy(port -> assertThat(port.getContainerPort()).isEqualTo(9991));
        assertThat(objects(open))
                .filteredOn(Service.class::isInstance)
                .singleElement()
                .extracting(service -> ((Service) service).getSpec().getPorts())
                .asInstanceOf(list(ServicePort.class))
                .extracting(ServicePort::getPort)
                .containsExactly(8888, 9991);
        assertThat(objects(open))
                .filteredOn(NetworkPolicy.class::isInstance)
                .hasSize(2)
                .allSatisfy(policy -> assertThat(policy.toString()).contains("scan-api"));

        var closed = open.replace("\"enabled\": true", "\"enabled\": false");
        assertThat(objects(closed))
                .allSatisfy(object -> assertThat(object.toString()).doesNotContain("scan-api", "9991"));
    }

    @Test
    void aReverseProxyIsAPortOfContainerServiceAndPolicies() {
        var spec = """
                {"agentPods": {"lockdown": true},
                 "reverseProxies": [{"name": "tools", "port": 8890, "upstream": "http://tools:8080"}]}
                """;

        assertThat(container(spec).getArgs()).containsSequence("--reverse-proxy", "tools=8890");
        assertThat(container(spec).getPorts()).anySatisfy(port -> {
            assertThat(port.getContainerPort()).isEqualTo(8890);
            assertThat(port.getName()).isEqualTo("reverse-8890");
        });
        assertThat(objects(spec))
                .filteredOn(Service.class::isInstance)
                .singleElement()
                .extracting(service -> ((Service) service).getSpec().getPorts())
                .asInstanceOf(list(ServicePort.class))
                .extracting(ServicePort::getPort)
                .containsExactly(8888, 8890);
        assertThat(objects(spec))
                .filteredOn(NetworkPolicy.class::isInstance)
                .hasSize(2)
                .allSatisfy(policy -> assertThat(policy.toString()).contains("reverse-8890"));
    }

    @Test
    void watchedFoldersOfTheNodeCanOnlyBeRead() {
        var watching = "{\"fileSentry\": {\"paths\": [\"/srv/agents\"]}}";

        assertThat(daemonSet(watching).getSpec().getTemplate().getSpec().getVolumes())
                .filteredOn(volume -> volume.getHostPath() != null)
                .singleElement()
                .satisfies(volume -> assertThat(volume.getHostPath().getPath()).isEqualTo("/srv/agents"));
        assertThat(container(watching).getVolumeMounts())
                .filteredOn(mount -> mount.getMountPath().equals("/srv/agents"))
                .singleElement()
                .satisfies(mount -> assertThat(mount.getReadOnly()).isTrue());
        assertThat(daemonSet("{}").getSpec().getTemplate().getSpec().getVolumes())
                .allMatch(volume -> volume.getHostPath() == null);
    }

    @Test
    void everyObjectGoesWithItsOwner() {
        assertThat(objects("{\"agentPods\": {\"lockdown\": true}}"))
                .allSatisfy(object -> assertThat(object.getMetadata().getOwnerReferences())
                        .singleElement()
                        .satisfies(owner -> {
                            assertThat(owner.getUid()).isEqualTo("uid-1");
                            assertThat(owner.getKind()).isEqualTo("AgentPolicy");
                            assertThat(owner.getController()).isTrue();
                        }));
    }

    private static String template(String spec) {
        return daemonSet(spec).getSpec().getTemplate().toString();
    }

    private static Container container(String spec) {
        return daemonSet(spec).getSpec().getTemplate().getSpec().getContainers().getFirst();
    }

    private static DaemonSet daemonSet(String spec) {
        return objects(spec).stream()
                .filter(DaemonSet.class::isInstance)
                .map(DaemonSet.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static List<HasMetadata> objects(String spec) {
        var policy = policy(spec);
        return new FirewallResources(policy, resolved(policy).spec(), "portcullis:1").all();
    }

    private static FirewallConfig resolved(AgentPolicyResource policy) {
        var resolution = Resolver.resolve(new ResourceSet(
                List.of(ResolverInput.of(policy)),
                Set.of(new ResourceSet.SecretKey("agents", "scan", "token")),
                "operator"));
        assertThat(resolution.problems()).isEmpty();
        return Objects.requireNonNull(resolution.firewalls().get(ResolverInput.id(policy)));
    }

    private static AgentPolicyResource policy(String spec) {
        var policy = new AgentPolicyResource();
        policy.setMetadata(new ObjectMetaBuilder()
                .withNamespace("agents")
                .withName("coding")
                .withUid("uid-1")
                .withGeneration(1L)
                .build());
        try {
            policy.setSpec(new ObjectMapper().readTree(spec));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return policy;
    }
}
