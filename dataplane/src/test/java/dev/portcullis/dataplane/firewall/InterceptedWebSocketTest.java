package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** WebSocket connections inside intercepted tunnels are relayed message by message, like those that come in the open. */
class InterceptedWebSocketTest {
    private static SSLSocket tunnel(TestFirewall firewall, WebSocketOrigin origin) throws IOException {
        return Intercepted.tunnel(
                firewall, TestCertificates.client(TestCertificates.POLICY), "origin.test", origin.port());
    }

    private static void open(SSLSocket socket, WebSocketOrigin origin) throws IOException {
        var handshake = Frames.handshake("/chat").replace("Host: x", "Host: origin.test:" + origin.port());
        assertThat(Wire.exchange(socket, handshake).status()).isEqualTo(101);
    }

    @Test
    void messagesPassAndTheConnectionIsCountedAsAWebSocket() throws Exception {
        try (var origin = WebSocketOrigin.secure(TestCertificates.origin("origin.test"));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var socket = tunnel(firewall, origin)) {
            open(socket, origin);
            Frames.send(socket, Frames.client(Frames.TEXT, "hello"));
            assertThat(Frames.read(socket.getInputStream()).text()).isEqualTo("hello");
            assertThat(firewall.metric("pipelock_ws_active_connections")).isEqualTo(1);
            Frames.send(socket, Frames.close(1000));
            assertThat(Frames.read(socket.getInputStream()).code()).isEqualTo(1000);

            await().untilAsserted(
                            () -> assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                                    .isEqualTo(1));
            assertThat(firewall.metric("pipelock_ws_active_connections")).isZero();
            assertThat(firewall.metric("pipelock_ws_frames_total{type=\"text\"}"))
                    .isEqualTo(2);
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isZero();
        }
    }

    @Test
    void aSecretInAMessageEndsTheConnectionAndNeverReachesTheOrigin() throws Exception {
        try (var origin = WebSocketOrigin.secure(TestCertificates.origin("origin.test"));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var socket = tunnel(firewall, origin)) {
            open(socket, origin);
            Frames.send(socket, Frames.client(Frames.TEXT, "take " + MarkerScans.SECRET));
            assertThat(Frames.read(socket.getInputStream()).code()).isEqualTo(1008);

            assertThat(origin.seen).isEmpty();
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                    .isEqualTo(1));
            assertThat(firewall.metric("pipelock_ws_scan_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(1);
        }
    }
}
