package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tunnel.Hello;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** CONNECT through a real firewall to a real server. */
class TunnelTest {
    private static String policy(RawOrigin origin, String more) {
        return "{\"connect\": {\"ports\": [" + origin.port() + "]" + more + "}}";
    }

    private static Socket tunnel(TestFirewall firewall, String host, int port) throws IOException {
        var socket = firewall.connect();
        var reply = Wire.exchange(
                socket, "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n\r\n");
        assertThat(reply.status()).isEqualTo(200);
        return socket;
    }

    private static void isClosed(Socket socket) {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void bytesGoBothWaysAndAreCountedWhileTheTunnelIsOpen() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""));
                var socket = tunnel(firewall, "origin.test", origin.port())) {
            var hello = Hello.of("origin.test");
            socket.getOutputStream().write(hello);
            assertThat(socket.getInputStream().readNBytes(hello.length)).isEqualTo(hello);

            assertThat(firewall.metric("pipelock_active_tunnels")).isEqualTo(1);
            assertThat(firewall.metric("pipelock_tunnel_bytes_total")).isEqualTo(2.0 * hello.length);
            assertThat(firewall.metric("pipelock_sni_total{category=\"match\"}"))
                    .isEqualTo(1);

            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            await().untilAsserted(() -> {
                assertThat(firewall.metric("pipelock_tunnels_total{result=\"completed\"}"))
                        .isEqualTo(1);
                assertThat(firewall.metric("pipelock_active_tunnels")).isZero();
                assertThat(firewall.metric("pipelock_tunnel_duration_seconds_count"))
                        .isEqualTo(1);
            });
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_request_duration_seconds_count"))
                    .isZero();
            assertThat(firewall.local("/stats").get("tunnels").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aHelloThatComesWithTheConnectInOnePieceIsNotLost() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""));
                var socket = firewall.connect()) {
            var hello = Hello.split("origin.test", 20);
            var head = ("CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: origin.test\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            var both = java.nio.ByteBuffer.allocate(head.length + hello.length)
                    .put(head)
                    .put(hello)
                    .array();
            socket.getOutputStream().write(both);
            assertThat(Wire.read(socket.getInputStream()).status()).isEqualTo(200);
            assertThat(socket.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
        }
    }

    @Test
    void aHelloThatArrivesByteByByteIsChecked() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""));
                var socket = tunnel(firewall, "origin.test", origin.port())) {
            var hello = Hello.split("origin.test", 30);
            for (var value : hello) {
                socket.getOutputStream().write(value);
            }
            assertThat(socket.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
        }
    }

    @Test
    void aForeignServerNameClosesTheTunnelAndIsCounted() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""));
                var socket = tunnel(firewall, "origin.test", origin.port())) {
            socket.getOutputStream().write(Hello.of("elsewhere.test"));
            isClosed(socket);
            assertThat(firewall.metric("pipelock_sni_total{category=\"mismatch\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"completed\"}"))
                    .isZero();
        }
    }

    @Test
    void anEncryptedHelloIsJudgedByItsOuterNameAndTheAuditLogSaysSo() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""))) {
            // What browsers send with every hello so that real ones do not stand out.
            var meaningless = Hello.encrypted("origin.test");
            try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                socket.getOutputStream().write(meaningless);
                assertThat(socket.getInputStream().readNBytes(meaningless.length))
                        .isEqualTo(meaningless);
            }
            try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                socket.getOutputStream().write(Hello.encrypted("cdn.test"));
                isClosed(socket);
            }
            assertThat(firewall.metric("pipelock_sni_total{category=\"match\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_sni_total{category=\"mismatch\"}"))
                    .isEqualTo(1);
            assertThat(firewall.audit).anyMatch(event -> event.message().contains("Encrypted Client Hello"));
        }
    }

    @Test
    void auditModeLetsAForeignServerNamePass() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall =
                        TestFirewall.with("{\"mode\": \"Audit\", \"connect\": {\"ports\": [" + origin.port() + "]}}");
                var socket = tunnel(firewall, "origin.test", origin.port())) {
            var hello = Hello.of("elsewhere.test");
            socket.getOutputStream().write(hello);
            assertThat(socket.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"would_block\",scanner=\"domain\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void anEmptyListOfPortsAllowsAnyPort() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [], \"verifySni\": false}}");
                var socket = tunnel(firewall, "origin.test", origin.port())) {
            socket.getOutputStream().write('x');
            assertThat(socket.getInputStream().read()).isEqualTo('x');
        }
    }

    @Test
    void whatIsNotTlsAndWhatNamesNobodyPasses() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""))) {
            for (var first : List.of("SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII), Hello.of(null))) {
                try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                    socket.getOutputStream().write(first);
                    assertThat(socket.getInputStream().readNBytes(first.length)).isEqualTo(first);
                }
            }
            assertThat(firewall.metric("pipelock_sni_total{category=\"not_tls\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_sni_total{category=\"no_extension\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aBrokenHelloAndASilentClientAreClosed() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [" + origin.port()
                        + "]}, \"limits\": {\"headerTimeout\": \"300ms\"}}")) {
            try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                socket.getOutputStream().write(new byte[] {22, 3, 1, 0, 0});
                isClosed(socket);
            }
            try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                isClosed(socket);
            }
            assertThat(firewall.metric("pipelock_sni_total{category=\"malformed_tls\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_sni_total{category=\"timeout\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void otherPortsDisabledTunnelsAndInternalAddressesAreRefused() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ""))) {
            firewall.names.put("inside.test", List.of(InetAddress.getByName("127.0.0.2")));
            try (var socket = firewall.connect()) {
                var reply = Wire.exchange(socket, "CONNECT origin.test:22 HTTP/1.1\r\nHost: origin.test:22\r\n\r\n");
                assertThat(reply.status()).isEqualTo(403);
                assertThat(reply.body()).contains("connect-port").contains("CONNECT to port 22");
                assertThat(reply.headers()).containsEntry("connection", "close");
                isClosed(socket);
            }
            try (var socket = firewall.connect()) {
                var second = Wire.exchange(
                        socket, "CONNECT inside.test:" + origin.port() + " HTTP/1.1\r\nHost: inside.test\r\n\r\n");
                assertThat(second.status()).isEqualTo(403);
                assertThat(second.headers()).containsEntry("x-portcullis-block", "ssrf");
            }
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"blocked\"}"))
                    .isEqualTo(2);
            firewall.swap("{\"connect\": {\"enabled\": false}}");
            try (var socket = firewall.connect()) {
                assertThat(Wire.exchange(socket, "CONNECT origin.test:443 HTTP/1.1\r\nHost: o\r\n\r\n")
                                .status())
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void tunnelsBeyondTheLimitAreRefusedUntilOneCloses() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [" + origin.port()
                        + "], \"verifySni\": false}, \"limits\": {\"tunnels\": 1}}")) {
            var connect = "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: o\r\n\r\n";
            try (var first = tunnel(firewall, "origin.test", origin.port());
                    var second = firewall.connect()) {
                first.getOutputStream().write(1);
                assertThat(first.getInputStream().read()).isEqualTo(1);
                var refused = Wire.exchange(second, connect);
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.body()).contains("capacity_exceeded", "tunnels: 2");
            }
            await().untilAsserted(() -> {
                try (var third = firewall.connect()) {
                    assertThat(Wire.exchange(third, connect).status()).isEqualTo(200);
                }
            });
        }
    }

    @Test
    void aTunnelEndsWithItsLifetimeAndWithSilence() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [" + origin.port()
                        + "], \"verifySni\": false}, \"limits\": {\"tunnelLifetime\": \"300ms\"}}")) {
            try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                isClosed(socket);
            }
            firewall.swap("{\"connect\": {\"ports\": [" + origin.port()
                    + "], \"verifySni\": false}, \"limits\": {\"idleTimeout\": \"300ms\"}}");
            try (var socket = tunnel(firewall, "origin.test", origin.port())) {
                isClosed(socket);
            }
        }
    }

    @Test
    void aPolicyThatNoLongerAllowsTheHostClosesTheOpenTunnel() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(origin, ", \"verifySni\": false"));
                var socket = tunnel(firewall, "origin.test", origin.port());
                var other = tunnel(firewall, "other.test", origin.port())) {
            other.getOutputStream().write(1);
            assertThat(other.getInputStream().read()).isEqualTo(1);
            firewall.swap("{\"connect\": {\"ports\": [" + origin.port()
                    + "], \"verifySni\": false}, \"domains\": {\"block\": [\"origin.test\"]}}");
            isClosed(socket);
            other.getOutputStream().write(2);
            assertThat(other.getInputStream().read()).isEqualTo(2);
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("connection_cut"));
        }
    }

    @Test
    void manyMegabytesPassUnharmedThroughASlowReader() throws Exception {
        var size = 24 * 1024 * 1024;
        var bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        try (var origin = new RawOrigin(socket -> {
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                    socket.getInputStream().read();
                });
                var firewall = TestFirewall.with(policy(origin, ", \"verifySni\": false"));
                var socket = tunnel(firewall, "origin.test", origin.port())) {
            var before = new AtomicLong();
            await().until(() -> {
                var now = (long) firewall.metric("pipelock_tunnel_bytes_total");
                return now > 0 && before.getAndSet(now) == now;
            });
            assertThat(firewall.metric("pipelock_tunnel_bytes_total")).isLessThan(size);
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void aConnectThatNamesNoPortIsMalformed() throws Exception {
        try (var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            assertThat(Wire.exchange(socket, "CONNECT origin.test HTTP/1.1\r\nHost: origin.test\r\n\r\n")
                            .status())
                    .isEqualTo(400);
            assertThatThrownBy(() -> Wire.read(socket.getInputStream())).isInstanceOf(IOException.class);
        }
    }
}
