package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A table of hosts that somebody tries to fill: bounded, counted, and no host with real volume is lost. */
class FloodTest {
    private static final int MOST = 20_000;
    private static final long START = 3_600_000;

    private final FlowPolicy policy =
            TestPolicies.sampleWith("{networks: ['198.51.100.0/24', '2001:db8::/32'], maxTrackedHosts: " + MOST + "}");
    private final WindowLimits limits = new WindowLimits();
    private final FlowWindow window;
    private final FlowRecord flow = new FlowRecord();
    private final WindowSums sums = new WindowSums();
    private final Random random = new Random(7);

    FloodTest() {
        limits.apply(policy.window());
        window = new FlowWindow(limits, policy.window(), 1);
        flow.samplingRate = 1;
        flow.ipProtocol = 17;
        flow.protocol = Protocol.NETFLOW9;
    }

    private void add(long high, long low, long packets, long millis) {
        flow.destinationHigh = high;
        flow.destinationLow = low;
        flow.packets = packets;
        flow.bytes = packets * 100;
        flow.arrivalMillis = millis;
        window.accept(new FlowRecord[] {flow}, 1);
    }

    private WindowSums walk() {
        window.begin(sums);
        while (!window.step(4096)) {
            // The worker reads its sockets here.
        }
        var merged = new WindowSums();
        merged.clear(policy.window().seconds());
        merged.merge(sums);
        return merged;
    }

    /** Ten seconds of 40,000 new addresses each, one packet each; known hosts and ones that come amid it have 400 a second. */
    @Test
    void aFloodOfMadeUpAddressesOfAnIpv6PrefixDisplacesNoHostWithVolume() {
        var refused = 0L;
        var evicted = 0L;
        var merged = new WindowSums();
        for (var second = 0; second < 12; second++) {
            for (var step = 0; step < 100; step++) {
                var now = START + second * 1000L + step * 10L;
                window.now(now);
                for (var known = 0; known < 50; known++) {
                    add(0, IpBits.v4(0xC6336400 | known), 4, now);
                }
                for (var made = 0; second >= 2 && made < 400; made++) {
                    add(0x20010DB8_00000000L | random.nextInt() & 0xFFFFFFFFL, random.nextLong(), 1, now);
                }
                for (var late = 100; second >= 4 && late < 150; late++) {
                    add(0, IpBits.v4(0xC6336400 | late), 4, now);
                }
            }
            window.now(START + second * 1000L + 999);
            merged = walk();
            refused += window.drainRefusedHosts();
            evicted += window.drainEvictedHosts();
            assertThat(HostSums.tracked(merged.incoming(), merged.outgoing())).isLessThanOrEqualTo(MOST);
        }

        assertThat(refused).isPositive();
        assertThat(evicted).isPositive();
        var incoming = merged.incoming();
        for (var host = 0; host < 150; host++) {
            if (host >= 50 && host < 100) {
                continue;
            }
            var row = incoming.find(0, IpBits.v4(0xC6336400 | host));
            assertThat(row).as("host %d is measured", host).isNotNegative();
            assertThat(incoming.rate(row, Metric.PPS))
                    .as("rate of host %d", host)
                    .isBetween(390.0, 480.0);
        }
    }

    /** Wherever its key leads to, behind the last host of a segment or to a segment that has none. */
    @Test
    void aFullTableHasRoomForEveryNewcomerHeavierThanTheRest() {
        var small = TestPolicies.sampleWith("{networks: ['2001:db8::/32'], maxTrackedHosts: 1000}");
        var few = new WindowLimits();
        few.apply(small.window());
        var table = new FlowWindow(few, small.window(), 1);
        table.now(START);
        flow.destinationHigh = 0x20010DB8_00000000L;
        flow.arrivalMillis = START;
        for (var host = 0; host < 3000; host++) {
            flow.destinationLow = host;
            flow.packets = host < 1000 ? 1 : host;
            flow.bytes = flow.packets * 100;
            table.accept(new FlowRecord[] {flow}, 1);
        }

        assertThat(table.drainRefusedHosts()).isZero();
        assertThat(table.drainEvictedHosts()).isEqualTo(2000);
    }

    @Test
    void aMillionHostsTakeLessThanTwoHundredBytesEach() {
        var share = new WindowLimits.Share(new WindowLimits.Samples(HostSample.FIELDS), 1, 1);
        share.hosts().most(2_000_000);
        var table = new HostTable(42, new Slabs());
        for (var host = 0; host < 1_000_000; host++) {
            table.insert(table.hash(host * 0x9E3779B97F4A7C15L, host), host * 0x9E3779B97F4A7C15L, host, 1);
        }

        assertThat(table.size()).isEqualTo(1_000_000);
        assertThat(table.bytes()).isLessThan(200L * 1_000_000);
    }

    @Test
    void everyHostOfAFullTableIsSeenByOneWalk() {
        window.now(START);
        for (var host = 0; host < MOST; host++) {
            add(0x20010DB8_00000000L, host * 7919L, 1, START);
        }

        var merged = walk();

        assertThat(HostSums.tracked(merged.incoming(), merged.outgoing())).isEqualTo(MOST);
        assertThat(merged.incoming().size()).isEqualTo(WindowPass.LISTED);
        assertThat(window.drainRefusedHosts()).isZero();
    }

    @Test
    void idleHostsAreForgottenAfterTheWindow() {
        window.now(START);
        for (var host = 0; host < 1000; host++) {
            add(0x20010DB8_00000000L, host, 100_000, START);
        }
        assertThat(walk().incoming().size()).isEqualTo(1000);

        window.now(START + 7000);
        walk();
        window.now(START + 8000);
        var merged = walk();

        assertThat(HostSums.tracked(merged.incoming(), merged.outgoing())).isZero();
    }

    @Test
    void samplesAreRepresentativeAndOfAtLeastTwoThousandRecords() {
        // A victim gets 50,000 records, 30 percent of them from port 53.
        for (var i = 0; i < 50_000; i++) {
            var now = START + i / 50;
            window.now(now);
            flow.sourcePort = random.nextInt(10) < 3 ? 53 : 1024 + random.nextInt(60_000);
            flow.sourceLow = IpBits.v4(random.nextInt());
            add(0, IpBits.v4(0xC6336407), 20, now);
        }

        var merged = walk();
        var samples = merged.incoming().samples(merged.incoming().find(0, IpBits.v4(0xC6336407)));

        assertThat(samples).singleElement().satisfies(sample -> {
            assertThat(sample.size()).isEqualTo(2000);
            var fromDns = 0;
            for (var record = 0; record < sample.size(); record++) {
                fromDns += sample.sourcePort(record) == 53 ? 1 : 0;
            }
            // Four standard deviations of a fair draw.
            assertThat(fromDns / 2000.0).isBetween(0.26, 0.34);
        });
    }

    @Test
    void samplesStopAtTheirMemoryAndAreAskedForAgain() {
        window.now(START);
        for (var host = 0; host < 2000; host++) {
            add(0x20010DB8_00000000L, host, 1_000_000, START);
        }
        walk();

        assertThat(window.drainRefusedSamples()).isBetween(1200L, 1400L);
    }
}
