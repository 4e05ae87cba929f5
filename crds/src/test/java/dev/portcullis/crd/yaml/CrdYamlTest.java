package dev.portcullis.crd.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The committed CRD files. {@code -Dcrds.write=true} writes them. */
class CrdYamlTest {
    @Test
    void theCommittedFilesAreWhatTheRecordsSay() throws IOException {
        var generated = CrdYaml.generate();
        if (Boolean.getBoolean("crds.write")) {
            Files.createDirectories(CrdYaml.FOLDER);
            for (var file : generated.entrySet()) {
                Files.writeString(CrdYaml.FOLDER.resolve(file.getKey()), file.getValue());
            }
        }
        for (var file : generated.entrySet()) {
            assertThat(CrdYaml.FOLDER.resolve(file.getKey()))
                    .as("regenerate with: ./mvnw -pl crds test -Dcrds.write=true -Dtest=CrdYamlTest")
                    .hasContent(file.getValue());
        }
        try (var files = Files.list(CrdYaml.FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(generated.keySet());
        }
    }

    @Test
    void everyFieldIsDescribed() throws IOException {
        for (var file : CrdYaml.generate().values()) {
            var schema = new YAMLMapper().readTree(file).at("/spec/versions/0/schema/openAPIV3Schema");
            assertThat(schema.path("description").asText()).isNotBlank();
            described(schema, "");
        }
    }

    private static void described(JsonNode schema, String path) {
        schema.path("properties").properties().forEach(field -> {
            var at = path + "." + field.getKey();
            assertThat(field.getValue().path("description").asText())
                    .as(at)
                    .isNotBlank()
                    .endsWith(".");
            described(field.getValue(), at);
        });
        if (schema.has("items")) {
            described(schema.get("items"), path + "[]");
        }
    }

    @Test
    void everyListTextAndMapOfASpecHasABound() throws IOException {
        for (var file : CrdYaml.generate().values()) {
            bounded(
                    new YAMLMapper().readTree(file).at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"),
                    "spec");
        }
    }

    private static void bounded(JsonNode schema, String path) {
        switch (schema.path("type").asText()) {
            case "array" -> assertThat(schema.has("maxItems")).as(path).isTrue();
            case "string" ->
                assertThat(schema.has("maxLength") || schema.has("enum"))
                        .as(path)
                        .isTrue();
            case "integer" ->
                assertThat(schema.has("maximum") || path.endsWith("tolerationSeconds"))
                        .as(path)
                        .isTrue();
            default -> assertThat(schema.has("maxProperties")).as(path).isEqualTo(schema.has("additionalProperties"));
        }
        schema.path("properties").properties().forEach(field -> bounded(field.getValue(), path + "." + field.getKey()));
        if (schema.has("items")) {
            bounded(schema.get("items"), path + "[]");
        }
    }
}
