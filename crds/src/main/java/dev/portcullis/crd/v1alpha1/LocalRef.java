package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A resource of a known kind in the same namespace. */
public record LocalRef(
        @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Name of the resource, in the same namespace.")
        String name) {}
