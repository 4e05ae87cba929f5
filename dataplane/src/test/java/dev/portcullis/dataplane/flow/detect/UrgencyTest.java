package dev.portcullis.dataplane.flow.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When a decision is taken ahead of its time: once for what it can say something about, and not ten times a second for what it cannot. */
class UrgencyTest {
    private final FlowPolicy policy = TestPolicies.sampleWith(
            "{carpetBombing: {enabled: true, minHosts: 10, thresholds: {packetsPerSecond: 200k}}}");
    private final WindowLimits limits = new WindowLimits();
    private final Detector detector = new Detector();
    private final FlowRecord flow = new FlowRecord();
    private final FlowWindow window;
    private long now = 3_600_000;

    UrgencyTest() {
        limits.apply(policy.window());
        window = new FlowWindow(limits, policy.window(), 1);
        flow.ipProtocol = 17;
        flow.samplingRate = 1;
    }

    /** A tenth of a second of so many packets in all, to so many hosts by turns. */
    private void flood(int packets, int hosts) {
        now += 100;
        window.now(now);
        flow.arrivalMillis = now;
        flow.packets = packets / 100;
        flow.bytes = packets;
        for (var record = 0; record < 100; record++) {
            flow.destinationLow = IpBits.v4(0xC6336400 | record % hosts);
            window.accept(new FlowRecord[] {flow}, 1);
        }
    }

    private WindowSums merged(WindowSums sums) {
        var merged = new WindowSums();
        merged.clear(policy.window().seconds());
        merged.merge(sums);
        return merged;
    }

    private boolean urgent() {
        var glance = new WindowSums();
        window.glance(glance);
        return detector.urgent(merged(glance), policy);
    }

    private Detector.Changes decide() {
        var sums = new WindowSums();
        window.begin(sums);
        while (!window.step(1000)) {
            // The worker reads its sockets here.
        }
        return detector.tick(merged(sums), policy, now, Instant.EPOCH);
    }

    @Test
    void aPrefixAboveItsLimitForOneVictimsSakeIsLookedIntoOnce() {
        flood(5_000_000, 1);

        assertThat(urgent()).isTrue();
        assertThat(decide().started())
                .singleElement()
                .satisfies(attack -> assertThat(attack.extent().scope()).isEqualTo(Attack.Scope.HOST));

        for (var tenth = 0; tenth < 20; tenth++) {
            flood(500_000, 1);
            assertThat(urgent()).isFalse();
        }
        // Each decision looks into it anew: once it is spread it is told of.
        decide();
        flood(50_000_000, 100);
        assertThat(decide().started())
                .extracting(attack -> attack.extent().scope())
                .contains(Attack.Scope.HOST);
    }

    @Test
    void anAttackSpreadOverAPrefixIsUrgentUntilItIsToldOf() {
        flood(5_000_000, 50);

        assertThat(urgent()).isTrue();
        var started = decide().started();
        assertThat(started).isNotEmpty();
        flood(500_000, 50);
        assertThat(urgent()).isFalse();
    }
}
