package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.LabelSelector;

/** Stops every selected AgentPolicy from letting anything through. */
public record KillSwitchSpec(
        @Required
        @JsonPropertyDescription("true refuses every request of the selected policies until it is false again.")
        boolean engaged,

        @Default("")
        @Size(max = 512)
        @JsonPropertyDescription(
                "Why, in words: told to refused clients, in events and in the audit log. At most 512 characters.")
        String reason,

        @Default("{}")
        @JsonPropertyDescription("The AgentPolicies it stops, by their labels. Empty: every AgentPolicy in scope.")
        LabelSelector policySelector,

        @Default("Namespace")
        @JsonPropertyDescription(
                "Namespace: policies beside this resource. Cluster: policies everywhere, honoured only in the operator's own namespace. Default Namespace.")
        Scope scope,

        @Default("Immediate")
        @JsonPropertyDescription(
                "Immediate cuts open tunnels and streams at once; AfterCurrent lets those already open finish. Default Immediate.")
        Drain drain) {

    /** How far a kill switch reaches. */
    public enum Scope {
        Namespace,
        Cluster
    }

    /** What happens to connections that are open when the switch is engaged. */
    public enum Drain {
        Immediate,
        AfterCurrent
    }
}
