package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A pod that refused the current configuration and runs its last good one. */
public record RejectedPod(
        @JsonPropertyDescription("Name of the pod.") String pod,

        @JsonPropertyDescription("Node of the pod.") String node,

        @JsonPropertyDescription("What the pod said.") String message) {}
