package dev.portcullis.crd.yaml;

import static org.assertj.core.api.Assertions.assertThat;

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
}
