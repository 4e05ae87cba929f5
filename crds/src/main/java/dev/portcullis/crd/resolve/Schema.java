package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One node of a CRD's OpenAPI v3 schema, the parts that the four kinds use. Immutable.
 *
 * @param type JSON type; {@link Type#QUANTITY} stands for {@code x-kubernetes-int-or-string}
 * @param additional schema of a map's values, null where the fields are fixed
 * @param pattern unanchored, as the API server applies it
 */
record Schema(
        Type type,
        Map<String, Schema> properties,
        @Nullable Schema additional,
        @Nullable Schema items,
        Set<String> required,
        @Nullable JsonNode defaultValue,
        @Nullable JsonNode example,
        List<String> values,
        @Nullable Pattern pattern,
        @Nullable Long minimum,
        @Nullable Long maximum,
        @Nullable Integer minSize,
        @Nullable Integer maxSize,
        List<Rule> rules) {

    /** A JSON type. */
    enum Type {
        OBJECT("a group of fields"),
        ARRAY("a list"),
        STRING("text"),
        INTEGER("a whole number"),
        BOOLEAN("true or false"),
        QUANTITY("a quantity");

        final String phrase;

        Type(String phrase) {
            this.phrase = phrase;
        }
    }

    /** A CEL rule of {@code x-kubernetes-validations}. */
    record Rule(String expression, String message) {}

    /** Reads the schema that {@code node} holds. */
    static Schema of(JsonNode node) {
        var properties = new LinkedHashMap<String, Schema>();
        node.path("properties").properties().forEach(field -> properties.put(field.getKey(), of(field.getValue())));
        var required = new LinkedHashSet<String>();
        node.path("required").forEach(name -> required.add(name.asText()));
        var values = new ArrayList<String>();
        node.path("enum").forEach(value -> values.add(value.asText()));
        var rules = new ArrayList<Rule>();
        node.path("x-kubernetes-validations")
                .forEach(rule -> rules.add(new Rule(
                        rule.path("rule").asText(), rule.path("message").asText())));
        var type = typeOf(node);
        var array = type == Type.ARRAY;
        return new Schema(
                type,
                Map.copyOf(properties),
                node.path("additionalProperties").isObject() ? of(node.get("additionalProperties")) : null,
                node.has("items") ? of(node.get("items")) : null,
                required,
                node.get("default"),
                node.get("example"),
                List.copyOf(values),
                node.has("pattern") ? Pattern.compile(node.get("pattern").asText()) : null,
                number(node, "minimum"),
                number(node, "maximum"),
                size(node, array ? "minItems" : "minLength"),
                size(node, array ? "maxItems" : "maxLength"),
                List.copyOf(rules));
    }

    /** Whether an absent group means all its defaults: it requires nothing and has a default somewhere inside. */
    boolean fillsItself() {
        return type == Type.OBJECT
                && required.isEmpty()
                && properties.values().stream().anyMatch(field -> field.defaultValue != null || field.fillsItself());
    }

    private static Type typeOf(JsonNode node) {
        if (node.path("x-kubernetes-int-or-string").asBoolean()) {
            return Type.QUANTITY;
        }
        return Type.valueOf(node.path("type").asText().toUpperCase(java.util.Locale.ROOT));
    }

    private static @Nullable Long number(JsonNode node, String field) {
        return node.has(field) ? node.get(field).longValue() : null;
    }

    private static @Nullable Integer size(JsonNode node, String field) {
        return node.has(field) ? node.get(field).intValue() : null;
    }
}
