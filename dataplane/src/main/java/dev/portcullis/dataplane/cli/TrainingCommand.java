package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.config.LocalFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs a firewall, a detector, or both, on loopback under a load of their own, then ends: what the AOT caches of the launcher
 * and of the image are recorded from ({@code -XX:AOTCacheOutput}, JEP 514), so that the next start finds its classes loaded
 * and, for what was busy here, profiles to compile from (JEP 515): requests, bodies both ways, tunnels, WebSockets; telemetry
 * of every protocol, decisions, an attack.
 */
@Command(
        name = "training",
        hidden = true,
        description = "Run what the pods run under a load of its own for a moment, and end.")
public final class TrainingCommand implements Callable<Integer> {
    private static final String POLICY = """
            apiVersion: portcullis.dev/v1alpha1
            kind: AgentPolicy
            metadata: {name: training}
            spec:
              port: %d
              network: {allowedRanges: ["127.0.0.0/8"]}
              limits: {requestsPerMinutePerHost: 0}
              connect: {ports: []}
              killSwitch: {sentinelFile: "%s"}
            """;

    // Decisions come ten times as often as by default: what is done once a second would be neither compiled nor known
    // to be worth
    // it after so short a time, and every detector would do it in its interpreter for a minute.
    private static final String DETECTOR = """
            apiVersion: portcullis.dev/v1alpha1
            kind: FlowDetector
            metadata: {name: training}
            spec:
              listeners:
                netflow: {port: %d}
                sflow: {port: %d}
              networks: ["198.18.0.0/15", "198.51.100.0/24", "2001:db8::/32"]
              thresholds: {packetsPerSecond: 100k, bitsPerSecond: 1G, flowsPerSecond: 1M}
              hysteresis: 5s
              window: {tick: 100ms}
              api: {port: %d, allowUnauthenticated: true}
            """;

    /** What runs. */
    enum Roles {
        FIREWALL,
        FLOW,
        BOTH
    }

    @Option(
            names = "--role",
            defaultValue = "BOTH",
            description = "${COMPLETION-CANDIDATES}. Default ${DEFAULT-VALUE}.")
    Roles roles = Roles.BOTH;

    @Option(
            names = "--rounds",
            defaultValue = "20",
            description = "How often the load of a firewall is repeated. Default ${DEFAULT-VALUE}.")
    int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "2",
            description =
                    "How long a detector gets telemetry of each protocol, ordinary and of an attack. Default ${DEFAULT-VALUE}.")
    int seconds;

    @Override
    public Integer call() throws IOException {
        if (roles != Roles.FLOW) {
            firewall();
        }
        if (roles != Roles.FIREWALL) {
            detector();
        }
        return 0;
    }

    private void detector() throws IOException {
        var folder = Files.createTempDirectory("portcullis-training-");
        var file = folder.resolve("detector.yaml");
        var netflow = freePort();
        var sflow = freePort();
        var api = freePort();
        Files.writeString(file, DETECTOR.formatted(netflow, sflow, api));
        try (var running = running(folder, file)) {
            new TrainingTelemetry(netflow, sflow, api).send(seconds);
        } finally {
            remove(folder);
        }
    }

    private static LocalRoles running(Path folder, Path file) throws IOException {
        var running = new LocalRoles("127.0.0.1", folder, OutputStream.nullOutputStream());
        var failures = running.apply(new LocalFiles(List.of(file)).load());
        if (!failures.isEmpty()) {
            running.close();
            throw new IOException(failures.toString());
        }
        return running;
    }

    private void firewall() throws IOException {
        var folder = Files.createTempDirectory("portcullis-training-");
        var file = folder.resolve("policy.yaml");
        var port = freePort();
        Files.writeString(file, POLICY.formatted(port, folder.resolve("stop")));
        try (var origin = TrainingOrigin.open();
                var running = running(folder, file)) {
            var traffic = new TrainingTraffic(port, origin.port());
            for (var i = 0; i < rounds; i++) {
                traffic.round();
            }
            traffic.pages();
        } finally {
            remove(folder);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
