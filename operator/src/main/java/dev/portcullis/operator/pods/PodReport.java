package dev.portcullis.operator.pods;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pod says on {@code /status}. Fields this version does not know are ignored, missing ones are empty: pods may be
 * older or newer than the operator.
 *
 * @param revision of the configuration in force, or null before the first
 * @param problems why the newest configuration was refused, else empty
 * @param flow what a collector adds: activeAttacks, exporters, bans, peers
 */
public record PodReport(
        @Nullable String revision,
        List<String> problems,
        List<SwitchState> killSwitches,
        boolean ready,
        FlowReport flow) {
    /** A KillSwitch resource as the pod has it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SwitchState(
            @JsonProperty("namespace") String namespace,
            @JsonProperty("name") String name,
            @JsonProperty("revision") String revision,
            @JsonProperty("engaged") boolean engaged) {}

    /** Reads the document of {@code /status}. */
    static PodReport of(JsonNode status) {
        var revision = status.path("revision");
        return new PodReport(
                revision.isTextual() ? revision.asText() : null,
                status.path("problems").valueStream().map(JsonNode::asText).toList(),
                status.path("killSwitches")
                        .valueStream()
                        .map(item -> new SwitchState(
                                item.path("namespace").asText(),
                                item.path("name").asText(),
                                item.path("revision").asText(),
                                item.path("engaged").asBoolean()))
                        .toList(),
                status.path("ready").asBoolean(),
                FlowReport.of(status));
    }

    /** A pod that said nothing. */
    public static PodReport silent() {
        return of(MissingNode.getInstance());
    }
}
