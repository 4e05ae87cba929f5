package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.SyntheticFlow;
import dev.portcullis.dataplane.flow.generate.Vector;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * What exporters send a detector, in small: ordinary traffic to many hosts and floods over every protocol, at a pace at which
 * methods get their profiles, and a look at what came of them. {@link TrainingCommand} sends it once.
 */
final class TrainingTelemetry {
    private static final int RECORDS_A_SECOND = 60_000;

    /** Far below any limit each: what nearly all hosts are, and what a decision goes through row by row. */
    private static final int HOSTS = 4_000;

    private static final long STEP_NANOS = 5_000_000;

    private final InetSocketAddress netflow;
    private final InetSocketAddress sflow;
    private final URI api;
    private final PrintStream nobody =
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.US_ASCII);

    /** Telemetry for the ports of a detector on loopback. */
    TrainingTelemetry(int netflow, int sflow, int api) {
        this.netflow = new InetSocketAddress(InetAddress.getLoopbackAddress(), netflow);
        this.sflow = new InetSocketAddress(InetAddress.getLoopbackAddress(), sflow);
        this.api = URI.create("http://127.0.0.1:" + api);
    }

    /**
     * All of it.
     *
     * @param seconds of either kind of traffic over each protocol
     */
    void send(int seconds) throws IOException {
        for (var protocol : FlowGenerator.Protocol.values()) {
            ordinary(protocol, seconds);
            FlowGenerator.run(
                    new FlowGenerator.Options(
                            protocol,
                            Vector.UDP_FLOOD,
                            InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, 10}),
                            port(protocol),
                            RECORDS_A_SECOND * 100L,
                            RECORDS_A_SECOND,
                            100,
                            Duration.ofSeconds(seconds),
                            1),
                    nobody);
        }
        look();
    }

    private InetSocketAddress port(FlowGenerator.Protocol protocol) {
        return protocol == FlowGenerator.Protocol.SFLOW ? sflow : netflow;
    }

    /** A little to and from each of many hosts, of either family where the protocol carries both. */
    private void ordinary(FlowGenerator.Protocol protocol, int seconds) throws IOException {
        var encoder = protocol.encoder(1, 2);
        var v6 = protocol != FlowGenerator.Protocol.V5;
        // An sFlow sample is one packet.
        var mostPackets = protocol == FlowGenerator.Protocol.SFLOW ? 1 : 8;
        var random = new SplittableRandom(1);
        var start = System.nanoTime();
        try (var channel = DatagramChannel.open()) {
            channel.connect(port(protocol));
            var sent = 0L;
            for (var due = 0L; due < (long) seconds * RECORDS_A_SECOND; LockSupport.parkNanos(STEP_NANOS)) {
                due = (System.nanoTime() - start) / 1000 * RECORDS_A_SECOND / 1_000_000;
                for (; sent < due; sent++) {
                    var flow = ordinary(random, v6 && sent % 64 >= 32, mostPackets);
                    if (!encoder.add(flow)) {
                        channel.write(encoder.take());
                        encoder.add(flow);
                    }
                }
            }
            channel.write(encoder.take());
        }
    }

    private static SyntheticFlow ordinary(SplittableRandom random, boolean v6, int mostPackets) throws IOException {
        var tcp = random.nextInt(10) < 7;
        var packets = 1 + random.nextInt(mostPackets);
        return new SyntheticFlow(
                v6 ? v6(0x2400, random.nextInt()) : v4(0x5000_0000 | random.nextInt(1 << 26)),
                v6 ? v6(0x2001_0db8, random.nextInt(HOSTS)) : v4(0xC612_0000 | random.nextInt(HOSTS)),
                1024 + random.nextInt(60_000),
                tcp ? 443 : 53,
                tcp ? 6 : 17,
                tcp ? 0x18 : 0,
                packets,
                packets * (64L + random.nextInt(1200)),
                random.nextInt(800));
    }

    private static InetAddress v4(int bits) throws IOException {
        return InetAddress.getByAddress(
                ByteBuffer.allocate(Integer.BYTES).putInt(bits).array());
    }

    private static InetAddress v6(int first, int last) throws IOException {
        return InetAddress.getByAddress(
                ByteBuffer.allocate(16).putInt(first).putInt(12, last).array());
    }

    private void look() throws IOException {
        for (var path : List.of("/metrics", "/api/v1/status", "/api/v1/attacks", "/api/v1/hosts")) {
            var connection = (HttpURLConnection) api.resolve(path).toURL().openConnection();
            // Anything but 200 throws.
            connection.getInputStream().readAllBytes();
            connection.disconnect();
        }
    }
}
