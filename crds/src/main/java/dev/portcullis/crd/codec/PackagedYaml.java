package dev.portcullis.crd.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The YAML files of this program's own jars. The build puts the same document as JSON beside each ({@link #main}): at the
 * start of a process reading YAML keeps a processor busy for longer than everything else, and its JSON takes milliseconds.
 * Where a jar was made without that step the YAML is read.
 */
public final class PackagedYaml {
    private PackagedYaml() {}

    /**
     * Reads a resource.
     *
     * @param owner a class of its jar, whose package a relative name begins at
     * @param resource its name, ending in {@code .yaml} or {@code .yml}
     * @return null where the jar has no such resource
     */
    public static @Nullable JsonNode read(Class<?> owner, String resource) throws IOException {
        try (var json = owner.getResourceAsStream(json(resource))) {
            if (json != null) {
                return new ObjectMapper().readTree(json);
            }
        }
        try (var yaml = owner.getResourceAsStream(resource)) {
            return yaml == null ? null : new YAMLMapper().readTree(yaml);
        }
    }

    /** Writes the JSON of every YAML file below the folders named. */
    public static void main(String[] folders) throws IOException {
        for (var folder : folders) {
            for (var file : yamlBelow(Path.of(folder))) {
                var tree = new YAMLMapper().readTree(file.toFile());
                Files.write(
                        file.resolveSibling(json(file.getFileName().toString())),
                        new ObjectMapper().writeValueAsBytes(tree));
            }
        }
    }

    private static List<Path> yamlBelow(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.ya?ml")).toList();
        }
    }

    private static String json(String resource) {
        return resource.substring(0, resource.lastIndexOf('.')) + ".json";
    }
}
