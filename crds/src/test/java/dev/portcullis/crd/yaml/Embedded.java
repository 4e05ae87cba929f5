package dev.portcullis.crd.yaml;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** Kubernetes' own types inside ours: the generator knows their fields, but not what they mean or allow. */
final class Embedded {
    private static final Map<String, String> CONDITION = Map.of(
            "lastTransitionTime", "When status last changed, RFC 3339.",
            "message", "What this means and what to do about it, for people.",
            "observedGeneration", "Generation of the spec this condition speaks of.",
            "reason", "Why, in one word, for programs.",
            "status", "True, False or Unknown.",
            "type", "Name of the condition.");
    private static final Map<String, String> SELECTOR = Map.of(
            "matchExpressions", "Label conditions, all of which must hold.",
            "matchLabels", "Labels and the values they must have.");
    private static final Map<String, String> EXPRESSION = Map.of(
            "key", "The label.",
            "operator", "In, NotIn, Exists or DoesNotExist.",
            "values", "Values for In and NotIn; none for Exists and DoesNotExist.");
    private static final Map<String, String> RESOURCES = Map.of(
            "limits", "Most of each resource a pod may use, for example memory: 512Mi.",
            "requests", "What of each resource is kept free for a pod, for example cpu: 100m.");
    private static final Map<String, String> TOLERATION = Map.of(
            "effect", "NoSchedule, PreferNoSchedule or NoExecute; unset: every effect.",
            "key", "Taint that is tolerated; unset with operator Exists: every taint.",
            "operator", "Exists, or Equal to compare value. Default Equal.",
            "tolerationSeconds", "Seconds a NoExecute taint is tolerated; unset: for ever.",
            "value", "Value of the taint for Equal.");

    private Embedded() {}

    static void mend(ObjectNode schema, String path) {
        if (!(schema.path("properties") instanceof ObjectNode fields)) {
            return;
        }
        if (path.endsWith("conditions[]")) {
            describe(fields, CONDITION);
        } else if (fields.has("matchLabels")) {
            describe(fields, SELECTOR);
            bound(fields.get("matchExpressions"), "maxItems", 64);
            bound(fields.get("matchLabels"), "maxProperties", 64);
        } else if (path.endsWith("matchExpressions[]")) {
            describe(fields, EXPRESSION);
            enumeration(fields, "operator", List.of("In", "NotIn", "Exists", "DoesNotExist"));
            schema.putArray("required").add("key").add("operator");
            bound(fields.get("values"), "maxItems", 64);
        } else if (path.endsWith("template.resources")) {
            // Claims name devices of the pod, which no field of template can declare.
            fields.remove("claims");
            describe(fields, RESOURCES);
        } else if (path.endsWith("tolerations[]")) {
            describe(fields, TOLERATION);
            enumeration(fields, "operator", List.of("Exists", "Equal"));
            enumeration(fields, "effect", List.of("NoSchedule", "PreferNoSchedule", "NoExecute"));
        }
    }

    private static void describe(ObjectNode fields, Map<String, String> texts) {
        texts.forEach((name, text) -> ((ObjectNode) fields.get(name)).put("description", text));
    }

    private static void bound(com.fasterxml.jackson.databind.JsonNode schema, String bound, int value) {
        ((ObjectNode) schema).put(bound, value);
    }

    private static void enumeration(ObjectNode fields, String name, List<String> values) {
        ArrayNode list = ((ObjectNode) fields.get(name)).putArray("enum");
        values.forEach(list::add);
    }
}
