package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrafficHistoryTest {
    private static final Instant START = Instant.parse("2026-11-22T22:00:00Z");
    private static final InetAddress HOST = InetAddress.ofLiteral("10.0.0.7");

    private final TrafficHistory history = new TrafficHistory();

    /** Sums of {@code count} hosts of 10.0.0.0/8 from number {@code first} on, of so many packets in five seconds. */
    private static HostSums sums(int first, int count, long packets) {
        var policy = TestPolicies.sampleWith("{networks: [10.0.0.0/8], thresholds: {packetsPerSecond: 1}}");
        var limits = new WindowLimits();
        limits.apply(policy.window());
        var window = new FlowWindow(limits, policy.window(), 1);
        window.now(3_600_000);
        var flow = new FlowRecord();
        flow.samplingRate = 1;
        flow.ipProtocol = 17;
        flow.protocol = Protocol.NETFLOW9;
        flow.arrivalMillis = 3_600_000;
        flow.packets = packets;
        flow.bytes = packets * 100;
        for (var host = first; host < first + count; host++) {
            flow.destinationHigh = 0;
            flow.destinationLow = IpBits.v4(0x0A00_0000 + host);
            window.accept(new FlowRecord[] {flow}, 1);
        }
        var part = new WindowSums();
        window.begin(part);
        while (!window.step(100_000)) {
            // The worker reads its sockets here.
        }
        var merged = new WindowSums();
        merged.clear(policy.window().seconds());
        merged.merge(part);
        return merged.incoming();
    }

    private void note(HostSums sums, Instant now) {
        history.note(sums, Set.of(), host -> 12, now);
    }

    @Test
    void aPointIsNotedOnceEachTenSeconds() {
        var sums = sums(7, 1, 500);
        history.note(sums, Set.of(HOST), host -> 12, START);
        for (var second = 1; second < 25; second++) {
            note(sums, START.plusSeconds(second));
        }

        var points = history.points(HOST, START, START.plusSeconds(60));

        assertThat(points)
                .extracting(TrafficHistory.Point::at)
                .containsExactly(START, START.plusSeconds(10), START.plusSeconds(20));
        assertThat(points).extracting(TrafficHistory.Point::inAttack).containsExactly(true, false, false);
        assertThat(points).allSatisfy(point -> {
            assertThat(point.packets()).isEqualTo(100);
            assertThat(point.bits()).isEqualTo(80_000);
            assertThat(point.normalPackets()).isEqualTo(12);
        });
        assertThat(history.points(HOST, START.plusSeconds(5), START.plusSeconds(15)))
                .hasSize(2);
        assertThat(history.points(InetAddress.ofLiteral("10.0.0.8"), START, START.plusSeconds(60)))
                .isEmpty();
    }

    @Test
    void anHourIsKept() {
        var sums = sums(7, 1, 500);
        for (var point = 0; point < 2 * TrafficHistory.POINTS; point++) {
            note(sums, START.plusSeconds(10L * point));
        }

        var points = history.points(HOST, START, START.plusSeconds(100_000));

        assertThat(points).hasSize(TrafficHistory.POINTS);
        assertThat(points.getFirst().at()).isEqualTo(START.plusSeconds(3600));
        assertThat(points.getLast().at()).isEqualTo(START.plusSeconds(7190));
    }

    @Test
    void theHeaviestHostsAreNotedAndThoseSeenLastAreKept() {
        for (var moment = 0; moment < 6; moment++) {
            note(sums(10_000 * moment, 700, 500), START.plusSeconds(10L * moment));
            assertThat(history.hosts()).isLessThanOrEqualTo(TrafficHistory.MOST);
        }
        assertThat(history.hosts()).isEqualTo(TrafficHistory.MOST);
        assertThat(history.points(InetAddress.ofLiteral("10.0.0.1"), START, START.plusSeconds(60)))
                .isEmpty();

        note(sums(200_000, 3000, 500), START.plusSeconds(100));
        assertThat(history.hosts()).isLessThanOrEqualTo(TrafficHistory.MOST);
    }

    @Test
    void aClockThatIsSetBackLosesNoNewPoints() {
        var sums = sums(7, 1, 500);
        note(sums, START.plusSeconds(1000));
        note(sums, START);
        note(sums, START.plusSeconds(10));

        assertThat(history.points(HOST, START, START.plusSeconds(60))).hasSize(2);
    }
}
