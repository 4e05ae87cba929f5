package dev.portcullis.dataplane.firewall;

import static dev.portcullis.dataplane.firewall.Intercepted.client;
import static dev.portcullis.dataplane.firewall.Intercepted.firstFlight;
import static dev.portcullis.dataplane.firewall.Intercepted.get;
import static dev.portcullis.dataplane.firewall.Intercepted.isClosed;
import static dev.portcullis.dataplane.firewall.Intercepted.origin;
import static dev.portcullis.dataplane.firewall.Intercepted.policy;
import static dev.portcullis.dataplane.firewall.Intercepted.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.OutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** Intercepted tunnels that do not come about, and how those end that did. */
class InterceptionEndsTest {
    @Test
    void aClientThatDoesNotTrustTheAuthorityIsAHandshakeErrorAndNothingElse() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""));
                var socket = tunnel(
                        firewall, TestCertificates.client(TestCertificates.ORIGINS), "origin.test", origin.port())) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
            await().untilAsserted(() -> assertThat(
                            firewall.metric("pipelock_tls_intercept_total{outcome=\"handshake_error\"}"))
                    .isEqualTo(1));
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_tls_handshake_duration_seconds_count{side=\"client\"}"))
                    .isZero();
            assertThat(firewall.audit)
                    .anyMatch(event -> event.event().equals("tls_intercept_failed")
                            && event.message().contains("does not trust the certificate for origin.test"));
        }
    }

    @Test
    void aHandshakeThatDoesNotEndInTimeIsADeadlineError() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(
                        policy(origin.port(), "").replaceFirst("\\{", "{\"limits\": {\"headerTimeout\": \"2s\"}, "))) {
            for (var hello : new byte[][] {firstFlight(), new byte[0]}) {
                try (var socket = firewall.connect()) {
                    Wire.exchange(socket, "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: o\r\n\r\n");
                    socket.getOutputStream().write(hello);
                    isClosed(socket);
                }
            }
            await().untilAsserted(() -> assertThat(
                            firewall.metric("pipelock_tls_intercept_total{outcome=\"deadline_error\"}"))
                    .isEqualTo(2));
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"handshake_error\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_sni_total{category=\"timeout\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void originsThatCannotBeVerifiedAreNamedInTheReplyInside() throws Exception {
        assertThat(failure(TestCertificates.expiredOrigin("origin.test"))).contains("expired");
        assertThat(failure(TestCertificates.origin("elsewhere.test"))).contains("another host", "origin.test");
        assertThat(failure(TestCertificates.strangerOrigin("origin.test")))
                .contains("authority that is not trusted", "upstreamTrust");
        assertThat(failure(TestCertificates.selfSignedOrigin())).contains("signed by itself");
    }

    private static String failure(SSLContext tls) throws Exception {
        try (var origin = Origin.secure(tls, Origin.text("hello"));
                var firewall = TestFirewall.with(policy(origin.port(), ""));
                var client = client(firewall)) {
            var reply = get(client, origin, "/");
            assertThat(reply.statusCode()).isEqualTo(502);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"tls\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_handshake_duration_seconds_count{side=\"upstream\"}"))
                    .isZero();
            return reply.body();
        }
    }

    @Test
    void refusalsBeforeTheTunnelAreRepliesToTheConnect() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""))) {
            firewall.names.put("inside.test", java.util.List.of(java.net.InetAddress.getByName("127.0.0.2")));
            for (var target : new String[] {"origin.test:22", "inside.test:" + origin.port()}) {
                try (var socket = firewall.connect()) {
                    assertThat(Wire.exchange(socket, "CONNECT " + target + " HTTP/1.1\r\nHost: o\r\n\r\n")
                                    .status())
                            .isEqualTo(403);
                }
            }
            try (var socket = firewall.connect()) {
                var connect = "CONNECT nowhere.test:" + origin.port() + " HTTP/1.1\r\nHost: o\r\n\r\n";
                assertThat(Wire.exchange(socket, connect).status()).isEqualTo(502);
            }
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"blocked\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void whatIsNotTlsIsRefusedAndInAuditLeftAlone() throws Exception {
        try (var echo = RawOrigin.echo();
                var firewall = TestFirewall.with(policy(echo.port(), ""))) {
            try (var socket = firewall.connect()) {
                Wire.exchange(socket, "CONNECT origin.test:" + echo.port() + " HTTP/1.1\r\nHost: o\r\n\r\n");
                Wire.send(socket, "SSH-2.0-x\r\n");
                isClosed(socket);
            }
            assertThat(firewall.metric("pipelock_sni_total{category=\"not_tls\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            firewall.swap(policy(echo.port(), "").replaceFirst("\\{", "{\"mode\": \"Audit\", "));
            try (var socket = firewall.connect()) {
                Wire.exchange(socket, "CONNECT origin.test:" + echo.port() + " HTTP/1.1\r\nHost: o\r\n\r\n");
                Wire.send(socket, "SSH-2.0-x\r\n");
                assertThat(socket.getInputStream().readNBytes(11)).isEqualTo("SSH-2.0-x\r\n".getBytes());
            }
        }
    }

    @Test
    void anEngagedKillSwitchEndsSilentAndStreamingConnectionsAtOnceAndRefusesInside() throws Exception {
        // An origin that begins to answer and says nothing more until the other side is gone.
        try (var origin = RawOrigin.secure(TestCertificates.origin("origin.test"), socket -> {
                    Wire.send(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + "x".repeat(64 * 1024));
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                });
                var firewall = TestFirewall.with(policy(origin.port(), ""))) {
            var silent = tunnel(firewall, origin.port());
            var streaming = tunnel(firewall, origin.port());
            silent.startHandshake();
            Wire.send(streaming, "GET / HTTP/1.1\r\nHost: origin.test:" + origin.port() + "\r\n\r\n");
            assertThat(streaming.getInputStream().readNBytes(10)).hasSize(10);

            firewall.swap(policy(origin.port(), ""), "{\"engaged\": true, \"reason\": \"drill\"}");
            isClosed(silent);
            isClosed(streaming);
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_intercepted_connections"))
                    .isZero());
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("connection_cut"));
        }
    }

    @Test
    void aKillSwitchThatLetsStreamsFinishRefusesTheNextRequestInside() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""));
                var socket = tunnel(firewall, origin)) {
            socket.startHandshake();
            firewall.swap(
                    policy(origin.port(), ""),
                    "{\"engaged\": true, \"reason\": \"drill\", \"drain\": \"AfterCurrent\"}");
            var reply = Wire.exchange(socket, "GET / HTTP/1.1\r\nHost: origin.test:" + origin.port() + "\r\n\r\n");
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.body()).contains("drill");
            assertThat(firewall.metric(
                            "pipelock_kill_switch_denials_total{endpoint=\"connect\",transport=\"intercept\"}"))
                    .isEqualTo(1);
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void aPolicyThatNoLongerAllowsTheHostEndsTheConnection() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""));
                var socket = tunnel(firewall, origin)) {
            socket.startHandshake();
            firewall.swap(
                    policy(origin.port(), "").replaceFirst("\\{", "{\"domains\": {\"block\": [\"origin.test\"]}, "));
            isClosed(socket);
        }
    }
}
