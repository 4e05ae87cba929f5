package dev.portcullis.crd.codec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One document of a YAML file: its content, and the place of every field and item by path. */
record YamlDocument(JsonNode content, Map<String, Place> places) {
    /** Where a field's name and its value begin, from 1. For a list item both are the value's. */
    record Place(int nameLine, int nameColumn, int valueLine, int valueColumn) {}

    /** The place of {@code path}, or of the nearest thing around it that exists. */
    @Nullable
    Place place(String path) {
        for (var at = path; ; at = parent(at)) {
            var place = places.get(at);
            if (place != null || at.isEmpty()) {
                return place;
            }
        }
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
}
