package dev.portcullis.dataplane.flow.generate;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Sends the telemetry of a made-up attack, and of a little ordinary traffic around it, to a collector. Paced by time and
 * repeatable: the same options send the same flows. One run, one thread.
 */
public final class FlowGenerator {
    /** Flows of ordinary traffic to one of the attack. */
    private static final double BACKGROUND = 0.05;

    private static final int REFLECTORS = 256;
    private static final long STEP_NANOS = 5_000_000;

    private final Options options;
    private final LongSupplier nanoTime;
    private final SplittableRandom random;
    private final boolean v6;
    private final double flowsPerSecond;
    private final long packetsPerFlow;
    private final TelemetryEncoder encoder;
    private long datagrams;
    private long flows;
    private long attackPackets;
    private long attackBytes;

    /** The protocols that can be sent. */
    public enum Protocol {
        V5,
        V9,
        IPFIX,
        SFLOW;

        /**
         * What makes datagrams of it.
         *
         * @param samplingRate one in how many packets the exporter looks at
         * @param domain observation domain, where the protocol has one
         */
        public TelemetryEncoder encoder(int samplingRate, int domain) {
            return switch (this) {
                case V5 -> new NetFlow5Encoder(samplingRate);
                case V9 -> new TemplatedEncoder(false, samplingRate, domain);
                case IPFIX -> new TemplatedEncoder(true, samplingRate, domain);
                case SFLOW -> new SFlow5Encoder(samplingRate);
            };
        }
    }

    /**
     * What to send.
     *
     * @param target of the attack
     * @param destination the collector
     * @param packetsPerSecond real packets of the attack
     * @param flowsPerSecond records a second of the attack; fewer where each would stand for less than one sampled
     *     packet, and with sFlow always one a sampled packet
     * @param samplingRate one in how many packets the exporter looks at
     */
    public record Options(
            Protocol protocol,
            Vector vector,
            InetAddress target,
            InetSocketAddress destination,
            long packetsPerSecond,
            int flowsPerSecond,
            int samplingRate,
            Duration duration,
            long seed) {
        public Options {
            if (packetsPerSecond < 1 || flowsPerSecond < 1 || samplingRate < 1) {
                throw new IllegalArgumentException("packets, flows and sampling rate must be 1 or more");
            }
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException("the duration must be more than nothing");
            }
            if (packetsPerSecond < samplingRate) {
                throw new IllegalArgumentException("a flood of " + packetsPerSecond + " packets a second sampled 1 in "
                        + samplingRate + " is less than a record a second: lower the sampling rate");
            }
        }

        // Few records, so that the sample's limit on flows is not what trips first.
        /** A UDP flood of 400,000 packets a second on 198.51.100.10, told to 127.0.0.1 for fifteen seconds. */
        public static Options standard(Protocol protocol) {
            return new Options(
                    protocol,
                    Vector.UDP_FLOOD,
                    address(198, 51, 100, 10),
                    new InetSocketAddress(address(127, 0, 0, 1), protocol == Protocol.SFLOW ? 6343 : 2055),
                    400_000,
                    250,
                    100,
                    Duration.ofSeconds(15),
                    1);
        }
    }

    /** What was sent: datagrams, records in them, and the real packets and bytes of the attack that they stand for. */
    public record Summary(long datagrams, long flows, long attackPackets, long attackBytes, Duration took) {}

    private FlowGenerator(Options options, LongSupplier nanoTime) {
        this.options = options;
        this.nanoTime = nanoTime;
        random = new SplittableRandom(options.seed());
        v6 = options.target().getAddress().length == 16;
        var sampled = (double) options.packetsPerSecond() / options.samplingRate();
        flowsPerSecond = options.protocol() == Protocol.SFLOW ? sampled : Math.min(options.flowsPerSecond(), sampled);
        packetsPerFlow = Math.round(sampled / flowsPerSecond);
        encoder = options.protocol().encoder(options.samplingRate(), 1);
    }

    /**
     * Sends until the duration is over or the thread is interrupted.
     *
     * @throws IOException when nobody listens there (where the system tells), or nothing can be sent
     * @throws IllegalArgumentException when the protocol cannot carry the target's address or the sampling rate
     */
    public static Summary run(Options options, PrintStream out) throws IOException {
        return run(options, System::nanoTime, out);
    }

    static Summary run(Options options, LongSupplier nanoTime, PrintStream out) throws IOException {
        return new FlowGenerator(options, nanoTime).send(out);
    }

    private Summary send(PrintStream out) throws IOException {
        var attack = options.vector().label() + " on " + options.target().getHostAddress();
        out.printf(
                "Sending %s as %s to %s: %,d packets/s in %,.0f records/s, sampled 1 in %,d, for %d s.%n",
                attack,
                options.protocol(),
                options.destination(),
                options.packetsPerSecond(),
                flowsPerSecond,
                options.samplingRate(),
                options.duration().toSeconds());
        var start = nanoTime.getAsLong();
        try (var channel = DatagramChannel.open()) {
            channel.connect(options.destination());
            for (var elapsed = 0L;
                    elapsed < options.duration().toNanos()
                            && !Thread.currentThread().isInterrupted(); ) {
                elapsed = Math.min(
                        nanoTime.getAsLong() - start, options.duration().toNanos());
                encoder.uptime(3_600_000 + elapsed / 1_000_000);
                sendDue(channel, (long) (elapsed / 1e9 * flowsPerSecond * (1 + BACKGROUND)));
                LockSupport.parkNanos(STEP_NANOS);
            }
        } catch (PortUnreachableException e) {
            throw new IOException(
                    "nobody listens on UDP " + options.destination() + ": start a detector first, then try again", e);
        }
        var took = Duration.ofNanos(nanoTime.getAsLong() - start);
        out.printf(
                "Sent %,d datagrams with %,d records in %.1f s; the attack was %,d packets and %,d bytes.%n",
                datagrams, flows, took.toNanos() / 1e9, attackPackets, attackBytes);
        return new Summary(datagrams, flows, attackPackets, attackBytes, took);
    }

    private void sendDue(DatagramChannel channel, long due) throws IOException {
        while (flows < due) {
            var background = random.nextDouble() < BACKGROUND / (1 + BACKGROUND);
            var flow = background ? ordinary() : attack();
            if (!encoder.add(flow)) {
                flush(channel);
                encoder.add(flow);
            }
            flows++;
            if (!background) {
                attackPackets += flow.packets() * options.samplingRate();
                attackBytes += flow.bytes() * options.samplingRate();
            }
        }
        flush(channel);
    }

    private void flush(DatagramChannel channel) throws IOException {
        var datagram = encoder.take();
        if (datagram.hasRemaining()) {
            channel.write(datagram);
            datagrams++;
        }
    }

    private SyntheticFlow attack() {
        var vector = options.vector();
        var reflected = vector.sourcePort() != 0;
        var sourcePort = reflected ? vector.sourcePort() : random.nextInt(1024, 65536);
        return new SyntheticFlow(
                source(reflected ? random.nextInt(REFLECTORS) : random.nextInt(1 << 20)),
                options.target(),
                vector.hasPorts() ? sourcePort : 0,
                vector.hasPorts()
                        ? (reflected ? random.nextInt(1024, 65536) : vector == Vector.UDP_FLOOD ? 80 : 443)
                        : 0,
                vector.ipProtocol(v6),
                vector.tcpFlags(),
                packetsPerFlow,
                packetsPerFlow * vector.packetBytes(),
                0);
    }

    /** A little web traffic to the target's neighbours. */
    private SyntheticFlow ordinary() {
        var neighbour = options.target().getAddress();
        neighbour[neighbour.length - 1] = (byte) (1 + random.nextInt(200));
        return new SyntheticFlow(
                source(1 << 20 | random.nextInt(1 << 16)),
                address(neighbour),
                random.nextInt(1024, 65536),
                443,
                6,
                0x18,
                1,
                600,
                0);
    }

    /** Sources are of the benchmarking networks 198.18.0.0/15 (RFC 2544) and 2001:2::/48 (RFC 5180). */
    private InetAddress source(int number) {
        if (!v6) {
            return address(198, 18 + (number >> 16 & 1), number >> 8 & 0xFF, number & 0xFF);
        }
        var bytes = new byte[16];
        bytes[0] = 0x20;
        bytes[1] = 0x01;
        bytes[3] = 0x02;
        bytes[13] = (byte) (number >> 16);
        bytes[14] = (byte) (number >> 8);
        bytes[15] = (byte) number;
        return address(bytes);
    }

    private static InetAddress address(int a, int b, int c, int d) {
        return address(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes is always one", e);
        }
    }
}
