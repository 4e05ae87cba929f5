package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.bgp.Daemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A TCP port whose first connection OpenSSL carries on over TLS, for an exporter that speaks TCP alone. */
final class TlsRelay implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<String> client;
    private volatile @Nullable Process process;

    /**
     * A relay to {@code port} of 127.0.0.1.
     *
     * @param authority PEM of whoever signed its certificate
     */
    TlsRelay(int port, Path authority) throws IOException {
        client = List.of(
                Daemon.require("openssl", "openssl"),
                "s_client",
                "-quiet",
                "-connect",
                "127.0.0.1:" + port,
                "-CAfile",
                authority.toString(),
                "-verify_return_error",
                "-verify_ip",
                "127.0.0.1");
        Thread.ofPlatform().daemon(true).start(this::relay);
    }

    private void relay() {
        try (var socket = server.accept()) {
            var tls = new ProcessBuilder(client)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process = tls;
            var out = tls.getOutputStream();
            socket.getInputStream().transferTo(out);
            out.flush();
        } catch (IOException ended) {
            // What has not arrived is missing from the totals that the test looks at.
            return;
        }
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        var running = process;
        if (running != null) {
            running.destroy();
        }
    }
}
