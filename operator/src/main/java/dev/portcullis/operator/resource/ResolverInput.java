package dev.portcullis.operator.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.Map;

/** Resources of the API server as the Resolver takes them. */
public final class ResolverInput {
    private ResolverInput() {}

    /** {@code object} with its own spec. */
    public static Resource of(CustomResource<JsonNode, ?> object) {
        var spec = object.getSpec();
        return of(object, spec == null ? JsonNodeFactory.instance.objectNode() : spec);
    }

    /** {@code object} with {@code spec} in place of its own. */
    public static Resource of(CustomResource<JsonNode, ?> object, JsonNode spec) {
        var labels = object.getMetadata().getLabels();
        return new Resource(
                id(object),
                labels == null ? Map.of() : labels,
                object.getMetadata().getGeneration(),
                spec);
    }

    /** Kind, namespace and name of {@code object}. */
    public static ResourceId id(CustomResource<?, ?> object) {
        return new ResourceId(
                object.getKind(),
                object.getMetadata().getNamespace(),
                object.getMetadata().getName());
    }
}
