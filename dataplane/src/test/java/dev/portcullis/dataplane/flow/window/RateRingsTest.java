package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rings compared with a map from host and second to packets, while hosts come and go and the rings grow. */
class RateRingsTest {
    private static final int SECONDS = 5;
    private static final int PACKETS = 1;

    private record HostSecond(int host, long second) {}

    @Test
    void everyHostsWindowIsWhatWasAddedHoweverManyCame() {
        var random = new Random(7);
        var rings = new RateRings(SECONDS);
        var ringOf = new HashMap<Integer, Integer>();
        var model = new HashMap<HostSecond, Long>();
        var flow = new FlowRecord();
        flow.realFlows = 1;
        var sums = new long[HostSums.PARTS * Metric.COUNTERS];
        for (long now = 3600; now < 3640; now++) {
            for (var i = 0; i < 400; i++) {
                var host = random.nextInt(5_000);
                var ring = ringOf.computeIfAbsent(host, number -> rings.take(1, number));
                var packets = 1 + random.nextInt(1_000);
                // Now and then a record of an earlier second of the window.
                var second = random.nextInt(4) == 0 ? now - random.nextInt(SECONDS) : now;
                rings.add(ring, second, flow, packets, 0);
                model.merge(new HostSecond(host, second), (long) packets, Long::sum);
                if (random.nextInt(8) == 0) {
                    rings.release(ring);
                    assertThat(rings.owned(ring)).isFalse();
                    ringOf.remove(host);
                    model.keySet().removeIf(key -> key.host() == host);
                }
            }
            for (var known : ringOf.entrySet()) {
                rings.sum(known.getValue(), now, now, sums, 0);
                var expected = 0L;
                for (var age = 1; age <= SECONDS; age++) {
                    expected += model.getOrDefault(new HostSecond(known.getKey(), now - age), 0L);
                }
                assertThat(sums[PACKETS])
                        .as("host %s at %s", known.getKey(), now)
                        .isEqualTo(expected);
                assertThat(rings.owned(known.getValue())).isTrue();
                assertThat(rings.low(known.getValue())).isEqualTo((long) known.getKey());
            }
        }
        assertThat(rings.end()).isGreaterThan(1_000);
    }
}
