package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flows of a minute, whose record is one moment. */
class LongFlowsTest {
    private static final long START = 3_600_000;
    private static final long HOST = IpBits.v4(0xC6336401);

    private final WindowLimits limits = new WindowLimits();
    private final FlowWindow window;
    private long now = START;

    LongFlowsTest() {
        var plan = plan(5);
        limits.apply(plan);
        window = new FlowWindow(limits, plan, 1);
        window.now(now);
    }

    private static WindowPlan plan(int seconds) {
        return TestPolicies.sampleWith("{window: {length: " + seconds + "s}}").window();
    }

    private void report(long packets, long bytes, long seconds) {
        var flow = new FlowRecord();
        flow.samplingRate = 1;
        flow.arrivalMillis = now;
        flow.durationMillis = 1000 * seconds;
        flow.destinationLow = HOST;
        flow.ipProtocol = 17;
        flow.packets = packets;
        flow.bytes = bytes;
        window.accept(new FlowRecord[] {flow}, 1);
    }

    /** The rate after so many seconds more, with a tick in each. */
    private double rateAfter(int seconds, Metric metric, int length) {
        var rate = 0.0;
        for (var second = 0; second < seconds; second++) {
            now += 1000;
            window.now(now);
            var sums = new WindowSums();
            window.begin(sums);
            while (!window.step(10_000)) {
                // The worker reads its sockets here.
            }
            var merged = new WindowSums();
            merged.clear(length);
            merged.merge(sums);
            var row = merged.incoming().find(0, HOST);
            rate = row < 0 ? 0 : merged.incoming().rate(row, metric);
        }
        return rate;
    }

    /** Templates that leave the packets out exist; bytes are a limit too. */
    @Test
    void aLongFlowOfBytesAloneIsSpreadLikeAnyOther() {
        report(0, 60L * 25_000_000, 60);

        assertThat(rateAfter(10, Metric.MBPS, 5)).isCloseTo(200_000_000, Percentage.withPercentage(1));
        assertThat(rateAfter(40, Metric.MBPS, 5)).isCloseTo(200_000_000, Percentage.withPercentage(1));
        assertThat(rateAfter(30, Metric.MBPS, 5)).isZero();
    }

    /** A flow is not over because somebody changed the window. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 30})
    void aWindowOfAnotherLengthGoesOnSpreadingLongFlows(int seconds) {
        report(60L * 50_000, 60L * 5_000_000, 60);
        assertThat(rateAfter(10, Metric.UDP_PPS, 5)).isCloseTo(50_000, Percentage.withPercentage(1));

        var other = plan(seconds);
        limits.apply(other);
        window.apply(other);

        assertThat(rateAfter(35, Metric.UDP_PPS, seconds)).isCloseTo(50_000, Percentage.withPercentage(1));
        report(60L * 20_000, 60L * 2_000_000, 60);
        assertThat(rateAfter(50, Metric.UDP_PPS, seconds)).isCloseTo(20_000, Percentage.withPercentage(1));
        assertThat(rateAfter(20 + seconds, Metric.UDP_PPS, seconds)).isZero();
    }

    /** Half an hour's timeout: the rate is the flow's, however much the record holds. */
    @Test
    void aRecordOfHalfAnHourShowsTheRateOfItsFlow() {
        report(1800L * 60_000, 1800L * 6_000_000, 1800);

        assertThat(rateAfter(10, Metric.PPS, 5)).isCloseTo(60_000, Percentage.withPercentage(1));
        assertThat(rateAfter(40, Metric.PPS, 5)).isCloseTo(60_000, Percentage.withPercentage(1));
    }
}
