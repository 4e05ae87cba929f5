package dev.portcullis.benchmarks.flow;

import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.SyntheticFlow;
import dev.portcullis.dataplane.flow.generate.TelemetryEncoder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Telemetry made beforehand: ordinary flows from anywhere to scattered hosts of 10.0.0.0/8 and 2001:db8::/32, in the
 * datagrams of one exporter. The same seed makes the same bytes.
 */
final class FlowTraffic {
    /** Protocols, by the name that collectors and command lines give them. */
    enum Format {
        NETFLOW5(FlowGenerator.Protocol.V5),
        NETFLOW9(FlowGenerator.Protocol.V9),
        IPFIX(FlowGenerator.Protocol.IPFIX),
        SFLOW5(FlowGenerator.Protocol.SFLOW);

        private final FlowGenerator.Protocol protocol;

        Format(FlowGenerator.Protocol protocol) {
            this.protocol = protocol;
        }

        boolean sampledPackets() {
            return this == SFLOW5;
        }
    }

    /** How destinations lie in the network. */
    enum Layout {
        /** Anywhere in it, at random; the case that caches like least. */
        SCATTERED,
        /** From its first address on, without a gap, all of them equally often. */
        DENSE
    }

    /** Coprime to every round number of hosts: its multiples visit all of them. */
    private static final long STRIDE = 1_000_003;

    private final List<byte[]> datagrams = new ArrayList<>();
    private final List<Integer> flowsOfEach = new ArrayList<>();
    private final Layout layout;
    private long flows;
    private long taken;

    /** Makes at least {@code wanted} flows to scattered hosts, of a router that looks at one packet in {@code sampling}. */
    FlowTraffic(Format format, int sampling, int hosts, int wanted, long seed) {
        this(format, sampling, hosts, wanted, seed, Layout.SCATTERED);
    }

    /** Makes at least {@code wanted} flows, of a router that looks at one packet in a thousand. */
    FlowTraffic(Format format, int hosts, int wanted, long seed, Layout layout) {
        this(format, 1000, hosts, wanted, seed, layout);
    }

    /** {@code hosts}: different destinations, half of them IPv6 where the protocol can carry it. */
    private FlowTraffic(Format format, int sampling, int hosts, int wanted, long seed, Layout layout) {
        this.layout = layout;
        var random = new SplittableRandom(seed);
        var encoder = format.protocol.encoder(sampling, 1);
        var v6 = format != Format.NETFLOW5;
        while (flows < wanted) {
            // As routers do, a datagram is of one family: odd hosts are IPv6.
            var six = v6 && (datagrams.size() & 1) == 1;
            var any = layout == Layout.DENSE ? (int) (flows * STRIDE % hosts) : random.nextInt(hosts);
            var host = v6 ? any / 2 * 2 + (six ? 1 : 0) : any;
            if (!encoder.add(flow(format, host, six, random))) {
                take(encoder);
                continue;
            }
            flows++;
        }
        take(encoder);
    }

    private void take(TelemetryEncoder encoder) {
        var made = encoder.take();
        var copy = new byte[made.remaining()];
        made.get(copy);
        datagrams.add(copy);
        flowsOfEach.add((int) (flows - taken));
        taken = flows;
    }

    private SyntheticFlow flow(Format format, int host, boolean v6, SplittableRandom random) {
        var tcp = random.nextInt(10) < 7;
        var packets = format.sampledPackets() ? 1 : 1 + random.nextInt(8);
        return new SyntheticFlow(
                v6
                        ? v6(0x2400_0000_0000_0000L | random.nextInt(), random.nextLong())
                        : v4(0x5000_0000 | random.nextInt(1 << 26)),
                layout == Layout.SCATTERED
                        ? destination(host, v6)
                        : v6 ? v6(0x2001_0db8_0000_0000L, host) : v4(0x0A00_0000 + host),
                1024 + random.nextInt(60_000),
                tcp ? 443 : 53,
                tcp ? 6 : 17,
                tcp ? 0x18 : 0,
                packets,
                packets * (64L + random.nextInt(1200)),
                random.nextInt(800));
    }

    /** The address of a host by its number, scattered over the network. */
    static InetAddress destination(int host, boolean v6) {
        var scattered = host * 0x9E37_79B1;
        return v6
                ? v6(0x2001_0db8_0000_0000L | scattered & 0xFFFF_FFFFL, host * 0x9E37_79B9_7F4A_7C15L)
                : v4(0x0A00_0000 | scattered >>> 8);
    }

    private static InetAddress v4(int bits) {
        return address(new byte[] {(byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits});
    }

    private static InetAddress v6(long high, long low) {
        var bytes = new byte[16];
        for (var i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> 56 - 8 * i);
            bytes[8 + i] = (byte) (low >>> 56 - 8 * i);
        }
        return address(bytes);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The datagrams in the order they are sent. */
    List<byte[]> datagrams() {
        return datagrams;
    }

    /** Flow records or packet samples in the datagram of that index. */
    int flowsIn(int datagram) {
        return flowsOfEach.get(datagram);
    }

    /** Flow records or packet samples in all of them. */
    long flows() {
        return flows;
    }
}
