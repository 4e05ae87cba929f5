package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperatorSettingsTest {
    @Test
    void theTwoRequiredVariablesAreEnough() {
        var settings = OperatorSettings.of(
                Map.of("DATA_PLANE_IMAGE", "portcullis:1", "OPERATOR_NAMESPACE", "portcullis", "HOSTNAME", "pod-1"));

        assertThat(settings)
                .isEqualTo(new OperatorSettings(
                        "portcullis:1", "portcullis", "pod-1", java.util.Set.of(), true, 8080, 8081));
    }

    @Test
    void theOperatorsOwnNamespaceIsAlwaysWatched() {
        var settings = OperatorSettings.of(Map.of(
                "DATA_PLANE_IMAGE",
                "i",
                "OPERATOR_NAMESPACE",
                "portcullis",
                "WATCH_NAMESPACES",
                " a, b ,",
                "LEADER_ELECTION",
                "false"));

        assertThat(settings.watchNamespaces()).containsExactlyInAnyOrder("a", "b", "portcullis");
        assertThat(settings.leaderElection()).isFalse();
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OperatorSettings.of(
                        Map.of("LEADER_ELECTION", "yes", "METRICS_PORT", "x", "HEALTH_PORT", "70000")))
                .withMessageContaining("DATA_PLANE_IMAGE is not set")
                .withMessageContaining("OPERATOR_NAMESPACE is not set")
                .withMessageContaining("LEADER_ELECTION is 'yes': write true or false")
                .withMessageContaining("METRICS_PORT is 'x'")
                .withMessageContaining("HEALTH_PORT is '70000'");
    }

    @Test
    void everyVariableIsInTheTable() throws IOException {
        var source = Files.readString(Path.of(
                System.getProperty("project.root"),
                "operator/src/main/java/dev/portcullis/operator/OperatorSettings.java"));

        assertThat(OperatorSettings.VARIABLES)
                .allSatisfy(variable -> assertThat(source).contains("<tr><td>" + variable + "</td>"));
    }
}
