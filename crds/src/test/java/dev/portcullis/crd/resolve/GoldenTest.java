package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ManifestProblem;
import dev.portcullis.crd.codec.ManifestReader;
import dev.portcullis.crd.codec.SpecMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every folder of {@code golden/}: {@code input.yaml} must come to {@code expected.json} (what was accepted) and {@code
 * expected-problems.txt} (what was not), whichever of them exist. {@code -Dgolden.write=true} writes them anew, to be
 * reviewed before they are committed.
 */
class GoldenTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("project.root", ".."), "crds/src/test/resources/golden");
    private static final boolean WRITE = Boolean.getBoolean("golden.write");

    static Stream<String> cases() throws IOException {
        try (var folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theInputComesToWhatIsExpected(String name) throws IOException {
        var folder = FOLDER.resolve(name);
        var manifests = ManifestReader.read("input.yaml", Files.readAllBytes(folder.resolve("input.yaml")));
        var resolution = Resolver.resolve(manifests.resourceSet("default"));

        var problems = Stream.concat(
                        manifests.problems().stream(),
                        resolution.problems().stream().map(manifests::placed))
                .map(ManifestProblem::toString)
                .toList();
        same(folder.resolve("expected-problems.txt"), problems.isEmpty() ? "" : String.join("\n", problems) + "\n");
        var configs = configs(resolution);
        same(
                folder.resolve("expected.json"),
                configs.isEmpty()
                        ? ""
                        : SpecMapper.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(configs) + "\n");
        resolution.problems().forEach(problem -> assertThat(resolution.accepted())
                .doesNotContain(problem.resource()));
    }

    @Test
    void thereAreCasesForEveryReason() throws IOException {
        var reasons = cases().flatMap(name -> {
                    try {
                        var bytes = Files.readAllBytes(FOLDER.resolve(name).resolve("input.yaml"));
                        return Resolver.resolve(
                                ManifestReader.read("input.yaml", bytes).resourceSet("default"))
                                .problems()
                                .stream();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .map(Problem::reason)
                .toList();

        // TooLarge needs a megabyte: see ResolverTest.
        assertThat(reasons)
                .contains(Stream.of(ProblemReason.values())
                        .filter(reason -> reason != ProblemReason.TooLarge)
                        .toArray(ProblemReason[]::new));
        assertThat(cases().toList()).hasSizeGreaterThan(30);
    }

    private static ObjectNode configs(Resolution resolution) throws IOException {
        var mapper = SpecMapper.mapper();
        var configs = mapper.createObjectNode();
        try {
            for (var firewall : new TreeMap<>(resolution.firewalls()).entrySet()) {
                configs.set(firewall.getKey().toString(), mapper.readTree(ConfigCodec.write(firewall.getValue())));
            }
            for (var flow : new TreeMap<>(resolution.flows()).entrySet()) {
                configs.set(flow.getKey().toString(), mapper.readTree(ConfigCodec.write(flow.getValue())));
            }
        } catch (dev.portcullis.crd.codec.ConfigException e) {
            throw new AssertionError(e);
        }
        var secrets = mapper.createObjectNode();
        new TreeMap<>(resolution.secretRefs()).forEach((id, keys) -> {
            if (!keys.isEmpty()) {
                var list = secrets.putArray(id.toString());
                keys.stream().map(ResourceSet.SecretKey::toString).sorted().forEach(list::add);
            }
        });
        if (!secrets.isEmpty()) {
            configs.set("secretRefs", secrets);
        }
        return configs;
    }

    private static void same(Path file, String text) throws IOException {
        if (WRITE) {
            if (text.isEmpty()) {
                Files.deleteIfExists(file);
            } else {
                Files.writeString(file, text);
            }
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "").isEqualTo(text);
    }
}
