package dev.portcullis.e2e;

import static dev.portcullis.e2e.Manifests.each;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.operator.OperatorPermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart, rendered by the real helm. */
class ChartIT {
    private static final String POD_MONITOR = "monitoring.coreos.com/v1/PodMonitor";

    private static Command template(String... arguments) {
        var all = new ArrayList<>(List.of("template", "portcullis", Project.CHART.toString(), "--namespace", "system"));
        all.addAll(List.of(arguments));
        return Command.of(Project.helm(), all.toArray(String[]::new));
    }

    private static Manifests rendered(String... arguments) {
        return Manifests.parse(template(arguments).run().orFail());
    }

    @Test
    void lintFindsNothing() {
        assertThat(Command.of(Project.helm(), "lint", "--strict", Project.CHART.toString())
                        .run()
                        .orFail())
                .contains("0 chart(s) failed");
    }

    @Test
    void theDefaultReleaseIsTheseObjects() {
        assertThat(rendered().names())
                .containsExactly(
                        "ClusterRole/portcullis-operator",
                        "ClusterRoleBinding/portcullis-operator",
                        "ConfigMap/portcullis-operator-dashboard",
                        "CustomResourceDefinition/agentpolicies.portcullis.dev",
                        "CustomResourceDefinition/flowdetectors.portcullis.dev",
                        "CustomResourceDefinition/killswitches.portcullis.dev",
                        "CustomResourceDefinition/mitigationpolicies.portcullis.dev",
                        "Deployment/portcullis-operator",
                        "Lease/portcullis-operator",
                        "NetworkPolicy/portcullis-operator",
                        "PodDisruptionBudget/portcullis-operator",
                        "Role/portcullis-operator",
                        "RoleBinding/portcullis-operator",
                        "ServiceAccount/portcullis-operator");
    }

    @Test
    void aPodMonitorIsMadeWhereItsKindIsInstalled() {
        var monitor = rendered("--api-versions", POD_MONITOR, "--set", "monitoring.podMonitor.interval=10s")
                .only("PodMonitor");
        assertThat(monitor.at("/spec/podMetricsEndpoints/0/interval").asText()).isEqualTo("10s");
        assertThat(rendered("--api-versions", POD_MONITOR, "--set", "monitoring.podMonitor.enabled=false")
                        .ofKind("PodMonitor"))
                .isEmpty();
    }

    @Test
    void oneReplicaHasNoDisruptionBudgetThatWouldBlockADrain() {
        assertThat(rendered("--set", "operator.replicas=1").ofKind("PodDisruptionBudget"))
                .isEmpty();
    }

    @Test
    void theOperatorIsRestrictedAndItsRootCannotBeWrittenTo() {
        var pod = rendered().only("Deployment").at("/spec/template/spec");
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(pod.get("containers")).allSatisfy(container -> {
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                    .isFalse();
            assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                    .isTrue();
            assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                    .isEqualTo("ALL");
        });
    }

    @Test
    void noRuleHasAWildcardOrALeaveToEscalate() {
        var rules = rendered().objects().stream()
                .filter(object -> object.has("rules"))
                .flatMap(object -> each(object.get("rules")))
                .toList();
        assertThat(rules).isNotEmpty().allSatisfy(rule -> {
            for (var part : List.of("apiGroups", "resources", "verbs")) {
                assertThat(each(rule.get(part)).map(JsonNode::asText))
                        .isNotEmpty()
                        .doesNotContain("*", "escalate", "bind", "impersonate");
            }
        });
    }

    @Test
    void theOperatorMayDoWhatItDoesAndNothingElse() {
        assertThat(permissions(rendered().only("ClusterRole"))).isEqualTo(permissions(OperatorPermissions.CLUSTER));
        assertThat(permissions(rendered().only("Role"))).isEqualTo(permissions(OperatorPermissions.OPERATOR_NAMESPACE));
    }

    /** A role as one line for each verb on each resource. */
    private static Set<String> permissions(JsonNode role) {
        return each(role.get("rules"))
                .flatMap(rule -> each(rule.get("apiGroups"))
                        .flatMap(group -> each(rule.get("resources")).flatMap(resource -> each(rule.get("verbs"))
                                .map(verb -> permission(
                                        group.asText(),
                                        resource.asText(),
                                        verb.asText(),
                                        each(rule.path("resourceNames"))
                                                .map(JsonNode::asText)
                                                .toList())))))
                .collect(toCollection(TreeSet::new));
    }

    private static Set<String> permissions(List<OperatorPermissions.Rule> rules) {
        return rules.stream()
                .flatMap(rule -> rule.resources().stream().flatMap(resource -> rule.verbs().stream()
                        .map(verb -> permission(rule.apiGroup(), resource, verb, rule.resourceNames()))))
                .collect(toCollection(TreeSet::new));
    }

    private static String permission(String group, String resource, String verb, List<String> names) {
        return verb + " " + resource + "." + group + (names.isEmpty() ? "" : " " + names);
    }

    @Test
    void everyImageComesFromTheRegistryThatIsSet() {
        var operator = rendered("--set", "imageRegistry=registry.example.com/team/")
                .only("Deployment")
                .at("/spec/template/spec/containers/0");
        assertThat(operator.get("image").asText())
                .isEqualTo("registry.example.com/team/portcullis-operator:" + Project.VERSION);
        assertThat(each(operator.get("env"))
                        .map(variable -> variable.path("value").asText()))
                .contains("registry.example.com/team/portcullis:" + Project.VERSION);
    }

    @Test
    void uninstallingKeepsTheDefinitionsUnlessToldOtherwise() {
        var policy = "/metadata/annotations/helm.sh~1resource-policy";
        assertThat(rendered().ofKind("CustomResourceDefinition"))
                .hasSize(4)
                .allSatisfy(crd -> assertThat(crd.at(policy).asText()).isEqualTo("keep"));
        assertThat(rendered("--set", "crds.keep=false").ofKind("CustomResourceDefinition"))
                .hasSize(4)
                .allSatisfy(crd -> assertThat(crd.at(policy).isMissingNode()).isTrue());
        assertThat(rendered("--set", "crds.install=false").ofKind("CustomResourceDefinition"))
                .isEmpty();
    }

    @Test
    void theDefinitionsAreTheGeneratedOnes() throws IOException {
        var inChart = contents(Project.CHART.resolve("files/crds"));
        var generated = contents(Project.ROOT.resolve("crds/yaml"));
        assertThat(inChart.keySet()).hasSize(4).isEqualTo(generated.keySet());
        assertThat(inChart.keySet())
                .as("copy them: cp crds/yaml/* helm/portcullis/files/crds/")
                .allMatch(name -> Objects.equals(inChart.get(name), generated.get(name)));
    }

    @Test
    void theDashboardIsTheOneInGrafana() throws IOException {
        var mismatch = Files.mismatch(
                Project.CHART.resolve("files/dashboards/operator.json"), Project.GRAFANA.resolve("operator.json"));
        assertThat(mismatch)
                .as("first byte that differs; copy it: cp grafana/operator.json helm/portcullis/files/dashboards/")
                .isEqualTo(-1);
    }

    private static Map<String, String> contents(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            var contents = new TreeMap<String, String>();
            files.forEach(file -> contents.put(file.getFileName().toString(), Project.read(file)));
            return contents;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "operator.replicas=0, /operator/replicas",
        "operator.replicas=two, /operator/replicas",
        "operator.image.pullPolicy=Sometimes, /operator/image/pullPolicy",
        "operator.image.repository=Not An Image, /operator/image/repository",
        "operator.image.tag=a:b, /operator/image/tag",
        "operator.resources.requests.memory=lots, /operator/resources/requests/memory",
        "operator.env[0].value=x, /operator/env/0",
        "operator.logLevel=loud, /operator/logLevel",
        "operator.watchNamespaces[0]=Not_One, /operator/watchNamespaces/0",
        "operator.replcas=2, replcas",
        "dataplane.image.tag=x, dataplane",
        "crds.keep=maybe, /crds/keep",
        "monitoring.podMonitor.interval=often, /monitoring/podMonitor/interval",
        "imageRegistry=http://registry, /imageRegistry",
        "serviceAccount.create=false, /serviceAccount/name",
    })
    void aWrongValueIsRefusedByNameBeforeAnythingIsInstalled(String value, String names) {
        var result = template("--set", value).run();
        assertThat(result.exit()).isNotZero();
        assertThat(result.errors())
                .contains("values don't meet the specifications of the schema")
                .contains(names);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "operator.replicas=3",
                "operator.resources.limits.cpu=1",
                "operator.resources.limits.cpu=1.5",
                "operator.nodeSelector.disk=ssd",
                "operator.watchNamespaces[0]=agents",
                "operator.env[0].name=JDK_JAVA_OPTIONS",
                "imageRegistry=localhost:5000/guards",
                "imagePullSecrets[0].name=pull",
                "rbac.create=false",
                "networkPolicy.enabled=false",
                "monitoring.dashboard.enabled=false"
            })
    void aGoodValueIsTaken(String value) {
        assertThat(rendered("--set", value).ofKind("Deployment")).hasSize(1);
    }

    @Test
    void anAccountOfYourOwnIsUsedAndNotMade() {
        var release = rendered("--set", "serviceAccount.create=false,serviceAccount.name=mine");
        assertThat(release.ofKind("ServiceAccount")).isEmpty();
        assertThat(release.only("Deployment")
                        .at("/spec/template/spec/serviceAccountName")
                        .asText())
                .isEqualTo("mine");
        assertThat(release.only("ClusterRoleBinding").at("/subjects/0/name").asText())
                .isEqualTo("mine");
    }
}
