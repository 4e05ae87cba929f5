package dev.portcullis.crd.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.ProblemReason;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ManifestReaderTest {
    private static final String POLICY = """
            apiVersion: portcullis.dev/v1alpha1
            kind: AgentPolicy
            metadata:
              name: a
              labels: {team: red}
            spec:
              domains:
                blok:
                  - "*.example.com"
              limits:
                headerBytes: 5 Mib
            """;

    private static Manifests read(String yaml) {
        return ManifestReader.read("f.yaml", yaml.getBytes(UTF_8));
    }

    private static List<String> problems(String yaml) {
        return read(yaml).problems().stream().map(ManifestProblem::toString).toList();
    }

    @Test
    void problemsOfASpecStandWhereTheFieldStands() {
        var manifests = read(POLICY);

        assertThat(manifests.problems()).isEmpty();
        assertThat(manifests.resources().getFirst().labels()).containsEntry("team", "red");
        assertThat(Resolver.resolve(manifests.resourceSet("default")).problems().stream()
                        .map(manifests::placed)
                        .map(ManifestProblem::toString))
                .containsExactlyInAnyOrder(
                        "f.yaml:8:5: AgentPolicy/a: spec.domains.blok: unknown field 'blok'; did you mean 'block'?",
                        "f.yaml:11:18: AgentPolicy/a: spec.limits.headerBytes: '5 Mib' is not a quantity: write a number and, with no space between, a unit: k, M, G (powers of 1000) or Ki, Mi, Gi (powers of 1024), such as \"64Ki\"");
    }

    @Test
    void aMissingFieldStandsAtTheGroupThatLacksIt() {
        var manifests = read(POLICY);
        var problem = new Problem(
                manifests.resources().getFirst().id(), "spec.limits.urlLength", ProblemReason.MissingField, "m");

        assertThat(manifests.placed(problem)).hasToString("f.yaml:10:3: AgentPolicy/a: spec.limits.urlLength: m");
    }

    @Test
    void secretsAndConfigMapsAreRead() {
        var manifests = read("""
                apiVersion: v1
                kind: Secret
                metadata: {name: s, namespace: x}
                stringData: {plain: abc}
                data: {coded: YWJj}
                ---
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: c}
                data: {k: v}
                """);

        assertThat(manifests.problems()).isEmpty();
        assertThat(manifests.secrets())
                .containsOnlyKeys(new SecretKey("x", "s", "plain"), new SecretKey("x", "s", "coded"));
        assertThat(manifests.secrets().values())
                .allSatisfy(value -> assertThat(value).isEqualTo("abc".getBytes(UTF_8)));
        assertThat(manifests.configMaps()).containsEntry(new SecretKey("default", "c", "k"), "v");
        assertThat(manifests.toString()).doesNotContain("abc");
    }

    @Test
    void aSecretThatIsNotBase64IsNotRepeated() {
        assertThat(problems("{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {k: hunter2!}}"))
                .containsExactly(
                        "f.yaml:1:60: Secret/s: data.k: is not base64: encode it, or move it to stringData as it is");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {kind: AgentPolicy, metadata: {name: a}}                                          | AgentPolicy/a: apiVersion: is required
            {apiVersion: portcullis.dev/v1alpha1, metadata: {name: a}}                        | resource/a: kind: is required
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy}                          | AgentPolicy/?: metadata.name: is required: write metadata: {name: my-name}
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy, metadata: {name: A_B}}   | AgentPolicy/A_B: metadata.name: is not a resource name
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy, metadata: {name: 7}}     | AgentPolicy/7: metadata.name: is not a resource name
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy, metadata: {name: a, namespace: "/"}} | metadata.namespace: is not a namespace
            {apiVersion: portcullis.dev/v1, kind: AgentPolicy, metadata: {name: a}}           | apiVersion: write apiVersion: portcullis.dev/v1alpha1
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolcy, metadata: {name: a}}      | kind: is not a kind of portcullis.dev
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}                      | Deployment/a: kind: is not read here
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy, metadata: {name: a}, sepc: {}} | AgentPolicy/a: sepc: unknown field
            {apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy, metadata: {name: a, labels: {x: 1}}} | metadata.labels.x: a label's value is text
            {apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: 5}}           | Secret/a: stringData.k: expected text: quote the value
            {apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: text}             | Secret/a: stringData: expected keys with text
            [1, 2]                                                                            | expected a Kubernetes resource
            just text                                                                         | expected a Kubernetes resource
            {a: 1, a: 2}                                                                      | field 'a' is there twice: remove one
            {a: 1                                                                             | not valid YAML
            {? [a] : 1}                                                                       | a group or list as a field's name
            {a: !ruby/object 1}                                                               | tag '!ruby/object' is not read: remove it
            a: &a [*a]                                                                        | an alias inside what it stands for
            {<<: {a: 1}}                                                                      | merge keys (<<) are not read
            """)
    void whatCannotBeReadIsOneSentence(String yaml, String sentence) {
        assertThat(problems(yaml))
                .singleElement()
                .asString()
                .startsWith("f.yaml")
                .contains(sentence);
    }

    @Test
    void aTabIsNamed() {
        assertThat(problems("spec:\n\tport: 1\n"))
                .containsExactly("f.yaml:2:1: a tab where YAML wants spaces: indent with spaces");
    }

    @Test
    void scalarsAreReadAsKubectlReadsThem() {
        var manifests = read("""
                apiVersion: portcullis.dev/v1alpha1
                kind: AgentPolicy
                metadata: {name: a}
                spec: {off: off, "no": "no", hex: 0x1F, octal: 010, community: 65000:10, big: 99999999999999999999, f: 1.5, date: 2026-01-01, nan: .nan, nothing: ~}
                """);

        assertThat(manifests.resources().getFirst().spec())
                .hasToString(
                        "{\"off\":false,\"no\":\"no\",\"hex\":31,\"octal\":8,\"community\":\"65000:10\",\"big\":99999999999999999999,\"f\":1.5,\"date\":\"2026-01-01\",\"nan\":\".nan\",\"nothing\":null}");
    }

    @Test
    void anAliasBombIsRefused() {
        var yaml = new StringBuilder("a0: &a0 [x, x, x, x]\n");
        for (var i = 1; i < 20; i++) {
            yaml.append("a%d: &a%d [*a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1));
        }
        assertThat(problems(yaml.toString())).singleElement().asString().contains("aliases");

        var few = new StringBuilder("a0: &a0 [x, x, x, x]\n");
        for (var i = 1; i < 20; i++) {
            few.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(problems(few.toString())).singleElement().asString().contains("more than 200000 values");
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(problems("[".repeat(100_000))).singleElement().asString().contains("Nesting");
        assertThat(problems("{a: ".repeat(100_000))).singleElement().asString().contains("Nesting");
    }

    @Test
    void aHugeFileIsRefused() {
        assertThat(ManifestReader.read("f.yaml", new byte[YamlReader.MAX_BYTES + 1])
                        .problems())
                .singleElement()
                .asString()
                .contains("4194304 are read at most: split it");
    }

    @Test
    void anotherEncodingIsRefusedWithItsPlace() {
        assertThat(ManifestReader.read("f.yaml", "a: b\nc: é".getBytes(StandardCharsets.ISO_8859_1))
                        .problems())
                .containsExactly(new ManifestProblem("f.yaml", 2, 4, "not UTF-8: save the file in that encoding"));
        assertThat(ManifestReader.read("f.yaml", POLICY.getBytes(StandardCharsets.UTF_16))
                        .problems())
                .hasSize(1);
        assertThat(problems("a: \u0000")).singleElement().asString().contains("U+0000");
    }

    @Test
    void aByteOrderMarkIsPassedOver() {
        assertThat(problems("\uFEFF" + POLICY)).isEmpty();
    }

    @Test
    void nothingIsReadFromAnEmptyFile() {
        assertThat(problems("")).isEmpty();
        assertThat(problems("---\n---\n# nothing\n---\n")).isEmpty();
    }

    @Test
    void documentsBeforeABrokenOneAreKept() {
        var manifests = read(POLICY + "---\n{");

        assertThat(manifests.resources()).hasSize(1);
        assertThat(manifests.problems()).singleElement().matches(problem -> problem.line() == 13);
    }

    @Test
    void aFileCutAnywhereOrScrambledNeverThrows() {
        var bytes = POLICY.getBytes(UTF_8);
        for (var end = 0; end <= bytes.length; end++) {
            var manifests = ManifestReader.read("f.yaml", java.util.Arrays.copyOf(bytes, end));
            assertThat(Resolver.resolve(manifests.resourceSet("default"))).isNotNull();
        }
        var random = new Random(7);
        for (var round = 0; round < 500; round++) {
            var scrambled = bytes.clone();
            for (var i = 0; i < 1 + random.nextInt(6); i++) {
                scrambled[random.nextInt(scrambled.length)] =
                        (byte) " :-[]{}&*!|>'\"%@`,\n\t\0a9é".charAt(random.nextInt(24));
            }
            var manifests = ManifestReader.read("f.yaml", scrambled);
            assertThat(Resolver.resolve(manifests.resourceSet("default"))).isNotNull();
        }
    }

    @Test
    void aFolderIsItsYamlFilesInOrder(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("b.yml"), POLICY.replace("name: a", "name: b"));
        Files.writeString(folder.resolve("a.yaml"), POLICY);
        Files.writeString(folder.resolve("notes.txt"), "not read");
        Files.writeString(folder.resolve(".a.yaml.swp"), "not read");
        Files.createDirectory(folder.resolve("inner.yaml"));

        assertThat(ManifestReader.read(List.of(folder)).resources())
                .extracting(resource -> resource.id().name())
                .containsExactly("a", "b");
    }

    @Test
    void pathsThatGiveNothingSaySo(@TempDir Path folder) {
        assertThat(ManifestReader.read(List.of(folder, folder.resolve("none.yaml")))
                        .problems())
                .extracting(ManifestProblem::message)
                .containsExactly("no .yaml, .yml or .json file in this folder", "no such file or folder");
    }
}
