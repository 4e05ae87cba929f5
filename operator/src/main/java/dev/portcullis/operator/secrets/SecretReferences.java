package dev.portcullis.operator.secrets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.util.HashSet;
import java.util.Set;

/** The Secrets that an untyped spec refers to, by the shape of its fields: {@code …ecretRef: {name, key}}. */
public final class SecretReferences {
    private SecretReferences() {}

    /** The keys that {@code spec}, of a resource in {@code namespace}, refers to. */
    public static Set<SecretKey> in(JsonNode spec, String namespace) {
        var keys = new HashSet<SecretKey>();
        collect(spec, namespace, keys);
        return keys;
    }

    private static void collect(JsonNode node, String namespace, Set<SecretKey> keys) {
        if (node.isObject()) {
            for (var field : node.properties()) {
                var value = field.getValue();
                if (isReference(field.getKey()) && value.path("name").isTextual()) {
                    keys.add(new SecretKey(
                            namespace,
                            value.path("name").asText(),
                            value.path("key").asText("")));
                }
                collect(value, namespace, keys);
            }
        } else if (node.isArray()) {
            node.forEach(item -> collect(item, namespace, keys));
        }
    }

    private static boolean isReference(String field) {
        return field.endsWith("ecretRef") || field.endsWith("ecretKeyRef");
    }
}
