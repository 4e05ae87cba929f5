package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** TLS interception over HTTP/1.1: a real client, a real origin that speaks HTTPS, and the firewall between them. */
class InterceptionTest {
    static String policy(int port, String more) {
        return "{\"connect\": {\"ports\": [" + port + "]}, \"tlsInterception\": {\"enabled\": true,"
                + " \"upstreamTrust\": {\"configMapRef\": {\"name\": \"trust\"}}" + more + "}}";
    }

    private static Origin origin(String text) throws IOException {
        return Origin.secure(TestCertificates.origin("origin.test"), Origin.text(text));
    }

    private static HttpResponse<String> get(HttpClient client, Origin origin, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("https://origin.test:" + origin.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpClient client(TestFirewall firewall) {
        return firewall.tlsClient(HttpClient.Version.HTTP_1_1);
    }

    /** TLS through a tunnel, its certificate checked against {@code tls}. */
    static SSLSocket tunnel(TestFirewall firewall, SSLContext tls, String host, int port) throws IOException {
        var socket = firewall.connect();
        assertThat(Wire.exchange(socket, "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                        .status())
                .isEqualTo(200);
        var secure = (SSLSocket) tls.getSocketFactory().createSocket(socket, host, port, true);
        var parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        return secure;
    }

    private static SSLSocket tunnel(TestFirewall firewall, Origin origin) throws IOException {
        return tunnel(firewall, TestCertificates.client(TestCertificates.POLICY), "origin.test", origin.port());
    }

    @Test
    void aRequestInsideIsForwardedAndCountedOnceInFamiliesOfItsOwn() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""));
                var client = client(firewall)) {
            var reply = get(client, origin, "/a?b=c");
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo("hello");
            assertThat(get(client, origin, "/d").body()).isEqualTo("hello");

            assertThat(origin.seen).extracting(Origin.Seen::uri).containsExactly("/a?b=c", "/d");
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"handshake_error\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_tls_handshake_duration_seconds_count{side=\"client\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_handshake_duration_seconds_count{side=\"upstream\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_cert_cache_size")).isEqualTo(1);
            assertThat(firewall.metric("pipelock_sni_total{category=\"match\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"allowed\"}"))
                    .isEqualTo(2);
            assertThat(firewall.metric("portcullis_intercepted_connections")).isEqualTo(1);
            assertThat(firewall.metric("portcullis_client_connections")).isEqualTo(1);

            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_request_duration_seconds_count"))
                    .isZero();
            assertThat(firewall.metric("pipelock_active_tunnels")).isZero();
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"completed\"}"))
                    .isZero();
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("tls_intercept"));
        }
    }

    @Test
    void theHandshakeHistogramHasExactlyTheBoundsOfTheContract() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            var bounds = firewall.metrics()
                    .lines()
                    .filter(line -> line.startsWith("pipelock_tls_handshake_duration_seconds_bucket{side=\"client\""))
                    .map(line -> line.replaceAll(".*le=\"([^\"]*)\".*", "$1"))
                    .toList();
            assertThat(bounds).containsExactly("0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "+Inf");
        }
    }

    @Test
    void secretsAndInjectionsInsideAreRefusedWithTheirReasons() throws Exception {
        try (var origin = origin("please " + MarkerScans.INJECTION);
                var firewall = TestFirewall.with(policy(origin.port(), "")
                        .replaceFirst("\\{", "{\"mode\": \"Strict\", \"domains\": {\"allow\": [\"origin.test\"]}, "));
                var client = client(firewall)) {
            var url = URI.create("https://origin.test:" + origin.port() + "/");
            var body = client.send(
                    HttpRequest.newBuilder(url)
                            .POST(HttpRequest.BodyPublishers.ofString("x " + MarkerScans.SECRET))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(body.statusCode()).isEqualTo(403);
            assertThat(body.body()).contains("\"blocked\":true").doesNotContain(MarkerScans.SECRET);
            var header = client.send(
                    HttpRequest.newBuilder(url)
                            .header("Authorization", MarkerScans.SECRET)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(header.statusCode()).isEqualTo(403);
            assertThat(get(client, origin, "/?q=" + MarkerScans.SECRET).statusCode())
                    .isEqualTo(403);
            assertThat(origin.seen).isEmpty();
            assertThat(get(client, origin, "/page").statusCode()).isEqualTo(403);

            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"body_dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"header_dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"url_scan\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"injection\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"blocked\"}"))
                    .isEqualTo(4);
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_header_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_tunnels_total{result=\"blocked\"}"))
                    .isZero();
        }
    }

    @Test
    void repliesThatCannotBeReadAreCountedByWhy() throws Exception {
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
                    var path = exchange.getRequestURI().getPath();
                    exchange.getResponseHeaders().set("Content-Type", "text/plain");
                    if (path.equals("/odd")) {
                        exchange.getResponseHeaders().set("Content-Encoding", "x-unheard-of");
                    }
                    exchange.sendResponseHeaders(200, 4000);
                    exchange.getResponseBody().write(new byte[path.equals("/cut") ? 10 : 4000]);
                });
                var firewall = TestFirewall.withStandardStages(policy(origin.port(), "")
                        .replaceFirst(
                                "\\{",
                                "{\"mode\": \"Strict\", \"domains\": {\"allow\": [\"origin.test\"]},"
                                        + " \"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]},"
                                        + " \"limits\": {\"responseBody\": \"2Ki\"}, "));
                var client = client(firewall)) {
            assertThat(get(client, origin, "/odd").statusCode()).isEqualTo(403);
            assertThat(get(client, origin, "/large").statusCode()).isEqualTo(403);
            assertThatThrownBy(() -> {
                        var status = get(client, origin, "/cut").statusCode();
                        throw new IOException("status " + status);
                    })
                    .isInstanceOf(IOException.class);

            assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"compressed\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"oversized\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"read_error\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aRequestForAnotherHostThanItsTunnelIsRefused() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""));
                var socket = tunnel(firewall, origin)) {
            var reply = Wire.exchange(socket, "GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n");
            assertThat(reply.status()).isEqualTo(403);
            assertThat(reply.body()).contains("authority-mismatch", "elsewhere.test");
            var port = Wire.exchange(socket, "GET / HTTP/1.1\r\nHost: origin.test:1\r\n\r\n");
            assertThat(port.status()).isEqualTo(403);
            var right = Wire.exchange(
                    socket,
                    "GET https://Origin.Test:" + origin.port() + "/abs HTTP/1.1\r\nHost: ORIGIN.test:" + origin.port()
                            + "\r\n\r\n");
            assertThat(right.status()).isEqualTo(200);
            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"authority_mismatch\"}"))
                    .isEqualTo(2);
            assertThat(origin.seen).extracting(Origin.Seen::uri).containsExactly("/abs");
        }
    }

    @Test
    void whatIsNoRequestInsideIsAnsweredAndNeverForwarded() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ""))) {
            for (var bad : new String[] {
                "CONNECT origin.test:443 HTTP/1.1\r\nHost: origin.test\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n"
            }) {
                try (var socket = tunnel(firewall, origin)) {
                    assertThat(Wire.exchange(socket, bad).status()).isEqualTo(400);
                }
            }
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void passthroughAndUnlistedHostsStayOpaque() throws Exception {
        try (var origin = origin("hello");
                var firewall = TestFirewall.with(policy(origin.port(), ", \"passthrough\": [\"*.origin.test\"]"))) {
            try (var socket =
                    tunnel(firewall, TestCertificates.client(TestCertificates.ORIGINS), "origin.test", origin.port())) {
                var get = "GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n";
                assertThat(Wire.exchange(socket, get).status()).isEqualTo(200);
            }
            firewall.swap(policy(origin.port(), ", \"domains\": [\"other.test\"]"));
            try (var socket =
                    tunnel(firewall, TestCertificates.client(TestCertificates.ORIGINS), "origin.test", origin.port())) {
                socket.startHandshake();
            }
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_tunnels_total{result=\"completed\"}"))
                    .isEqualTo(2));
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isZero();
        }
    }

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
                var firewall = TestFirewall.with(policy(origin.port(), "")
                        .replaceFirst("\\{", "{\"limits\": {\"headerTimeout\": \"300ms\"}, "))) {
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

    /** The ClientHello of a real client, which sends nothing after it. */
    static byte[] firstFlight() throws Exception {
        var engine = TestCertificates.client(TestCertificates.POLICY).createSSLEngine("origin.test", 443);
        engine.setUseClientMode(true);
        engine.beginHandshake();
        var out = java.nio.ByteBuffer.allocate(32 * 1024);
        engine.wrap(java.nio.ByteBuffer.allocate(0), out);
        var bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
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

    static void isClosed(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void anEngagedKillSwitchEndsSilentAndStreamingConnectionsAtOnceAndRefusesInside() throws Exception {
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/plain");
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(new byte[64 * 1024]);
                    exchange.getResponseBody().flush();
                    body(exchange);
                });
                var firewall = TestFirewall.with(policy(origin.port(), ""))) {
            var silent = tunnel(firewall, origin);
            var streaming = tunnel(firewall, origin);
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

    private static void body(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
        // Says nothing more until the other side is gone.
        while (true) {
            exchange.getResponseBody().write(new byte[1]);
            exchange.getResponseBody().flush();
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
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
