package dev.portcullis.crd.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** What tells items of a list apart, and bounds for whatever has none, without which CEL rules cost too much. */
final class Lists {
    private static final int MAX_ITEMS = 256;
    private static final int MAX_PROPERTIES = 64;
    private static final int MAX_LENGTH = 253;

    private static final Map<String, Map<String, String>> KEYS = Map.of(
            "AgentPolicy",
                    Map.of(
                            "/dlp/patterns",
                            "name",
                            "/dlp/classes",
                            "name",
                            "/injection/classes",
                            "name",
                            "/dlp/canaries",
                            "name",
                            "/reverseProxies",
                            "name"),
            "FlowDetector", Map.of("/hostGroups", "name", "/exporters/overrides", "address", "/api/tokens", "name"),
            "MitigationPolicy", Map.of("/bgp/neighbors", "name"),
            "KillSwitch", Map.of());

    private static final Map<String, List<String>> SETS = Map.of(
            "AgentPolicy",
            List.of(
                    "/addresses/chains",
                    "/connect/ports",
                    "/dlp/disabledClasses",
                    "/dlp/headers/names",
                    "/dlp/redact/classes",
                    "/injection/disabledClasses",
                    "/media/images",
                    "/fileSentry/paths",
                    "/scanApi/kinds"),
            "FlowDetector",
            List.of(),
            "MitigationPolicy",
            List.of("/bgp/neighbors[]/families", "/blackhole/communities"),
            "KillSwitch",
            List.of());

    private Lists() {}

    /** Lists that server-side apply merges by item, and that hold each item once. */
    static void key(ObjectNode spec, String kind) {
        KEYS.get(kind).forEach((path, key) -> {
            at(spec, path)
                    .put("x-kubernetes-list-type", "map")
                    .putArray("x-kubernetes-list-map-keys")
                    .add(key);
        });
        SETS.get(kind).forEach(path -> at(spec, path).put("x-kubernetes-list-type", "set"));
    }

    private static ObjectNode at(ObjectNode spec, String path) {
        return (ObjectNode) spec.at(path.replace("[]", "/items").replaceAll("/(?!items)", "/properties/"));
    }

    static void bound(ObjectNode schema) {
        var type = schema.path("type").asText();
        if (type.equals("array") && !schema.has("maxItems")) {
            schema.put("maxItems", MAX_ITEMS);
        } else if (schema.has("additionalProperties") && !schema.has("maxProperties")) {
            schema.put("maxProperties", MAX_PROPERTIES);
        } else if ((type.equals("string") && !schema.has("enum") || schema.has("x-kubernetes-int-or-string"))
                && !schema.has("maxLength")) {
            schema.put("maxLength", schema.has("x-kubernetes-int-or-string") ? 32 : MAX_LENGTH);
        }
    }
}
