package dev.portcullis.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ValidateCommandTest {
    private final StringWriter out = new StringWriter();

    @TempDir
    Path folder;

    @Test
    void theShippedSamplesAreValid() {
        var root = Path.of(System.getProperty("project.root"));

        assertThat(run("-f", root.resolve("config-samples/local").toString())).isZero();

        assertThat(out.toString()).isEqualToIgnoringNewLines("4 resources are valid");
    }

    @Test
    void aMistypedFieldIsNamedWithItsPlaceAndASuggestion() throws Exception {
        var file = Files.writeString(folder.resolve("ap.yaml"), """
                apiVersion: portcullis.dev/v1alpha1
                kind: AgentPolicy
                metadata: {name: a}
                spec:
                  domains:
                    blok: ["*.pastebin.com"]
                """);

        assertThat(run("-f", folder.toString())).isEqualTo(1);

        assertThat(out.toString())
                .startsWith(file + ":6:5: AgentPolicy/a: spec.domains.blok: ")
                .contains("did you mean 'block'");
    }

    @Test
    void aBrokenFileIsNamedWithLineAndColumn() throws Exception {
        var file = Files.writeString(folder.resolve("ks.yaml"), "kind: KillSwitch\nspec: {engaged: true\n");

        assertThat(run("-f", file.toString())).isEqualTo(1);

        assertThat(out.toString()).matches("(?s)" + file + ":[0-9]+:[0-9]+: .+");
    }

    private int run(String... arguments) {
        return new CommandLine(new ValidateCommand())
                .setOut(new PrintWriter(out, true))
                .execute(arguments);
    }
}
