package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.codec.JsonPath;
import java.math.BigInteger;
import java.util.HashMap;

/**
 * Holds a spec against its schema: unknown and missing fields, types, enums, patterns, ranges and sizes. A value that has
 * a problem already is not held against its pattern.
 */
final class SchemaCheck {
    private static final int SHOWN = 60;

    private final Problems problems;

    SchemaCheck(Problems problems) {
        this.problems = problems;
    }

    void check(JsonNode node, Schema schema, String path) {
        if (!hasType(node, schema)) {
            problems.add(
                    path,
                    ProblemReason.InvalidValue,
                    "expected " + schema.type().phrase + " such as " + Example.of(schema) + ", found "
                            + described(node));
            return;
        }
        switch (schema.type()) {
            case OBJECT -> object(node, schema, path);
            case ARRAY -> array(node, schema, path);
            case INTEGER -> integer(node, schema, path);
            case STRING, QUANTITY -> text(node, schema, path);
            case BOOLEAN -> {}
        }
    }

    private static boolean hasType(JsonNode node, Schema schema) {
        return switch (schema.type()) {
            case OBJECT -> node.isObject();
            case ARRAY -> node.isArray();
            case STRING -> node.isTextual();
            case INTEGER -> node.isIntegralNumber();
            case BOOLEAN -> node.isBoolean();
            case QUANTITY -> node.isTextual() || node.isIntegralNumber();
        };
    }

    private void object(JsonNode node, Schema schema, String path) {
        size(node.size(), schema, path, "entries");
        node.properties().forEach(field -> {
            var name = field.getKey();
            var at = JsonPath.child(path, name);
            var known = schema.properties().get(name);
            if (known == null) {
                known = schema.additional();
            }
            if (known == null) {
                problems.add(at, ProblemReason.UnknownField, unknown(name, schema));
            } else if (!field.getValue().isNull()) {
                check(field.getValue(), known, at);
            }
        });
        for (var name : schema.required()) {
            if (node.path(name).isMissingNode() || node.path(name).isNull()) {
                var field = schema.properties().get(name);
                problems.add(
                        JsonPath.child(path, name),
                        ProblemReason.MissingField,
                        "is required: write " + name + ": " + (field == null ? "…" : Example.of(field)));
            }
        }
    }

    private static String unknown(String name, Schema schema) {
        var nearest = Nearest.to(name, schema.properties().keySet());
        var known = schema.properties().keySet().stream().sorted().toList();
        return "unknown field '" + shortened(name) + "'; "
                + (nearest != null ? "did you mean '" + nearest + "'?" : "known here: " + String.join(", ", known));
    }

    private void array(JsonNode node, Schema schema, String path) {
        size(node.size(), schema, path, "items");
        var items = schema.items();
        if (items != null) {
            var end = schema.maxSize() == null ? node.size() : Math.min(node.size(), schema.maxSize());
            for (var i = 0; i < end; i++) {
                check(node.path(i), items, JsonPath.item(path, i));
            }
        }
        once(node, schema, path);
    }

    private void once(JsonNode list, Schema schema, String path) {
        var first = new HashMap<JsonNode, Integer>();
        for (var i = 0; schema.uniqueness() != Schema.Uniqueness.ATOMIC && i < list.size(); i++) {
            var key = schema.uniqueness() == Schema.Uniqueness.SET
                    ? list.path(i)
                    : list.path(i).path(schema.itemKey());
            var before = key.isMissingNode() ? null : first.putIfAbsent(key, i);
            if (before != null) {
                problems.add(
                        schema.itemKey().isEmpty()
                                ? JsonPath.item(path, i)
                                : JsonPath.child(JsonPath.item(path, i), schema.itemKey()),
                        ProblemReason.InvalidCombination,
                        "'" + shortened(key.asText()) + "' is at " + JsonPath.item(path, before)
                                + " already: each may be there once");
            }
        }
    }

    private void integer(JsonNode node, Schema schema, String path) {
        var min = schema.minimum();
        var max = schema.maximum();
        var value = node.bigIntegerValue();
        if ((min != null && value.compareTo(BigInteger.valueOf(min)) < 0)
                || (max != null && value.compareTo(BigInteger.valueOf(max)) > 0)
                || value.bitLength() > 63) {
            problems.add(
                    path,
                    ProblemReason.InvalidValue,
                    shortened(value.toString()) + " is out of range: write a number "
                            + (max == null
                                    ? "of " + min + " or more"
                                    : "from " + (min == null ? 0 : min) + " to " + max));
        }
    }

    private void text(JsonNode node, Schema schema, String path) {
        if (!node.isTextual()) {
            if (node.bigIntegerValue().signum() < 0) {
                problems.add(path, ProblemReason.InvalidValue, "a quantity is never negative: write 0 or more");
            }
            return;
        }
        var text = node.textValue();
        if (!schema.values().isEmpty()) {
            if (!schema.values().contains(text)) {
                var nearest = Nearest.to(text, schema.values());
                problems.add(
                        path,
                        ProblemReason.InvalidValue,
                        "'" + shortened(text) + "' is not one of " + String.join(", ", schema.values())
                                + (nearest != null ? "; did you mean " + nearest + "?" : ""));
            }
            return;
        }
        size(text.codePointCount(0, text.length()), schema, path, "characters");
        if (schema.maxSize() != null && text.length() > schema.maxSize()) {
            return;
        }
        if (schema.pattern() != null
                && !problems.at(path)
                && !schema.pattern().matcher(text).find()) {
            problems.add(
                    path,
                    ProblemReason.InvalidValue,
                    "'" + shortened(text) + "' "
                            + (schema.type() == Schema.Type.QUANTITY
                                    ? "is not a quantity: write a number and, with no space between, a unit: k, M, G (powers of 1000) or Ki, Mi, Gi (powers of 1024), such as "
                                    : "is not valid here: write a value such as ")
                            + Example.of(schema));
        }
    }

    private void size(int size, Schema schema, String path, String unit) {
        var min = schema.minSize();
        var max = schema.maxSize();
        if ((min != null && size < min) || (max != null && size > max)) {
            problems.add(
                    path,
                    ProblemReason.InvalidValue,
                    "has " + size + " " + unit + ": write "
                            + (min == null || min == 0
                                    ? "at most " + max
                                    : "from " + min + (max == null ? " up" : " to " + max))
                            + " " + unit);
        }
    }

    /** What {@code node} is, in words; its value where that is short and plain. */
    static String described(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "a group of fields";
            case ARRAY -> "a list";
            case STRING -> "the text '" + shortened(node.textValue()) + "'";
            case NUMBER -> "the number " + shortened(node.asText());
            case BOOLEAN ->
                node.asText()
                        + " (YAML reads unquoted yes, no, on, off, true and false as a boolean: quote it if text is meant)";
            case NULL -> "nothing";
            default -> "something else";
        };
    }

    static String shortened(String text) {
        var line = text.codePoints()
                .limit(SHOWN + 1L)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
        return line.codePointCount(0, line.length()) > SHOWN
                ? line.substring(0, line.offsetByCodePoints(0, SHOWN)) + "…"
                : line.toString();
    }
}
