package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.apiserver.ApiServer;
import dev.portcullis.crd.codec.SpecMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed CRDs on a real kube-apiserver. */
class CrdOnApiServerTest {
    @RegisterExtension
    static final ApiServer API_SERVER = new ApiServer();

    private static void create(ObjectNode object) throws IOException {
        API_SERVER
                .client()
                .resource(SpecMapper.mapper().treeToValue(object, GenericKubernetesResource.class))
                .dryRun()
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .create();
    }

    @ParameterizedTest
    @MethodSource("dev.portcullis.crd.resolve.Examples#good")
    void theApiServerTakesEveryGoodExample(Examples.Good example) throws IOException {
        create(Examples.object(example.kind(), example.spec()));
    }

    @ParameterizedTest
    @MethodSource("dev.portcullis.crd.resolve.Examples#bad")
    void theApiServerRefusesEveryBadExample(Examples.Bad example) {
        var refusal = catchThrowableOfType(
                KubernetesClientException.class, () -> create(Examples.object(example.kind(), example.spec())));

        assertThat(refusal).isNotNull();
        assertThat(refusal.getCode()).isIn(400, 422);
        assertThat(refusal.getMessage()).contains(example.says());
    }

    @Test
    void aNameTooLongForAServiceIsRefusedBothWays() {
        var object = Examples.object("AgentPolicy", SpecMapper.mapper().createObjectNode());
        ((ObjectNode) object.get("metadata")).put("name", "a".repeat(51));
        var resource = new Resource(
                new ResourceId("AgentPolicy", "default", "a".repeat(51)),
                java.util.Map.of(),
                1L,
                SpecMapper.mapper().createObjectNode());

        var refusal = catchThrowableOfType(KubernetesClientException.class, () -> create(object));

        assertThat(refusal).hasMessageContaining("the name must be at most 50 lower-case letters");
        assertThat(Resolver.resolve(new ResourceSet(List.of(resource), java.util.Set.of(), "default"))
                        .problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.message()).contains("the name must be at most 50 lower-case letters"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agentpolicy.spec.dlp",
                "agentpolicy.status.conditions",
                "killswitch.spec",
                "flowdetector.spec.thresholds",
                "mitigationpolicy.spec.bgp.neighbors"
            })
    void kubectlExplainReadsLikeDocumentation(String field, @TempDir Path folder) throws Exception {
        var text = kubectl(folder, "explain", field);

        assertThat(text).contains("DESCRIPTION:").doesNotContain("<empty>").doesNotContain("<no description>");
    }

    @Test
    void kubectlGetHasTheColumns(@TempDir Path folder) throws Exception {
        var client = API_SERVER.client();
        for (var kind : Examples.KINDS) {
            var spec = Examples.good()
                    .filter(example -> example.kind().equals(kind))
                    .findFirst()
                    .orElseThrow()
                    .spec();
            var object = Examples.object(kind, spec);
            ((ObjectNode) object.get("metadata")).put("name", "shown");
            client.resource(SpecMapper.mapper().treeToValue(object, GenericKubernetesResource.class))
                    .create();
        }
        assertThat(columns(folder, "ap"))
                .containsExactly("NAME", "MODE", "READY", "PODS", "UP-TO-DATE", "KILL-SWITCH", "AGE");
        assertThat(columns(folder, "ks")).containsExactly("NAME", "ENGAGED", "ENFORCED", "PODS", "REASON", "AGE");
        assertThat(columns(folder, "fd")).containsExactly("NAME", "READY", "NODES", "ATTACKS", "MITIGATION", "AGE");
        assertThat(columns(folder, "mp")).containsExactly("NAME", "DRY-RUN", "PEERS", "BANS", "RULES", "AGE");
        assertThat(kubectl(folder, "get", "ap")).contains("Balanced");
    }

    private static String[] columns(Path folder, String kind) throws IOException, InterruptedException {
        return kubectl(folder, "get", kind).lines().findFirst().orElseThrow().split(" +");
    }

    private static String kubectl(Path folder, String... arguments) throws IOException, InterruptedException {
        var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), API_SERVER.kubeconfig());
        var command = new java.util.ArrayList<>(List.of(
                API_SERVER.kubectl().toString(),
                "--kubeconfig",
                kubeconfig.toString(),
                "--cache-dir",
                folder.toString()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}
