package dev.portcullis.dataplane.firewall;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A port on loopback whose connections lead through a CONNECT of the firewall, for programs that know no proxy. */
final class ConnectBridge implements AutoCloseable {
    private final ServerSocket server;

    ConnectBridge(TestFirewall firewall, String host, int port) throws IOException {
        server = new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    var near = server.accept();
                    Thread.ofVirtual().start(() -> join(near, firewall, host, port));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private static void join(Socket near, TestFirewall firewall, String host, int port) {
        try (near;
                var far = firewall.connect()) {
            far.setSoTimeout(0);
            near.setTcpNoDelay(true);
            var reply = Wire.exchange(far, "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            if (reply.status() != 200) {
                return;
            }
            var back = Thread.ofVirtual().start(() -> pass(far, near));
            pass(near, far);
            back.join();
        } catch (IOException e) {
            // One of them went.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            try {
                from.close();
                to.close();
            } catch (IOException closed) {
                // Closed is what was wanted.
            }
        }
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
