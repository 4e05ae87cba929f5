package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a MitigationPolicy does at present. Conditions: Accepted, Ready, DryRun, PeersEstablished. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MitigationPolicyStatus(
        @Nullable @JsonPropertyDescription("Generation of the spec this status speaks of.")
        Long observedGeneration,

        @Nullable @JsonPropertyDescription("Accepted, Ready, DryRun, PeersEstablished.")
        List<Condition> conditions,

        @Nullable @JsonPropertyDescription("FlowDetectors that refer to it.")
        List<String> detectors,

        @Nullable @JsonPropertyDescription("Bans of all detectors.")
        Bans bans,

        @Nullable @JsonPropertyDescription("Routes and rules announced, dry-run ones not counted.")
        Integer announcedRoutes,

        @Nullable @JsonPropertyDescription("PEERS as shown by kubectl get, established/configured.")
        String peersSummary,

        @Nullable @JsonPropertyDescription("BGP neighbours.")
        List<Peer> peers) {

    /** Counts of bans. */
    public record Bans(
            @JsonPropertyDescription("Bans in force, dry-run ones counted.")
            int active,

            @JsonPropertyDescription("Bans refused by a safety rule since the pods started.")
            long rejected,

            @JsonPropertyDescription("FlowSpec rules of the bans in force.")
            int rules) {}

    /** One neighbour. */
    public record Peer(
            @JsonPropertyDescription("Name of the neighbour.")
            String name,

            @JsonPropertyDescription("Address of the neighbour.")
            String address,

            @JsonPropertyDescription("State of the session (RFC 4271 section 8).")
            String state,

            @Nullable @JsonPropertyDescription("Since when, RFC 3339.")
            String since,

            @JsonPropertyDescription("Routes and rules announced to it.")
            int prefixes) {}
}
