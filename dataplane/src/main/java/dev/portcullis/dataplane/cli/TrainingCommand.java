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
 * Runs a firewall on loopback under a load of its own, then ends: what the AOT cache of the launcher and of the image is
 * recorded from ({@code -XX:AOTCacheOutput}, JEP 514), so that the next start finds its classes loaded and, for what was
 * busy here, profiles to compile from (JEP 515): requests, bodies both ways, tunnels, WebSockets.
 */
@Command(
        name = "training",
        hidden = true,
        description = "Run a firewall under a load of its own for a moment, and end.")
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

    @Option(
            names = "--rounds",
            defaultValue = "20",
            description = "How often the load is repeated. Default ${DEFAULT-VALUE}.")
    int rounds;

    @Override
    public Integer call() throws IOException {
        var folder = Files.createTempDirectory("portcullis-training-");
        var file = folder.resolve("policy.yaml");
        try (var origin = TrainingOrigin.open();
                var roles = new LocalRoles("127.0.0.1", folder, OutputStream.nullOutputStream())) {
            var port = freePort();
            Files.writeString(file, POLICY.formatted(port, folder.resolve("stop")));
            var failures = roles.apply(new LocalFiles(List.of(file)).load());
            if (!failures.isEmpty()) {
                throw new IOException(failures.toString());
            }
            var traffic = new TrainingTraffic(port, origin.port());
            for (var i = 0; i < rounds; i++) {
                traffic.round();
            }
            traffic.pages();
        } finally {
            remove(folder);
        }
        return 0;
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
