package dev.portcullis.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.codec.ManifestReader;
import dev.portcullis.crd.codec.Manifests;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.dataplane.config.LocalFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages and samples show can be applied as it stands. */
class DocumentedYamlTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root"));
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```");

    static Stream<Path> pages() throws IOException {
        return Stream.concat(Stream.of(ROOT.resolve("README.md")), files(ROOT.resolve("docs"), ".md"))
                .filter(page -> BLOCK.matcher(read(page)).find());
    }

    static Stream<Path> samples() throws IOException {
        return files(ROOT.resolve("config-samples"), ".yaml")
                .map(Path::getParent)
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyYamlBlockOfAPageIsValid(Path page) {
        var block = BLOCK.matcher(read(page));
        while (block.find()) {
            assertValid(ManifestReader.read(page.toString(), block.group(1).getBytes(StandardCharsets.UTF_8)));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void everyFolderOfSamplesIsValid(Path folder) {
        assertValid(ManifestReader.read(List.of(folder)));
    }

    private static void assertValid(Manifests manifests) {
        var resolution = Resolver.resolve(manifests.resourceSet(LocalFiles.OPERATOR_NAMESPACE));
        assertThat(manifests.problems()).isEmpty();
        assertThat(resolution.problems().stream().map(manifests::placed)).isEmpty();
        assertThat(manifests.resources()).isNotEmpty();
    }

    private static Stream<Path> files(Path folder, String suffix) throws IOException {
        return Files.walk(folder)
                .filter(file -> file.toString().endsWith(suffix))
                .sorted();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
