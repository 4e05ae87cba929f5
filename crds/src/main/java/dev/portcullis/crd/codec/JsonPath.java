package dev.portcullis.crd.codec;

import com.fasterxml.jackson.databind.JsonMappingException;

/** Field paths the way people write them: {@code spec.dlp.patterns[2].regex}. */
public final class JsonPath {
    private JsonPath() {}

    /** Where {@code failure} happened; empty at the root. */
    public static String of(JsonMappingException failure) {
        var path = "";
        for (var step : failure.getPath()) {
            path = step.getFieldName() != null ? child(path, step.getFieldName()) : item(path, step.getIndex());
        }
        return path;
    }

    /** The field {@code name} of the object at {@code path}. */
    public static String child(String path, String name) {
        var plain = !name.isEmpty() && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-');
        if (!plain) {
            return path + "['" + name + "']";
        }
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Item {@code index} of the list at {@code path}. */
    public static String item(String path, int index) {
        return path + "[" + index + "]";
    }
}
