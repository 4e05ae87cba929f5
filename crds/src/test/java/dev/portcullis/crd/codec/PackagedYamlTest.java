package dev.portcullis.crd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackagedYamlTest {
    private static final String SCHEMA = "/dev/portcullis/crd/yaml/agentpolicies.portcullis.dev-v1.yml";

    @Test
    void theJsonOfTheBuildIsTheSameDocument(@TempDir Path folder) throws IOException {
        var below = Files.createDirectories(folder.resolve("below"));
        try (var schema = PackagedYamlTest.class.getResourceAsStream(SCHEMA)) {
            Files.write(below.resolve("schema.yml"), schema.readAllBytes());
        }
        Files.writeString(
                folder.resolve("scalars.yaml"), "bits: 2.5\nreach: 12\ncore: true\nname: 'yes'\nnone: null\n");

        PackagedYaml.main(new String[] {folder.toString()});

        assertThat(new ObjectMapper().readTree(below.resolve("schema.json").toFile()))
                .isEqualTo(new YAMLMapper().readTree(below.resolve("schema.yml").toFile()))
                .isEqualTo(PackagedYaml.read(PackagedYamlTest.class, SCHEMA));
        assertThat(Files.readString(folder.resolve("scalars.json")))
                .isEqualTo("{\"bits\":2.5,\"reach\":12,\"core\":true,\"name\":\"yes\",\"none\":null}");
    }

    @Test
    void aResourceThatIsNotThereIsNull() throws IOException {
        assertThat(PackagedYaml.read(PackagedYamlTest.class, "absent.yaml")).isNull();
    }
}
