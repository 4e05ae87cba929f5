package dev.portcullis.dataplane.firewall.sentry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.admin.MetricsPage;
import dev.portcullis.dataplane.metrics.FileSentryMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWatchTest {
    /** More files than a folder of the JDK's watch keeps events for. */
    private static final int BURST = 1_500;

    @Test
    void eventsThatTheSystemLostAreToldAndLookingAgainFindsEveryFile(@TempDir Path folder) throws Exception {
        var seen = new HashSet<Path>();
        var written = new HashSet<Path>();
        var registry = new PrometheusRegistry();
        try (var watch = new FolderWatch(new FileSentryMetrics(registry), seen::add)) {
            watch.open(folder);
            await().until(() -> {
                for (var i = 0; i < BURST; i++) {
                    var file = folder.toRealPath().resolve("file-" + written.size());
                    Files.writeString(file, "x");
                    written.add(file);
                }
                return !watch.poll(1_000);
            });

            watch.open(folder);

            assertThat(seen).isEqualTo(written);
            assertThat(new String(MetricsPage.render(registry, null).body(), StandardCharsets.UTF_8))
                    .contains("portcullis_file_sentry_skipped_total{reason=\"overflow\"} 1.0");
        }
    }

    @Test
    void aFolderThatGoesAndComesBackIsWatchedAgain(@TempDir Path parent) throws Exception {
        var seen = new HashSet<Path>();
        var folder = Files.createDirectory(parent.toRealPath().resolve("agents"));
        try (var watch = new FolderWatch(new FileSentryMetrics(new PrometheusRegistry()), seen::add)) {
            watch.open(folder);
            Files.delete(folder);
            await().until(() -> {
                watch.poll(100);
                return !watch.watches(folder) && watch.folders() == 0;
            });

            Files.createDirectory(folder);
            Files.writeString(folder.resolve("before"), "x");
            watch.open(folder);
            Files.writeString(folder.resolve("after"), "x");

            await().until(() -> {
                watch.poll(100);
                return seen.contains(folder.resolve("before")) && seen.contains(folder.resolve("after"));
            });
        }
    }
}
