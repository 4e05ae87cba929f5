package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.config.LocalFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs a firewall on loopback under a small load of its own, then ends: what the launcher's AOT cache is recorded from
 * ({@code -XX:AOTCacheOutput}, JEP 514), so that the next start finds its classes loaded and its hot methods profiled.
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
            """;
    private static final byte[] REPLY =
            ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n"
                            + "{\"role\":\"assistant\",\"content\":\"done\"}")
                    .getBytes(StandardCharsets.US_ASCII);
    private static final int TUNNELS = 100;

    @Option(names = "--requests", defaultValue = "3000", description = "How many requests. Default ${DEFAULT-VALUE}.")
    int requests;

    @Override
    public Integer call() throws IOException {
        var folder = Files.createTempDirectory("portcullis-training-");
        var file = folder.resolve("policy.yaml");
        try (var origin = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var roles = new LocalRoles("127.0.0.1", null, OutputStream.nullOutputStream())) {
            Thread.ofPlatform().daemon(true).start(() -> accept(origin));
            var port = freePort();
            Files.writeString(file, POLICY.formatted(port));
            var failures = roles.apply(new LocalFiles(List.of(file)).load());
            if (!failures.isEmpty()) {
                throw new IOException(failures.toString());
            }
            load(port, origin.getLocalPort());
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
        return 0;
    }

    private void load(int proxy, int origin) throws IOException {
        var head = " http://127.0.0.1:" + origin + "/v1/messages?model=small HTTP/1.1\r\nHost: 127.0.0.1:" + origin
                + "\r\nUser-Agent: training\r\nAccept: */*\r\n";
        var text = "{\"role\":\"user\",\"content\":\"Summarise the build log and name the failing test.\"}".repeat(50);
        var get = ascii("GET" + head + "\r\n");
        var post = ascii("POST" + head + "Content-Type: application/json\r\nContent-Length: " + text.length()
                + "\r\n\r\n" + text);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), proxy)) {
            for (var i = 0; i < requests; i++) {
                exchange(socket, i % 4 == 3 ? post : get);
            }
        }
        var connect = ascii("CONNECT 127.0.0.1:" + origin + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        for (var i = 0; i < TUNNELS; i++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), proxy)) {
                exchange(socket, connect);
                exchange(socket, ascii("GET / HTTP/1.1\r\nHost: origin\r\n\r\n"));
            }
        }
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), proxy)) {
            for (var path : List.of("/metrics", "/stats", "/health")) {
                exchange(socket, ascii("GET " + path + " HTTP/1.1\r\nHost: proxy\r\n\r\n"));
            }
        }
    }

    private static void exchange(Socket socket, byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        var length = 0;
        String line;
        while (!(line = line(socket.getInputStream())).isEmpty()) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(line.substring(15).trim());
            }
        }
        socket.getInputStream().skipNBytes(length);
    }

    private static void accept(ServerSocket origin) {
        try {
            while (!origin.isClosed()) {
                var socket = origin.accept();
                Thread.ofPlatform().daemon(true).start(() -> answer(socket));
            }
        } catch (IOException e) {
            // The training is over.
        }
    }

    private static void answer(Socket socket) {
        try (socket) {
            while (true) {
                var length = 0;
                String line;
                while (!(line = line(socket.getInputStream())).isEmpty()) {
                    if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                        length = Integer.parseInt(line.substring(15).trim());
                    }
                }
                socket.getInputStream().skipNBytes(length);
                socket.getOutputStream().write(REPLY);
            }
        } catch (IOException e) {
            // The proxy closed the connection.
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        int next;
        while ((next = in.read()) != '\n') {
            if (next < 0) {
                throw new IOException("closed");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
