package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Fills what a user left out. Works in place, on a tree that passed {@link SchemaCheck}. */
final class Defaults {
    private Defaults() {}

    /**
     * What the API server does on its own: nulls go, and defaults enter the groups that are there. Rules across fields are
     * judged on this form.
     */
    static void fillFields(JsonNode node, Schema schema) {
        if (node instanceof ObjectNode object) {
            object.properties().removeIf(field -> field.getValue().isNull());
            schema.properties().forEach((name, field) -> {
                if (!object.has(name) && field.defaultValue() != null) {
                    object.set(name, field.defaultValue().deepCopy());
                }
                if (object.has(name)) {
                    fillFields(object.get(name), field);
                }
            });
            if (schema.additional() != null) {
                object.forEach(value -> fillFields(value, schema.additional()));
            }
        } else if (node.isArray() && schema.items() != null) {
            node.forEach(item -> fillFields(item, schema.items()));
        }
    }

    /** Adds every field of {@code preset} that {@code spec} lacks. */
    static void fillPreset(ObjectNode spec, JsonNode preset) {
        preset.properties().forEach(field -> {
            var there = spec.get(field.getKey());
            if (there == null) {
                spec.set(field.getKey(), field.getValue().deepCopy());
            } else if (there instanceof ObjectNode group) {
                fillPreset(group, field.getValue());
            }
        });
    }

    /** Makes absent groups that need nothing from the user, then fills them. */
    static void fillGroups(JsonNode node, Schema schema) {
        if (node instanceof ObjectNode object) {
            schema.properties().forEach((name, field) -> {
                if (!object.has(name) && field.fillsItself()) {
                    object.putObject(name);
                }
                if (object.has(name)) {
                    fillGroups(object.get(name), field);
                }
            });
        } else if (node.isArray() && schema.items() != null) {
            node.forEach(item -> fillGroups(item, schema.items()));
        }
        fillFields(node, schema);
    }
}
