package dev.portcullis.crd.resolve;

import dev.portcullis.crd.codec.SpecMapper;
import java.util.Map;

/** A value that a schema takes, for messages: the example it states, its default, or the plainest of its type. */
final class Example {
    private Example() {}

    static String of(Schema schema) {
        if (schema.example() != null) {
            return SpecMapper.canonical(schema.example());
        }
        var usual = schema.defaultValue();
        if (usual != null && !usual.asText("-").isEmpty() && !(usual.isContainerNode() && usual.isEmpty())) {
            return SpecMapper.canonical(usual);
        }
        if (!schema.values().isEmpty()) {
            return schema.values().getFirst();
        }
        return switch (schema.type()) {
            case OBJECT -> object(schema);
            case ARRAY -> schema.items() == null ? "[]" : "[" + of(schema.items()) + "]";
            case STRING -> "\"text\"";
            case INTEGER -> String.valueOf(schema.minimum() == null ? 1 : schema.minimum());
            case BOOLEAN -> "true";
            case QUANTITY -> "\"5Mi\"";
        };
    }

    private static String object(Schema schema) {
        if (schema.additional() != null) {
            return "{\"name\": \"value\"}";
        }
        return schema.properties().entrySet().stream()
                .filter(field ->
                        schema.required().isEmpty() || schema.required().contains(field.getKey()))
                .min(Map.Entry.comparingByKey())
                .map(field -> "{" + field.getKey() + ": " + of(field.getValue()) + "}")
                .orElse("{}");
    }
}
