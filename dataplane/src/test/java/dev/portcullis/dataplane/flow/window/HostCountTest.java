package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host that several workers see, or that sends as well as receives, is one host. */
class HostCountTest {
    private static final long START = 3_600_000;

    private final WindowPlan plan = TestPolicies.sampleWith(
                    "{networks: ['10.0.0.0/8'], thresholds: {packetsPerSecond: 1M}, thresholdsOutgoing: {packetsPerSecond: 1M}}")
            .window();
    private final WindowLimits limits = new WindowLimits(4);
    private final List<FlowWindow> workers = new ArrayList<>();

    HostCountTest() {
        limits.apply(plan);
        for (var worker = 0; worker < 4; worker++) {
            workers.add(new FlowWindow(limits, plan, worker));
            workers.getLast().now(START);
        }
    }

    private void receive(int worker, int first, int count) {
        var flow = new FlowRecord();
        flow.samplingRate = 1;
        flow.packets = 1;
        flow.bytes = 100;
        for (var host = first; host < first + count; host++) {
            flow.destinationLow = IpBits.v4(0x0A000000 | host);
            workers.get(worker).accept(new FlowRecord[] {flow}, 1);
        }
    }

    private void send(int worker, int first, int count) {
        var flow = new FlowRecord();
        flow.samplingRate = 1;
        flow.packets = 1;
        flow.destinationLow = IpBits.v4(0x01010101);
        for (var host = first; host < first + count; host++) {
            flow.sourceLow = IpBits.v4(0x0A000000 | host);
            workers.get(worker).accept(new FlowRecord[] {flow}, 1);
        }
    }

    private int tracked() {
        var merged = new WindowSums();
        merged.clear(plan.seconds());
        for (var worker : workers) {
            var sums = new WindowSums();
            worker.begin(sums);
            while (!worker.step(5000)) {
                // The worker reads its sockets here.
            }
            merged.merge(sums);
        }
        return HostSums.tracked(merged.incoming(), merged.outgoing());
    }

    @Test
    void fewHostsAreCountedExactlyWhoeverSeesThem() {
        receive(0, 0, 5000);
        receive(1, 2500, 5000);
        receive(2, 0, 7500);
        send(3, 7000, 1000);

        assertThat(tracked()).isEqualTo(8000);
    }

    @Test
    void manyHostsOfWhichNoneIsSeenTwiceAreCountedExactly() {
        for (var worker = 0; worker < 4; worker++) {
            receive(worker, worker * 100_000, 60_000);
        }

        assertThat(tracked()).isEqualTo(240_000);
    }

    /** {@code again}: how many of a hundred hosts of the first worker the second sees as well. */
    @ParameterizedTest
    @CsvSource({"50000, 100", "50000, 50", "300000, 100", "300000, 50", "300000, 10"})
    void manyHostsThatAreSeenTwiceAreCountedOnceAsNearAsASampleSays(int hosts, int again) {
        receive(0, 0, hosts);
        receive(1, hosts - hosts / 100 * again, hosts);

        var truth = 2 * hosts - hosts / 100 * again;
        assertThat(tracked()).isBetween((int) (truth * 0.97), (int) (truth * 1.03));
    }

    @Test
    void manyHostsThatSendAndReceiveAreCountedOnce() {
        receive(0, 0, 100_000);
        send(0, 0, 100_000);
        send(1, 0, 100_000);

        assertThat(tracked()).isEqualTo(100_000);
    }

    @Test
    void workersOfDifferentSizeAgreeOnWhatTheyBothLookedAt() {
        receive(0, 0, 200_000);
        receive(1, 190_000, 20_000);

        assertThat(tracked()).isBetween(203_000, 217_000);
    }
}
