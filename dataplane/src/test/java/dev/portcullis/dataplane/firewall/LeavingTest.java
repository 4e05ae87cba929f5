package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One side leaves while what was read for the other cannot be delivered: what is left has an end all the same. */
@Timeout(90)
class LeavingTest extends RoutesTest {
    /** An agent whose server outside never reads would else leave a connection behind with each tunnel. */
    @Test
    void anOriginThatNeverReadsIsLetGoOfOnceTheClientOfItsTunnelHasLeft() throws Exception {
        try (var origin = new RawOrigin(LeavingTest::writeForever);
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [], \"verifySni\": false},"
                        + " \"limits\": {\"idleTimeout\": \"2s\", \"tunnels\": 1}}")) {
            for (var time = 1; time <= 2; time++) {
                // Its place among the tunnels is free when the origin's connection is closed.
                var socket = await().ignoreExceptions().until(() -> tunnel(firewall, origin), opened -> true);
                stuff(socket);
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                socket.close();
                await().untilAsserted(() -> assertThat(origin.open()).isZero());
            }
        }
    }

    private static SocketChannel tunnel(TestFirewall firewall, RawOrigin origin) throws IOException {
        var channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", firewall.port()));
        var reply = Wire.exchange(
                channel.socket(), "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
        if (reply.status() != 200) {
            channel.close();
            throw new IOException("status " + reply.status());
        }
        return channel;
    }

    private static void writeForever(Socket socket) throws IOException {
        while (true) {
            socket.getOutputStream().write(new byte[8192]);
        }
    }

    /** Sends until nobody takes more, five looks in a row. */
    private static void stuff(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        var full = new AtomicInteger();
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            var written = 0;
            while (channel.write(ByteBuffer.allocate(64 * 1024)) > 0) {
                written++;
            }
            return (written == 0 ? full.incrementAndGet() : full.getAndSet(0)) >= 5;
        });
    }

    @Test
    void aWebSocketWhoseClientSaysCloseAndReadsNoMoreEnds() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    var in = socket.getInputStream();
                    Wire.head(in);
                    Wire.send(
                            socket,
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: " + Frames.accept() + "\r\n\r\n");
                    assertThat(Frames.read(in).opcode()).isEqualTo(Frames.CLOSE);
                    var out = new ByteArrayOutputStream();
                    out.writeBytes(Frames.server(Frames.TEXT, "x".repeat(900_000)));
                    out.writeBytes(Frames.frame(0x80 | Frames.CLOSE, false, new byte[] {3, (byte) 0xe8}, 2));
                    Frames.send(socket, out.toByteArray());
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                });
                var firewall = TestFirewall.with("{}");
                var socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress("127.0.0.1", firewall.port()));
            assertThat(Frames.open(socket, "http://origin.test:" + origin.port() + "/")
                            .status())
                    .isEqualTo(101);
            Frames.send(socket, Frames.close(1000));
            await().untilAsserted(() -> {
                assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                        .isEqualTo(1);
                assertThat(firewall.metric("portcullis_client_connections")).isZero();
                assertThat(origin.open()).isZero();
            });
        }
    }

    @Test
    void aClientThatTakesWhatComesInsideItsTunnelTooSlowlyIsTheOneThatIsTooSlow() throws Exception {
        var big = new byte[32 << 20];
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
                    exchange.sendResponseHeaders(200, big.length);
                    exchange.getResponseBody().write(big);
                });
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), "")
                        .replaceFirst("\\{", "{\"limits\": {\"idleTimeout\": \"3s\"}, "));
                var plain = new Socket()) {
            plain.setReceiveBufferSize(4096);
            plain.connect(new InetSocketAddress("127.0.0.1", firewall.port()));
            Wire.exchange(plain, "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
            try (var socket = (SSLSocket) TestCertificates.client(TestCertificates.POLICY)
                    .getSocketFactory()
                    .createSocket(plain, "origin.test", origin.port(), true)) {
                Wire.send(socket, "GET / HTTP/1.1\r\nHost: origin.test:" + origin.port() + "\r\n\r\n");
                assertThat(socket.getInputStream().read()).isEqualTo('H');
                await().untilAsserted(() -> {
                    assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"slow_client\"}"))
                            .isEqualTo(1);
                    assertThat(firewall.metric("portcullis_client_connections")).isZero();
                });
                assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"timeout\"}"))
                        .isZero();
            }
        }
    }
}
