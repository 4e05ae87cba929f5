package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostTableTest {
    private static final long START = 3_600_000;

    /** Against a map, while the segments grow and shrink. */
    @Test
    void hostsComeAndGoAndEachIsFoundWithItsState() {
        var random = new Random(5);
        var table = new HostTable(42, new Slabs());
        var truth = new HashMap<Long, Long>();
        for (var i = 1; i <= 60_000; i++) {
            var low = (long) random.nextInt(15_000);
            var high = low % 3;
            var slot = table.find(high, low);
            if (slot == HostTable.ABSENT) {
                assertThat(truth).doesNotContainKey(low);
                table.insert(table.hash(high, low), high, low, i);
                truth.put(low, (long) i);
            } else {
                assertThat(table.state(slot)).isEqualTo(truth.get(low));
                if (random.nextInt(3) == 0) {
                    table.remove(slot);
                    truth.remove(low);
                }
            }
        }

        assertThat(table.size()).isEqualTo(truth.size());
        truth.forEach((low, state) ->
                assertThat(table.state(table.find(low % 3, low))).isEqualTo(state));
    }

    /** Of sizes up to those that are arrays of their own. */
    @Test
    void tablesCutFromTheSameSlabsKeepTheirHostsApart() {
        var slabs = new Slabs();
        var one = new HostTable(42, slabs);
        var other = new HostTable(42, slabs);
        for (var host = 1; host <= 400_000; host++) {
            one.insert(one.hash(0, host), 0, host, host);
            if (host % 2 == 0) {
                other.insert(other.hash(0, host), 0, host, -host);
            }
        }

        for (var host = 1; host <= 400_000; host++) {
            if (one.state(one.find(0, host)) != host) {
                throw new AssertionError(host + " has the state " + one.state(one.find(0, host)));
            }
            var slot = other.find(0, host);
            if (host % 2 == 0 ? other.state(slot) != -host : slot != HostTable.ABSENT) {
                throw new AssertionError(host + " is in slot " + slot + " of the other");
            }
        }
        assertThat(one.size()).isEqualTo(400_000);
        assertThat(other.size()).isEqualTo(200_000);
        assertThat(one.array(one.find(0, 1))).as("large ones are on their own").isNotSameAs(slabs.array());
    }

    /** As the tick does it. */
    @Test
    void aWalkDownASegmentThatRemovesHalfOfItSeesEveryHostOnce() {
        var table = new HostTable(42, new Slabs());
        for (var host = 1; host <= 20_000; host++) {
            table.insert(table.hash(0, host), 0, host, host);
        }
        var seen = new HashSet<Long>();
        for (var segment = 0; segment < HostTable.SEGMENTS; segment++) {
            var last = table.lastSlot(segment);
            for (var slot = last; slot > last - table.slots(segment); slot--) {
                if (table.state(slot) != 0) {
                    assertThat(seen.add(table.low(slot))).isTrue();
                    if (table.low(slot) % 2 == 0) {
                        table.remove(slot);
                    }
                }
            }
        }

        assertThat(seen).hasSize(20_000);
        assertThat(table.size()).isEqualTo(10_000);
        for (var host = 1; host <= 20_000; host++) {
            assertThat(table.find(0, host) == HostTable.ABSENT).isEqualTo(host % 2 == 0);
        }
    }

    @Test
    void aChangeOfPolicyPutsAHostUnderItsNewGroupWithItsNextRecordAndForgetsThoseNotJudgedAnyMore() {
        var before = TestPolicies.sampleWith("{networks: ['198.51.100.0/24', '2001:db8::/32'], hostGroups: ["
                        + "{name: loose, prefixes: ['198.51.100.0/25'], thresholds: {packetsPerSecond: 1G}}]}")
                .window();
        var after = TestPolicies.sampleWith("{networks: ['198.51.100.0/24'], hostGroups: ["
                        + "{name: strict, prefixes: ['198.51.100.0/25'], thresholds: {packetsPerSecond: 100}}]}")
                .window();
        var limits = new WindowLimits();
        limits.apply(before);
        var window = new HostWindow(HostWindow.Kind.INCOMING, false, limits.incoming(), new Slabs(), before, 1);
        window.now(START);
        var flow = new FlowRecord();
        flow.arrivalMillis = START;
        flow.samplingRate = 1;
        flow.packets = 1000;
        flow.bytes = 100_000;
        flow.correct();
        count(window, 0, IpBits.v4(0xC6336401), flow);
        count(window, 0x20010DB8_00000000L, 1, flow);
        assertThat(window.hosts().size()).isEqualTo(2);
        assertThat(window.hosts().ring(window.hosts().table().find(0, IpBits.v4(0xC6336401))))
                .isEqualTo(RateRings.NO_RING);

        window.apply(after);
        count(window, 0, IpBits.v4(0xC6336401), flow);
        count(window, 0x20010DB8_00000000L, 1, flow);

        var slot = window.hosts().table().find(0, IpBits.v4(0xC6336401));
        assertThat(window.hosts().ring(slot))
                .as("exact counters under 100 packets a second")
                .isPositive();
        var row = new HostSums();
        row.clear(after.seconds());
        assertThat(row.sum(
                        row.append(window.hosts().rings(), window.hosts().ring(slot), START / 1000, START / 1000),
                        Metric.PPS.counter()))
                .isEqualTo(2000);
        assertThat(window.hosts().size()).as("until the next walk").isEqualTo(2);
        window.pass().begin(row, START / 1000, START / 1000);
        assertThat(window.pass().step(1 << 20)).isTrue();
        assertThat(window.hosts().size()).isEqualTo(1);
    }

    private static void count(HostWindow window, long high, long low, FlowRecord flow) {
        window.locate(0, high, low);
        window.add(0, high, low, flow);
    }
}
