package dev.portcullis.dataplane.firewall;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A TCP server on loopback that does with each connection what a test says, each on a thread that the system shares out: one
 * that writes without an end must not keep another from its turn.
 */
final class RawOrigin implements AutoCloseable {
    /** What it does with a connection; it is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void run(Socket socket) throws IOException, InterruptedException;
    }

    private final ServerSocket server;
    private final AtomicInteger open = new AtomicInteger();

    RawOrigin(Script script) throws IOException {
        this(new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1")), script);
    }

    /** A server that speaks TLS. */
    static RawOrigin secure(SSLContext tls, Script script) throws IOException {
        return new RawOrigin(
                tls.getServerSocketFactory().createServerSocket(0, 512, InetAddress.getByName("127.0.0.1")), script);
    }

    private RawOrigin(ServerSocket server, Script script) {
        this.server = server;
        Thread.ofPlatform().daemon().start(() -> {
            while (!server.isClosed()) {
                try {
                    var socket = server.accept();
                    open.incrementAndGet();
                    Thread.ofPlatform().daemon().start(() -> {
                        try (socket) {
                            script.run(socket);
                        } catch (IOException | InterruptedException e) {
                            // The other side went first: that is what some tests are about.
                        } finally {
                            open.decrementAndGet();
                        }
                    });
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    /** A server that sends back what it receives. */
    static RawOrigin echo() throws IOException {
        return new RawOrigin(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
    }

    /** Connections whose script has not ended. */
    int open() {
        return open.get();
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
