package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.DecodeCounts;
import dev.portcullis.dataplane.flow.decode.DecodeError;
import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.ExporterBudget;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.decode.TemplateChange;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.generate.NetFlow5Encoder;
import dev.portcullis.dataplane.flow.generate.SFlow5Encoder;
import dev.portcullis.dataplane.flow.generate.SyntheticFlow;
import dev.portcullis.dataplane.flow.generate.TelemetryEncoder;
import dev.portcullis.dataplane.flow.generate.TemplatedEncoder;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** From datagram to counters nothing is allocated, whatever the protocol, for light hosts and for heavy ones. */
class AllocationTest {
    private static final long START = 3_600_000;
    private static final int HOSTS = 200;
    private static final int ROUNDS = 300;
    private static final int TURNS = 20;

    private final FlowPolicy policy = TestPolicies.sampleWith("""
            networks: ['198.51.100.0/24', '2001:db8::/32']
            thresholds: {packetsPerSecond: 1G}
            thresholdsOutgoing: {packetsPerSecond: 1G}
            carpetBombing: {enabled: true, thresholds: {packetsPerSecond: 10G}}
            """);
    private final WindowLimits limits = new WindowLimits();
    private final FlowWindow window;
    private final FlowDecoder decoder;
    private final Exporter exporter =
            new Exporter(InetAddress.getLoopbackAddress(), new ExporterBudget(65_536, 1 << 20, 65_536, 1 << 20));
    private final Nobody nobody = new Nobody();

    AllocationTest() {
        limits.apply(policy.window());
        window = new FlowWindow(limits, policy.window(), 1);
        decoder = new FlowDecoder(window);
    }

    static Stream<Arguments> protocols() {
        return Stream.of(
                Arguments.of("NetFlow v5", new NetFlow5Encoder(100), FlowDecoder.Port.NETFLOW, false),
                Arguments.of("NetFlow v9", new TemplatedEncoder(false, 100, 1), FlowDecoder.Port.NETFLOW, false),
                Arguments.of("NetFlow v9 of IPv6", new TemplatedEncoder(false, 100, 1), FlowDecoder.Port.NETFLOW, true),
                Arguments.of("IPFIX", new TemplatedEncoder(true, 100, 1), FlowDecoder.Port.NETFLOW, false),
                Arguments.of("IPFIX of IPv6", new TemplatedEncoder(true, 100, 1), FlowDecoder.Port.NETFLOW, true),
                Arguments.of("sFlow v5", new SFlow5Encoder(100), FlowDecoder.Port.SFLOW, false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("protocols")
    void aFlowAllocatesNothing(String name, TelemetryEncoder encoder, FlowDecoder.Port port, boolean v6)
            throws Exception {
        var datagrams = datagrams(encoder, v6);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // What is made once, for a host or an exporter or by the JVM the first time, is made here.
        for (var round = 0; round < ROUNDS; round++) {
            count(port, datagrams, round);
        }
        threads.getCurrentThreadAllocatedBytes();

        // The JVM may still do something of its own for the first time, more of it after a hundred other classes. What
        // a flow
        // allocates it allocates in each turn.
        var least = Long.MAX_VALUE;
        for (var turn = 1; turn <= TURNS && least >= ROUNDS * HOSTS / 50; turn++) {
            var before = threads.getCurrentThreadAllocatedBytes();
            for (var round = turn * ROUNDS; round < (turn + 1) * ROUNDS; round++) {
                count(port, datagrams, round);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(nobody.flows).isGreaterThanOrEqualTo(2L * ROUNDS * HOSTS);
        assertThat(least).as("bytes allocated for %d flows", ROUNDS * HOSTS).isLessThan(ROUNDS * HOSTS / 50);
    }

    /** Seconds go by, 10 ms a round. */
    private void count(FlowDecoder.Port port, List<byte[]> datagrams, int round) {
        var now = START + round * 10L;
        window.now(now);
        for (var i = 0; i < datagrams.size(); i++) {
            var datagram = datagrams.get(i);
            System.arraycopy(datagram, 0, decoder.buffer(), 0, datagram.length);
            decoder.decode(port, datagram.length, exporter, now);
        }
        decoder.counts().drainTo(nobody);
    }

    /** The first hosts get so much that they have exact counters, the others stay light. */
    private static List<byte[]> datagrams(TelemetryEncoder encoder, boolean v6) throws Exception {
        var datagrams = new ArrayList<byte[]>();
        for (var host = 0; host < HOSTS; ) {
            // An sFlow sample is one packet.
            var packets = encoder instanceof SFlow5Encoder ? 1L : host < HOSTS / 10 ? 400_000L : 2L;
            var flow = new SyntheticFlow(
                    InetAddress.getByName(v6 ? "2001:db8:1::" + Integer.toHexString(host + 1) : "192.0.2." + host),
                    InetAddress.getByName(v6 ? "2001:db8::" + Integer.toHexString(host + 1) : "198.51.100." + host),
                    40_000 + host,
                    443,
                    6,
                    0x18,
                    packets,
                    packets * 100,
                    100);
            if (encoder.add(flow)) {
                host++;
            } else {
                take(encoder, datagrams);
            }
        }
        take(encoder, datagrams);
        return datagrams;
    }

    private static void take(TelemetryEncoder encoder, List<byte[]> into) {
        var made = encoder.take();
        var copy = new byte[made.remaining()];
        made.get(copy);
        into.add(copy);
    }

    /** Counts flows and forgets the rest. */
    private static final class Nobody implements DecodeCounts.Reader {
        private long flows;

        @Override
        public void errors(DecodeError error, long count) {}

        @Override
        public void flows(Protocol protocol, long count) {
            flows += count;
        }

        @Override
        public void lost(Protocol protocol, long count) {}

        @Override
        public void brokenDatagrams(long count) {}

        @Override
        public void templateMisses(long count) {}

        @Override
        public void templateChanges(TemplateChange change, long count) {}

        @Override
        public void inside(long count) {}
    }
}
