package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a Secret in the resource's own namespace. The value itself never enters a ConfigMap, a log or a status. */
public record SecretKeyRef(
        @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription("Name of the Secret, in the namespace of this resource.")
        String name,

        @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Key inside the Secret.")
        String key) {}
