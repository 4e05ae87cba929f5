package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an AgentPolicy has come to. Conditions: Accepted, Ready, Progressing, KillSwitchEngaged. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentPolicyStatus(
        @Nullable @JsonPropertyDescription("Generation of the spec this status speaks of.")
        Long observedGeneration,

        @Nullable @JsonPropertyDescription("Accepted, Ready, Progressing, KillSwitchEngaged.")
        List<Condition> conditions,

        @Nullable @JsonPropertyDescription("Revision of the resolved configuration the pods should run.")
        String configHash,

        @Nullable @JsonPropertyDescription("How far the proxy pods are.")
        NodeCounts nodes,

        @Nullable @JsonPropertyDescription("host:port to put in HTTP_PROXY and HTTPS_PROXY.")
        String endpoint,

        @Nullable @JsonPropertyDescription("Pods that refused the configuration, ten at most.")
        List<RejectedPod> rejectedPods) {}
