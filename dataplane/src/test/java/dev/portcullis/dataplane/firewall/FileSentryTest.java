package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on a real file system, and what is said about them on a real socket. */
class FileSentryTest {
    private static final String KEY = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";

    @TempDir
    Path folder;

    private TestFirewall watching() throws IOException {
        return watching("{\"fileSentry\": {\"paths\": [\"" + folder + "\"]}}");
    }

    private static TestFirewall watching(String spec) throws IOException {
        var firewall = TestFirewall.withStandardStages(spec);
        await().until(() -> firewall.metric("portcullis_file_sentry_folders") >= 1);
        return firewall;
    }

    private static double found(TestFirewall firewall) {
        return firewall.metrics()
                .lines()
                .filter(line -> line.startsWith("pipelock_file_sentry_findings_total{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static double skipped(TestFirewall firewall, String reason) {
        return firewall.metric("portcullis_file_sentry_skipped_total{reason=\"" + reason + "\"}");
    }

    @Test
    void aSecretInANewFileIsReportedByRuleAndPathAndNeverItself() throws Exception {
        try (var firewall = watching()) {
            var file = folder.resolve("notes.txt");
            Files.writeString(file, "export TOKEN=" + KEY + "\n");

            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
            assertThat(firewall.metrics())
                    .containsPattern(
                            "pipelock_file_sentry_findings_total\\{agent=\"unknown\",pattern=\"github[a-z-]*\",severity=\"critical\"\\} 1.0");
            assertThat(firewall.audit)
                    .filteredOn(event -> event.event().equals("file_sentry_dlp"))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.field("path"))
                                .isEqualTo(file.toRealPath().toString());
                        assertThat(event.field("rule")).asString().startsWith("github");
                        assertThat(event.message()).doesNotContain(KEY);
                    });
        }
    }

    @Test
    void whatIsThereAtTheStartIsLookedAtInEveryFolderBelow() throws Exception {
        Files.createDirectories(folder.resolve("a/b/c"));
        Files.writeString(folder.resolve("a/b/c/deep.env"), "TOKEN=" + KEY);
        try (var firewall = watching()) {
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
            assertThat(firewall.metric("portcullis_file_sentry_folders")).isEqualTo(4);
        }
    }

    @Test
    void aFileIsLookedAtAgainWhenItChangesAndTheSameSecretIsReportedOnce() throws Exception {
        try (var firewall = watching()) {
            var file = folder.resolve("log");
            Files.writeString(file, "nothing yet\n");
            Files.writeString(folder.resolve("other"), "TOKEN=" + KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
            Files.writeString(file, "now there is " + KEY + "\n");
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(2));
            Files.writeString(file, "still there is " + KEY + " and more\n");
            Files.writeString(folder.resolve("third"), "TOKEN=" + KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(3));
        }
    }

    @Test
    void filesInFoldersMadeLaterAndFilesMovedInAreFound() throws Exception {
        var outside = Files.createTempFile("moved", ".txt");
        Files.writeString(outside, "TOKEN=" + KEY);
        try (var firewall = watching()) {
            var later = Files.createDirectories(folder.resolve("later/on"));
            Files.writeString(later.resolve("a.txt"), "TOKEN=" + KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
            Files.move(outside, folder.resolve("moved.txt"), StandardCopyOption.REPLACE_EXISTING);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(2));
        }
    }

    @Test
    void everyClassInAFileIsReportedHoweverManyThereAreAndHoweverFarApart() throws Exception {
        var secrets = Map.of(
                "github-token", KEY,
                "gitlab-token", "glpat-" + "9kcE3oEJJ8X1o9585yMa",
                "npm-access-token", "npm_" + "xVTpLfn3jAYNyxTCgOGQ4rM0X1gFWWK6dJNX",
                "aws-access-key-id", "AKIA" + "UR7HXHAV3OOEFJ2N");
        var text = new StringBuilder("twice " + KEY + "\n");
        for (var secret : secrets.values()) {
            text.append("an ordinary line of an ordinary file\n".repeat(5_000))
                    .append("here: ")
                    .append(secret)
                    .append('\n');
        }
        try (var firewall = watching()) {
            var file = folder.resolve("many.txt");
            Files.writeString(file, text);
            await().untilAsserted(
                            () -> assertThat(reported(firewall)).containsExactlyInAnyOrderElementsOf(secrets.keySet()));
            // A class that is new in it is told when it changes, and the others are not told again.
            Files.writeString(file, text.append("hf_" + "uvSQoaVXtvuqQakSVPhHDJsWCeD9nZxbrK\n"));
            await().untilAsserted(() -> assertThat(reported(firewall)).contains("huggingface-access-token"));
            assertThat(reported(firewall)).hasSize(secrets.size() + 1).doesNotHaveDuplicates();
        }
    }

    /** The rule of each report. */
    private static List<String> reported(TestFirewall firewall) {
        return firewall.audit.stream()
                .filter(event -> event.event().equals("file_sentry_dlp"))
                .map(event -> String.valueOf(event.field("rule")))
                .toList();
    }

    @Test
    void linksPipesAndWhatCannotBeReadAreSkippedAndCounted() throws Exception {
        var outside = Files.createTempFile("outside", ".txt");
        Files.writeString(outside, "TOKEN=" + KEY);
        Files.createSymbolicLink(folder.resolve("link"), outside);
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        assertThat(new ProcessBuilder("mkfifo", folder.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        try (var firewall = watching()) {
            await().untilAsserted(() -> assertThat(skipped(firewall, "special")).isEqualTo(3));
            Files.writeString(folder.resolve("good.txt"), "TOKEN=" + KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
            assertThat(firewall.metric("portcullis_file_sentry_folders")).isEqualTo(1);
        }
    }

    @Test
    void ofAHugeFileTheScannedPartIsReadAndTheRestCounted() throws Exception {
        try (var firewall = watching(
                "{\"limits\": {\"requestBody\": \"64Ki\"}, \"fileSentry\": {\"paths\": [\"" + folder + "\"]}}")) {
            Files.writeString(folder.resolve("huge"), "a ".repeat(100_000) + KEY);
            await().untilAsserted(() -> assertThat(skipped(firewall, "size")).isEqualTo(1));
            Files.writeString(folder.resolve("small"), KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
        }
    }

    @Test
    void nestingBeyondTheLimitIsCounted() throws Exception {
        Files.createDirectories(folder.resolve("d/".repeat(40)));
        try (var firewall = watching()) {
            await().untilAsserted(() -> assertThat(skipped(firewall, "folders")).isEqualTo(1));
            Files.writeString(folder.resolve("good.txt"), KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
        }
    }

    @Test
    void aPathThatIsASecretItselfIsNotWrittenDown() throws Exception {
        try (var firewall = watching()) {
            Files.writeString(folder.resolve(KEY), "the name is " + KEY);
            await().untilAsserted(() -> assertThat(firewall.audit)
                    .anySatisfy(
                            event -> assertThat(event.field("path")).asString().endsWith("/[redacted]")));
            assertThat(firewall.audit)
                    .noneSatisfy(
                            event -> assertThat(event.field("path")).asString().contains(KEY));
        }
    }

    @Test
    void aNewPolicyMovesTheWatchAndItsRulesLookAgain() throws Exception {
        Files.writeString(folder.resolve("ticket.txt"), "see TCK-123456-ABCD");
        try (var firewall = watching()) {
            Files.writeString(folder.resolve("key.txt"), KEY);
            await().untilAsserted(() -> assertThat(found(firewall)).isEqualTo(1));
            firewall.swapStandard("{\"fileSentry\": {\"paths\": [\"" + folder
                    + "\"]}, \"dlp\": {\"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}-[A-Z]{4}\"}]}}");
            await().untilAsserted(() -> assertThat(firewall.metrics()).contains("pattern=\"ticket\""));
            assertThat(found(firewall)).isEqualTo(2);
            firewall.swapStandard("{}");
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_file_sentry_folders"))
                    .isZero());
        }
    }

    @Test
    void theAgentThatThePolicyNamesIsOnTheLabel() throws Exception {
        try (var firewall = watching(
                "{\"identity\": {\"default\": \"coder\"}, \"fileSentry\": {\"paths\": [\"" + folder + "\"]}}")) {
            Files.writeString(folder.resolve("key.txt"), KEY);
            await().untilAsserted(() ->
                    assertThat(firewall.metrics()).contains("pipelock_file_sentry_findings_total{agent=\"coder\","));
        }
    }
}
