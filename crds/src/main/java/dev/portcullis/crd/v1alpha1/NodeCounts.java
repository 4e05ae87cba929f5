package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** How far the pods of a DaemonSet are. */
public record NodeCounts(
        @JsonPropertyDescription("Nodes that should run a pod.")
        int desired,

        @JsonPropertyDescription("Nodes whose pod is ready.")
        int ready,

        @JsonPropertyDescription("Ready pods that run the current configuration.")
        int upToDate,

        @JsonPropertyDescription("PODS or NODES as shown by kubectl get, ready/desired.")
        String summary) {}
