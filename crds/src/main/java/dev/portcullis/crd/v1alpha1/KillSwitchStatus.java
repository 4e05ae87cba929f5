package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a kill switch has reached. Conditions: Accepted, Enforced. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KillSwitchStatus(
        @Nullable @JsonPropertyDescription("Generation of the spec this status speaks of.")
        Long observedGeneration,

        @Nullable @JsonPropertyDescription("Accepted, Enforced.")
        List<Condition> conditions,

        @Nullable @JsonPropertyDescription("When it was engaged; unset while it is not.")
        String engagedAt,

        @Nullable @JsonPropertyDescription("AgentPolicies it selects.")
        Integer policiesMatched,

        @Nullable @JsonPropertyDescription("Pods of those policies, and how many of them run this switch's revision.")
        Pods pods,

        @Nullable
        @JsonPropertyDescription("Milliseconds from the operator seeing the change to the last pod's acknowledgement.")
        Long acknowledgedAfterMillis) {

    /** Acknowledgement of the pods. */
    public record Pods(
            @JsonPropertyDescription("Pods of the selected policies.")
            int total,

            @JsonPropertyDescription("Pods that run this switch's revision.")
            int acknowledged,

            @JsonPropertyDescription("PODS as shown by kubectl get, acknowledged/total.")
            String summary) {}
}
