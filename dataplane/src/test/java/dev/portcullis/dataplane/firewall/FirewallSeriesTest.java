package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proof that every series of the firewall counts what it says, and nothing else does. Each event is made to happen by a
 * real client and is compared with everything that moved at /metrics; at the end no series may be left that no event
 * moved. Closed label sets are on the page from the start, so a new value that nobody drives fails here.
 */
class FirewallSeriesTest {
    /** Series that this test does not drive, and why. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "portcullis_file_sentry_skipped_total{reason=\"stuck\"}",
            "takes a file system that does not answer for twenty seconds",
            "portcullis_fetch_pages_dropped_total",
            "PageReadersTest, whose pages take as long as the test wants",
            "portcullis_file_sentry_skipped_total{reason=\"overflow\"}",
            "FolderWatchTest, which holds the watch back until the system loses changes");

    /** What is in the labels of series that nothing moves yet, and what they wait for. */
    private static final Map<String, String> LATER = Map.of(
            "scanner=\"session\"", "profiles of sessions",
            "reason=\"session_deny\"", "profiles of sessions",
            "scanner=\"tool_policy\"", "MCP",
            "scanner=\"tool_poisoning\"", "MCP",
            "scanner=\"tool_chain\"", "MCP",
            "scanner=\"a2a\"", "A2A",
            "reason=\"a2a_scan\"", "A2A");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everySeriesIsMovedByWhatItCountsAndByNothingElse() {
        var events = Stream.of(
                        CountedHttp.events(),
                        CountedScans.events(),
                        CountedAddresses.events(),
                        CountedFiles.events(),
                        CountedScanApi.events(),
                        CountedModes.events(),
                        CountedTunnels.events(),
                        CountedTls.events(),
                        CountedReverse.events(),
                        CountedWebSockets.events(),
                        CountedKillSwitch.events())
                .flatMap(List::stream)
                .toList();
        var driven = new TreeSet<String>();
        var exposed = new TreeSet<String>();
        return Stream.concat(
                events.stream().map(event -> dynamicTest(event.what(), () -> happens(event, driven, exposed))),
                Stream.of(dynamicTest("no series is left that nobody moves", () -> {
                    exposed.removeAll(driven);
                    exposed.removeIf(series -> ELSEWHERE.keySet().stream().anyMatch(series::startsWith));
                    assertThat(LATER.keySet())
                            .as("what was to come later and is here")
                            .allMatch(labels -> exposed.stream().anyMatch(series -> series.contains(labels)));
                    assertThat(exposed)
                            .filteredOn(series -> LATER.keySet().stream().noneMatch(series::contains))
                            .isEmpty();
                })));
    }

    private void happens(CountedEvent event, Set<String> driven, Set<String> exposed) throws Exception {
        try (var traffic = new Traffic(folder, event.spec())) {
            var before = traffic.scrape();
            event.act().with(traffic);
            try {
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(20))
                        .untilAsserted(
                                () -> assertThat(moved(event, traffic.scrape().since(before)))
                                        .isEqualTo(event.moves()));
            } finally {
                var after = traffic.scrape();
                exposed.addAll(after.series());
                after.counts().forEach((series, value) -> {
                    if (value > before.counts().getOrDefault(series, 0.0)) {
                        driven.add(series);
                    }
                });
                driven.addAll(traffic.held);
            }
        }
    }

    /** {@code moved}, with a star for each amount that the event does not state. */
    private static String moved(CountedEvent event, String moved) {
        var lines = new StringBuilder();
        moved.lines().forEach(line -> {
            var anything = line.substring(0, line.lastIndexOf(' ')) + " *\n";
            lines.append(event.moves().contains(anything) ? anything : line + "\n");
        });
        return lines.toString();
    }
}
