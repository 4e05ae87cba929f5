package dev.portcullis.dataplane.firewall;

import static dev.portcullis.dataplane.firewall.Intercepted.client;
import static dev.portcullis.dataplane.firewall.Intercepted.get;
import static dev.portcullis.dataplane.firewall.Intercepted.origin;
import static dev.portcullis.dataplane.firewall.Intercepted.policy;
import static dev.portcullis.dataplane.firewall.Intercepted.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** TLS interception over HTTP/1.1: a real client, a real origin that speaks HTTPS, and the firewall between them. */
class InterceptionTest {
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
}
