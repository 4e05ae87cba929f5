package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One node of a CRD's OpenAPI v3 schema, the parts that the four kinds use. Immutable.
 *
 * @param type JSON type; {@link Type#QUANTITY} stands for {@code x-kubernetes-int-or-string}
 * @param additional schema of a map's values, null where the fields are fixed
 * @param itemKey the field that tells the items of a {@link Uniqueness#MAP} apart, else empty
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
        Uniqueness uniqueness,
        String itemKey,
        List<Rule> rules) {

    /** What a list may not hold twice: {@code x-kubernetes-list-type}. */
    enum Uniqueness {
        ATOMIC,
        SET,
        MAP
    }

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

    /** A CEL rule of {@code x-kubernetes-validations}. Thread-safe; compiled when it is first held against something. */
    static final class Rule {
        private final String expression;
        private final String message;
        private final String fieldPath;
        private final String reason;
        private volatile CelRuntime.@Nullable Program program;

        private Rule(String expression, String message, String fieldPath, String reason) {
            this.expression = expression;
            this.message = message;
            this.fieldPath = fieldPath;
            this.reason = reason;
        }

        static Rule of(JsonNode node) {
            return new Rule(
                    node.path("rule").asText(),
                    node.path("message").asText(),
                    node.path("fieldPath").asText(),
                    node.path("reason").asText());
        }

        String expression() {
            return expression;
        }

        /** The rule, ready to be evaluated. @throws IllegalArgumentException when it is no CEL */
        CelRuntime.Program program() {
            var compiled = program;
            if (compiled == null) {
                compiled = CelRules.compile(expression);
                program = compiled;
            }
            return compiled;
        }

        String message() {
            return message;
        }

        /** What the rule blames, from its own place: empty or {@code .field}. */
        String fieldPath() {
            return fieldPath;
        }

        /** The reason of a problem that this rule finds in a value of {@code schema}. */
        ProblemReason problem(Schema schema) {
            if (reason.equals("FieldValueRequired")) {
                return ProblemReason.MissingField;
            }
            return schema.type() == Type.OBJECT ? ProblemReason.InvalidCombination : ProblemReason.InvalidValue;
        }
    }

    /** Reads the schema that {@code node} holds. */
    static Schema of(JsonNode node) {
        var properties = new LinkedHashMap<String, Schema>();
        node.path("properties").properties().forEach(field -> properties.put(field.getKey(), of(field.getValue())));
        var required = new LinkedHashSet<String>();
        node.path("required").forEach(name -> required.add(name.asText()));
        var values = new ArrayList<String>();
        node.path("enum").forEach(value -> values.add(value.asText()));
        var rules = new ArrayList<Rule>();
        node.path("x-kubernetes-validations").forEach(rule -> rules.add(Rule.of(rule)));
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
                size(node, array ? "maxItems" : type == Type.OBJECT ? "maxProperties" : "maxLength"),
                Uniqueness.valueOf(
                        node.path("x-kubernetes-list-type").asText("atomic").toUpperCase(Locale.ROOT)),
                node.path("x-kubernetes-list-map-keys").path(0).asText(),
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
        return Type.valueOf(node.path("type").asText().toUpperCase(Locale.ROOT));
    }

    private static @Nullable Long number(JsonNode node, String field) {
        return node.has(field) ? node.get(field).longValue() : null;
    }

    private static @Nullable Integer size(JsonNode node, String field) {
        return node.has(field) ? node.get(field).intValue() : null;
    }
}
