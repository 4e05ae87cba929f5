package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a FlowDetector sees. Conditions: Accepted, Ready, Progressing, AttackInProgress, ExportersRestricted. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FlowDetectorStatus(
        @Nullable @JsonPropertyDescription("Generation of the spec this status speaks of.")
        Long observedGeneration,

        @Nullable @JsonPropertyDescription("Accepted, Ready, Progressing, AttackInProgress, ExportersRestricted.")
        List<Condition> conditions,

        @Nullable @JsonPropertyDescription("Revision of the resolved configuration the pods should run.")
        String configHash,

        @Nullable @JsonPropertyDescription("How far the collector pods are.")
        NodeCounts nodes,

        @Nullable @JsonPropertyDescription("Attacks in progress.")
        Attacks activeAttacks,

        @Nullable @JsonPropertyDescription("Exporters heard in the last minute.")
        Integer exportersSeen,

        @Nullable @JsonPropertyDescription("MITIGATION as shown by kubectl get: None, DryRun or Live.")
        String mitigation,

        @Nullable @JsonPropertyDescription("Pods that refused the configuration, ten at most.")
        List<RejectedPod> rejectedPods) {

    /** Attacks in progress. */
    public record Attacks(
            @JsonPropertyDescription("How many.") int count,

            @JsonPropertyDescription("The ten largest.") List<AttackSummary> largest) {}

    /** One attack. */
    public record AttackSummary(
            @JsonPropertyDescription("The victim's address.")
            String target,

            @JsonPropertyDescription("Kind of attack, for example udp_flood.")
            String vector,

            @JsonPropertyDescription("incoming or outgoing.")
            String direction,

            @JsonPropertyDescription("Packets a second.") long pps,

            @JsonPropertyDescription("Bits a second.") long bps,

            @JsonPropertyDescription("Start, RFC 3339.") String since,

            @JsonPropertyDescription("What is done about it.")
            String mitigation) {}
}
