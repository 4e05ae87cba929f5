package dev.portcullis.dataplane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs Jazzer, which looks for inputs that reach new branches, in a process of its own. In every build: all targets
 * together, a fixed number of inputs from a fixed seed. {@code -Dfuzz.target=LABEL -Dfuzz.seconds=N}: one target for as
 * long, from its corpus, into {@code target/fuzz}; what breaks it is written into its corpus.
 */
class CoverageGuidedTest {
    private static final int RUNS = 4_000;
    private static final long SEED = 20_261_125;
    private static final String TARGET = System.getProperty("fuzz.target", "");
    private static final long SECONDS = Long.getLong("fuzz.seconds", 60);

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noInputThatReachesNewBranchesBreaksATarget(@TempDir Path folder) throws Exception {
        var output = folder.resolve("output");
        var jazzer = new ProcessBuilder(TARGET.isEmpty() ? all(folder) : one(FuzzTargets.of(TARGET)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            var status = jazzer.waitFor();
            var said = Files.readString(output);
            assertThat(status)
                    .as(said.substring(Math.max(0, said.length() - 6_000)))
                    .isZero();
            // Not a run that found nothing to run.
            assertThat(said).containsPattern("DONE +cov: [1-9][0-9]{2,}");
            System.out.println(
                    said.substring(said.lastIndexOf("DONE")).lines().findFirst().orElse(""));
        } finally {
            jazzer.destroyForcibly();
        }
    }

    private static List<String> all(Path folder) throws IOException {
        var corpus = Files.createDirectory(folder.resolve("corpus"));
        for (var target : FuzzTargets.values()) {
            for (var input : Corpus.of(target)) {
                var bytes = new byte[1 + input.bytes().length];
                bytes[0] = (byte) target.ordinal();
                System.arraycopy(input.bytes(), 0, bytes, 1, input.bytes().length);
                Files.write(corpus.resolve(target.label() + "-" + input.name()), bytes);
            }
        }
        return command(
                "",
                "-runs=" + RUNS,
                "-seed=" + SEED,
                "-max_len=2048",
                "-artifact_prefix=" + folder + "/",
                corpus.toString());
    }

    private static List<String> one(FuzzTargets target) throws IOException {
        var found = Files.createDirectories(Path.of("target/fuzz").resolve(target.label()));
        return command(
                target.label(),
                "-max_total_time=" + SECONDS,
                "-max_len=8192",
                "-artifact_prefix=" + Corpus.folder(target) + "/",
                found.toString(),
                Corpus.folder(target).toString());
    }

    private static List<String> command(String target, String... options) {
        var all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx1g",
                "-Dfuzz.target=" + target,
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + CoverageGuided.class.getName(),
                "--instrumentation_includes=dev.portcullis.**",
                // No code of ours is looked at for what hooks detect, such as class loading by name.
                "--custom_hook_includes=none.**",
                "--reproducer_path=target",
                "-rss_limit_mb=0",
                "-timeout=60"));
        all.addAll(List.of(options));
        return all;
    }
}
