package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.Vector;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * What exporters send a detector, in small: floods over every protocol, at a pace at which methods get their profiles, and
 * a look at what came of them. {@link TrainingCommand} sends it once.
 */
final class TrainingTelemetry {
    private static final int RECORDS_A_SECOND = 60_000;

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
     * @param seconds of each protocol
     */
    void send(int seconds) throws IOException {
        for (var protocol : FlowGenerator.Protocol.values()) {
            FlowGenerator.run(
                    new FlowGenerator.Options(
                            protocol,
                            Vector.UDP_FLOOD,
                            InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, 10}),
                            protocol == FlowGenerator.Protocol.SFLOW ? sflow : netflow,
                            RECORDS_A_SECOND * 100L,
                            RECORDS_A_SECOND,
                            100,
                            Duration.ofSeconds(seconds),
                            1),
                    nobody);
        }
        for (var path : List.of("/metrics", "/api/v1/status", "/api/v1/attacks", "/api/v1/hosts")) {
            var connection = (HttpURLConnection) api.resolve(path).toURL().openConnection();
            // Anything but 200 throws.
            connection.getInputStream().readAllBytes();
            connection.disconnect();
        }
    }
}
