package dev.portcullis.dataplane.flow;

import static dev.portcullis.dataplane.flow.DatagramExporter.hosts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.dataplane.flow.detect.Detector;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hundreds and thousands of victims at once: each is told of, within the bounds, and what lies beyond them is counted. */
class ManyAttacksTest extends CountingProof {
    private static final String MANY = "{networks: [10.0.0.0/8], thresholds: {packetsPerSecond: 1k}, hysteresis: 1s,"
            + " window: {length: 20s}, mitigationPolicyRef: {name: edge}, api: {allowUnauthenticated: true}}";

    private static final int PREFIXES = 250;

    private static final int BURST = 1000;

    private int sent;

    private void start(String detector, String policy) throws IOException {
        startWith(FlowConfigs.of(detector, Map.of("edge", policy)));
    }

    /** A flow to each of so many hosts, in bursts that the receive buffer of any machine holds. */
    private void flood(int first, int victims, int packets) throws IOException {
        for (var done = 0; done < victims; done += BURST) {
            var burst = Math.min(BURST, victims - done);
            exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(first + done, burst), packets);
            sent += burst;
            untilCounted("ipfix", sent);
        }
    }

    @Test
    void fifteenHundredVictimsAreAllToldOfAndAsManyBannedAsThePolicyAllows() throws IOException {
        start(MANY, "{dryRun: true, method: Blackhole, ban: {maxActive: 10}}");

        flood(0, 1500, 1_000_000);

        role().eventually(now -> {
            assertThat(now.metric("kapkan_engine_active_attacks")).isEqualTo(1500);
            assertThat(now.metric("kapkan_mitigate_announced_routes", "dry_run"))
                    .isEqualTo(10);
            assertThat(now.metric("kapkan_mitigate_bans_rejected_total")).isEqualTo(1490);
            // Samples of 2,000 records have room for 734 victims: the others are told of without.
            assertThat(now.metric("portcullis_window_refused_samples_total")).isGreaterThanOrEqualTo(766);
        });
        assertThat(role().metric("kapkan_engine_attacks_total")).isEqualTo(1500);
        assertThat(role().metric("kapkan_mitigate_announced_routes", "real")).isZero();
        assertThat(role().metric("portcullis_engine_refused_attacks_total")).isZero();
        var seen = new HashSet<String>();
        var unsampled = 0;
        for (var offset = 0; offset < 1500; offset += 500) {
            var page = role().json("/api/v1/attacks?limit=500&offset=" + offset).path("active");
            assertThat(page).hasSize(500);
            for (var attack : page) {
                seen.add(attack.path("target").asText());
                var sample = attack.path("sample");
                assertThat(sample.path("missing").asText().contains("portcullis_window_refused_samples_total"))
                        .isEqualTo(sample.path("records").asInt() == 0);
                unsampled += sample.path("records").asInt() == 0 ? 1 : 0;
            }
        }
        assertThat(seen).hasSize(1500);
        assertThat(unsampled).isBetween(766, 1499);
        var decided = role().metric("portcullis_engine_tick_seconds_count");
        role().eventually(now ->
                assertThat(now.metric("portcullis_engine_tick_seconds_count")).isGreaterThan(decided + 2));

        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_active_attacks")).isZero());
        role().eventually(now -> assertThat(now.metric("kapkan_mitigate_announced_routes", "dry_run"))
                .isZero());
    }

    @Test
    void attacksBeyondTheBoundWaitAndAreCounted() throws IOException {
        start(MANY, "{dryRun: true, method: Blackhole, ban: {maxActive: 10}}");

        flood(0, 17_000, 1_000_000);

        role().eventually(now -> {
            assertThat(now.metric("kapkan_engine_active_attacks")).isEqualTo(Detector.MOST_EPISODES);
            assertThat(now.metric("portcullis_engine_refused_attacks_total"))
                    .isGreaterThanOrEqualTo(17_000 - Detector.MOST_EPISODES);
        });
        assertThat(role().json("/api/v1/attacks?limit=1").path("active")).hasSize(1);
        assertThat(role().metric("kapkan_mitigate_announced_routes", "dry_run")).isEqualTo(10);
    }

    /** A carpet laid over as much as a /16: each prefix is told of, though not each has a sample of the full size. */
    @Test
    void carpetBombingOfHundredsOfPrefixesIsSeenInEachOfThem() throws IOException {
        start(
                MANY.replace("hysteresis: 1s", "hysteresis: 30s")
                        .replace("api:", "carpetBombing: {thresholds: {packetsPerSecond: 20k}}, api:"),
                "{dryRun: true}");

        // 4,000 packets a host: four such bursts are below its limit in one second and over the window, while one is
        // above
        // a prefix's in one second. A second may end within a burst, and then a prefix is seen by the next.
        for (var burst = 0; burst < 4 && active("prefix").size() < PREFIXES; burst++) {
            for (var prefix = 0; prefix < PREFIXES; prefix++) {
                exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(prefix << 8, 40), 4_000);
            }
            role().untilNextTick();
        }

        assertThat(active("prefix")).hasSize(PREFIXES);
        assertThat(active("host")).isEmpty();
    }

    private JsonNode active(String scope) {
        return role().json("/api/v1/attacks?limit=500&scope=" + scope).path("active");
    }

    /** Which hosts a prefix's traffic goes to, a sample alone says: those of prefixes are kept apart from those of victims. */
    @Test
    void carpetBombingIsSeenWhileHundredsOfVictimsHaveAllSamples() throws IOException {
        start(MANY.replace("api:", "carpetBombing: {thresholds: {packetsPerSecond: 20k}}, api:"), "{dryRun: true}");

        flood(0, 1500, 1_000_000);
        role().eventually(now -> assertThat(now.metric("portcullis_window_refused_samples_total"))
                .isPositive());
        // 200 hosts of 10.100.0.0/24 with 200 packets a second each, of which none is above its own limit.
        for (var flow = 0; flow < 10; flow++) {
            exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(100 << 16, 200), 400);
        }

        role().eventually(now -> {
            var told = now.json("/api/v1/attacks?scope=prefix").path("active");
            assertThat(told).singleElement().satisfies(attack -> assertThat(
                            attack.path("target").asText())
                    .isEqualTo("10.100.0.0"));
        });
    }
}
