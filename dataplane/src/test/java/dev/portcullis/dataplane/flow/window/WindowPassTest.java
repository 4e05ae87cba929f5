package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import org.junit.jupiter.api.Test;

/** What a walk hands over where there are many hosts, and where they change while it goes on. */
class WindowPassTest {
    private static final long START = 3_600_000;
    private static final int MANY = 40_000;

    private final WindowPlan plan = TestPolicies.sampleWith(
                    "{networks: ['10.0.0.0/8'], thresholds: {packetsPerSecond: 1M}}")
            .window();
    private final WindowLimits limits = new WindowLimits();
    private final FlowWindow window;
    private final FlowRecord flow = new FlowRecord();

    WindowPassTest() {
        limits.apply(plan);
        window = new FlowWindow(limits, plan, 1);
        window.now(START);
        flow.samplingRate = 1;
        flow.arrivalMillis = START;
    }

    private void add(int host, long packets) {
        flow.destinationLow = IpBits.v4(0x0A000000 | host);
        flow.packets = packets;
        flow.bytes = 100 * packets;
        window.accept(new FlowRecord[] {flow}, 1);
    }

    private HostSums merged(WindowSums sums) {
        var merged = new WindowSums();
        merged.clear(plan.seconds());
        merged.merge(sums);
        return merged.incoming();
    }

    private HostSums walk() {
        var sums = new WindowSums();
        window.begin(sums);
        while (!window.step(1)) {
            // The worker reads its sockets here.
        }
        return merged(sums);
    }

    /** One host in four has about four times the packets of the others: all of those are listed, and as many others as fit. */
    @Test
    void theHeaviestAreListedHoweverManyHostsHaveAboutTheSameVolume() {
        for (var host = 0; host < MANY; host++) {
            add(host, host % 4 == 0 ? 40 : 10);
        }
        walk();

        var second = walk();

        assertThat(second.size()).isEqualTo(WindowPass.LISTED);
        assertThat(HostSums.tracked(second, new HostSums())).isEqualTo(MANY);
        for (var host = 0; host < MANY; host += 4) {
            assertThat(second.find(0, IpBits.v4(0x0A000000 | host))).isNotNegative();
        }
    }

    @Test
    void hostsOfOneVolumeAreListedUpToTheMost() {
        for (var host = 0; host < MANY; host++) {
            add(host, 10);
        }
        walk();

        assertThat(walk().size()).isEqualTo(WindowPass.LISTED);
    }

    @Test
    void aHostThatGetsExactCountersAfterTheWalkPassedItIsCountedOnce() {
        for (var host = 0; host < 1000; host++) {
            add(host, 10);
        }
        var sums = new WindowSums();
        window.begin(sums);
        // One segment at a time: all but the last of them, then every host has more packets than light counters are
        // for.
        for (var segment = 1; segment < HostTable.SEGMENTS; segment++) {
            assertThat(window.step(1)).isFalse();
        }
        var listed = sums.incoming().size();
        for (var host = 0; host < 1000; host++) {
            add(host, 1_000_000);
        }
        while (!window.step(1)) {
            // The worker reads its sockets here.
        }

        var incoming = merged(sums);

        assertThat(listed).isBetween(900, 999);
        assertThat(incoming.size()).isEqualTo(1000);
        for (var host = 0; host < 1000; host++) {
            var row = incoming.find(0, IpBits.v4(0x0A000000 | host));
            assertThat(incoming.sum(row, Metric.PPS.counter())).isEqualTo(1_000_010);
        }
    }
}
