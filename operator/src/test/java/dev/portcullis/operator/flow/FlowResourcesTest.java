package dev.portcullis.operator.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.ResolverInput;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlowResourcesTest {
    /** Another collector than the image's would make its AOT cache useless. */
    @Test
    void theDetectorsJvmHasASmallYoungGenerationAndTheImagesCollector() throws IOException {
        var environment = daemonSet()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv();

        assertThat(environment)
                .filteredOn(variable -> variable.getName().equals("JDK_JAVA_OPTIONS"))
                .extracting(EnvVar::getValue)
                .singleElement()
                .asString()
                .contains("-XX:MaxNewSize=4m", "-XX:MetaspaceSize=64m", "-XX:InitialRAMPercentage=25")
                .doesNotContainPattern("-XX:[+-]Use\\w+GC");
    }

    private static DaemonSet daemonSet() throws IOException {
        var detector = new FlowDetectorResource();
        detector.setMetadata(new ObjectMetaBuilder()
                .withNamespace("flows")
                .withName("edge")
                .withUid("uid-1")
                .withGeneration(1L)
                .build());
        detector.setSpec(
                new ObjectMapper()
                        .readTree(
                                "{\"networks\": [\"203.0.113.0/24\"], \"thresholds\": {\"packetsPerSecond\": \"80k\"}, \"api\": {\"allowUnauthenticated\": true}}"));
        var resolution = Resolver.resolve(new ResourceSet(List.of(ResolverInput.of(detector)), Set.of(), "operator"));
        assertThat(resolution.problems()).isEmpty();
        var config = Objects.requireNonNull(resolution.flows().get(ResolverInput.id(detector)));
        return new FlowResources(detector, config.spec(), "portcullis:1")
                .all().stream()
                        .filter(DaemonSet.class::isInstance)
                        .map(DaemonSet.class::cast)
                        .findFirst()
                        .orElseThrow();
    }
}
