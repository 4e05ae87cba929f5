package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One resource as a user wrote it: the untyped spec, so that unknown fields and wrong types are still there to be named.
 *
 * @param generation {@code metadata.generation}, or null where there is none (files)
 */
public record Resource(
        ResourceId id, Map<String, String> labels, @Nullable Long generation, JsonNode spec) {
    public Resource {
        labels = Map.copyOf(labels);
    }
}
