package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the file sentry counts: what it finds, and each reason for not looking at something. */
final class CountedFiles {
    private CountedFiles() {}

    /** Fills a new folder. */
    @FunctionalInterface
    private interface Filling {
        void of(Path folder, Traffic traffic) throws Exception;
    }

    /** {@code before} is there when the sentry begins to watch, {@code then} happens afterwards. */
    private static CountedEvent event(String what, String fields, Filling before, Filling then, String moves) {
        return new CountedEvent(
                what,
                "{}",
                traffic -> {
                    var folder = Files.createTempDirectory(traffic.folder, "watched");
                    before.of(folder, traffic);
                    traffic.firewall.swapStandardStages(
                            traffic.spec("{\"fileSentry\": {\"paths\": [\"" + folder + "\"]}" + fields + "}"));
                    await().until(() -> traffic.firewall.metric("portcullis_file_sentry_folders") >= 1);
                    traffic.held.add("portcullis_file_sentry_folders");
                    then.of(folder, traffic);
                },
                moves);
    }

    private static void shell(Traffic traffic, Path folder, String command) throws IOException, InterruptedException {
        assertThat(Program.run(traffic.folder, "", List.of("sh", "-c", "cd " + folder + " && " + command))
                        .exit())
                .isZero();
    }

    private static String skipped(String reason) {
        return "portcullis_file_sentry_skipped_total{reason=\"" + reason + "\"} *\n";
    }

    private static final Filling NOTHING = (folder, traffic) -> {};

    static List<CountedEvent> events() {
        return List.of(
                event(
                        "a secret in a file of an agent that the policy names",
                        ", \"identity\": {\"default\": \"coder\"}",
                        NOTHING,
                        (folder, traffic) -> Files.writeString(folder.resolve("notes"), "export T=" + Traffic.TOKEN),
                        "pipelock_file_sentry_findings_total{agent=\"coder\",pattern=\"github-token\",severity=\"critical\"} 1\n"),
                event(
                        "a secret in a file of nobody in particular",
                        ", \"dlp\": {\"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}\", \"severity\": \"low\"}]}",
                        NOTHING,
                        (folder, traffic) -> Files.writeString(folder.resolve("notes"), "see TCK-123456"),
                        "pipelock_file_sentry_findings_total{agent=\"unknown\",pattern=\"ticket\",severity=\"low\"} 1\n"),
                event(
                        "a pipe among files",
                        "",
                        (folder, traffic) -> shell(traffic, folder, "mkfifo pipe"),
                        NOTHING,
                        skipped("special")),
                event(
                        "a file longer than is scanned",
                        ", \"limits\": {\"requestBody\": \"4Ki\"}",
                        NOTHING,
                        (folder, traffic) -> Files.writeString(folder.resolve("long"), "y ".repeat(4000)),
                        skipped("size")),
                event(
                        "folders in folders, deeper than is watched",
                        "",
                        (folder, traffic) -> Files.createDirectories(folder.resolve("a/".repeat(40))),
                        NOTHING,
                        skipped("folders")),
                event(
                        "more files than may wait",
                        "",
                        (folder, traffic) -> {
                            for (var i = 0; i < 4_200; i++) {
                                Files.createFile(folder.resolve("file-" + i));
                            }
                        },
                        NOTHING,
                        skipped("queue")),
                event(
                        "a path longer than the system reads",
                        "",
                        (folder, traffic) -> {
                            var name = "n".repeat(250);
                            shell(
                                    traffic,
                                    folder,
                                    "i=0; while [ $i -lt 20 ]; do mkdir " + name + "; cd -P " + name
                                            + " || exit 1; i=$((i+1)); done");
                            traffic.closing(() -> shell(traffic, folder, "rm -rf " + name));
                        },
                        NOTHING,
                        skipped("unreadable")));
    }
}
