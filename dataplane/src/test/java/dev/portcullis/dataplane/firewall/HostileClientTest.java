package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no well-meaning client would send. */
class HostileClientTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "POST http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
                "POST http://origin.test:PORT/ HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nX-A: b\r\n folded\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\n folded: x\r\nHost: x\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\nHost: x\n\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\n\r\n",
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost: x\r\nX-A: a\u0000b\r\n\r\n",
                "GET http://user:word@origin.test:PORT/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET http://origin.test:PORT/#part HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET http://origin.te\\st:PORT/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET http://origin.test:99999/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET http://:PORT/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET nonsense HTTP/1.1\r\nHost: x\r\n\r\n",
                "NONSENSE\r\n\r\n",
            })
    void aRequestThatTwoReadersCouldFrameDifferentlyIsRefusedAndReachesNobody(String request) throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(socket, request.replace("PORT", String.valueOf(origin.port())));

            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.headers()).containsEntry("x-portcullis-block", "parser");
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"parser\"}"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.2", "HTTP/2.0", "HTTP/3.0", "HTTP/0.9"})
    void anotherVersionOfHttpIsRefused(String version) throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(socket, "GET " + origin.url("/") + " " + version + "\r\nHost: x\r\n\r\n");
            assertThat(reply.status()).isEqualTo(505);
            assertThat(reply.body()).contains("http_version_not_supported");
            assertThat(origin.seen).isEmpty();
        }
    }

    /** What curl sends of http://host/ä is bytes of UTF-8. */
    @Test
    void aTargetBeyondAsciiReachesTheOriginAsTheBytesItCameIn() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withReverseProxy("http://127.0.0.1:" + origin.port(), "")) {
            for (var target : List.of(origin.url("/\u00c3\u00a4?\u00e4"), "/\u00c3\u00a4?\u00e4")) {
                try (var socket = target.startsWith("/") ? firewall.connectToReverseProxy() : firewall.connect()) {
                    assertThat(Wire.exchange(socket, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                    .status())
                            .isEqualTo(200);
                    assertThat(origin.seen.remove().uri()).isEqualTo("/%C3%A4?%E4");
                }
            }
            for (var query : List.of(
                    origin.url("/\u00c3\u00a4"), origin.url("/%25C3%25A4").replace(":", "%3A"))) {
                try (var socket = firewall.connect()) {
                    assertThat(Wire.exchange(socket, "GET /fetch?url=" + query + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                    .status())
                            .isEqualTo(200);
                    assertThat(origin.seen.remove().uri()).isEqualTo("/%C3%A4");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ZZ\r\nhello\r\n0\r\n\r\n",
                "5\r\nhelloXX\r\n0\r\n\r\n",
                "-5\r\nhello\r\n0\r\n\r\n",
                "0x5\r\nhello\r\n0\r\n\r\n",
                "100000000000000005\r\nhello\r\n0\r\n\r\n",
                "5;a\rb\r\nhello\r\n0\r\n\r\n",
                "5\nhello\r\n0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5\r\nhello\r\n0\r\nX-A: b\n\r\n",
                "5\r\nhello\r\n0\r\nX A\r\n\r\n"
            })
    void aBodyThatIsNotFramedAsChunksIsRefusedAndNeverLooksComplete(String rest) throws Exception {
        var piece = "8000\r\n" + "x".repeat(0x8000) + "\r\n";
        for (var before : List.of("", piece.repeat(12))) {
            var received = new StringBuffer();
            var ended = new CountDownLatch(1);
            try (var origin = new RawOrigin(socket -> {
                        try {
                            var in = socket.getInputStream();
                            for (var next = in.read(); next >= 0; next = in.read()) {
                                received.append((char) next);
                            }
                        } finally {
                            ended.countDown();
                        }
                    });
                    var firewall = TestFirewall.with("{}");
                    var socket = firewall.connect()) {
                Wire.send(
                        socket,
                        "POST http://origin.test:" + origin.port()
                                + "/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + before);
                if (!before.isEmpty()) {
                    await().until(() -> received.length() > 0x8000);
                }
                var reply = Wire.exchange(socket, rest);
                assertThat(reply.status()).isEqualTo(400);
                assertThat(reply.body()).contains("malformed_request", "framing");
                assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"parser\"}"))
                        .isEqualTo(1);
                if (before.isEmpty()) {
                    assertThat(origin.open()).isZero();
                } else {
                    await().until(() -> ended.getCount() == 0);
                    assertThat(received.toString()).doesNotEndWith("0\r\n\r\n");
                }
            }
        }
    }

    @Test
    void fieldsThatDecideWhereAndHowAreNotBelievedBehindABody() throws Exception {
        var received = new StringBuffer();
        try (var origin = new RawOrigin(socket -> {
                    var in = socket.getInputStream();
                    while (received.indexOf("X-Sum: 7\r\n\r\n") < 0) {
                        received.append((char) in.read());
                    }
                    Wire.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(
                    socket,
                    "POST http://origin.test:" + origin.port()
                            + "/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
                            + "Host: y\r\nAuthorization: Basic YTpi\r\nContent-Encoding: gzip\r\nX-Sum: 7\r\n\r\n");
            assertThat(reply.status()).isEqualTo(200);
            assertThat(received.toString()).endsWith("2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n");
        }
    }

    @Test
    void aHeadThatArrivesByteByByteIsRead() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var request = "\r\nPOST " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\nhello\r\n0\r\n\r\n";
            for (var i = 0; i < request.length(); i++) {
                Wire.send(socket, request.substring(i, i + 1));
            }
            assertThat(Wire.read(socket.getInputStream()).body()).isEqualTo("hello");
            assertThat(origin.seen.element().body()).hasSize(5);
        }
    }

    @Test
    void aHeadThatDoesNotEndInTimeIsAnsweredClosedAndCounted() throws Exception {
        try (var firewall = TestFirewall.with("{\"limits\": {\"headerTimeout\": \"200ms\"}}");
                var socket = firewall.connect()) {
            Wire.send(socket, "GET http://origin.test/ HTTP/1.1\r\nHost:");
            var reply = Wire.read(socket.getInputStream());
            assertThat(reply.status()).isEqualTo(408);
            assertThat(reply.body()).contains("request_timeout", "headerTimeout: 10s");
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"header_timeout\"}"))
                    .isEqualTo(1);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws Exception {
        try (var firewall = TestFirewall.with("{\"limits\": {\"idleTimeout\": \"200ms\"}}");
                var socket = firewall.connect()) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void headersBeyondTheLimitAreRefused() throws Exception {
        try (var firewall = TestFirewall.with("{\"limits\": {\"headerBytes\": \"8Ki\"}}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(
                    socket,
                    "GET http://origin.test/ HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(10_000) + "\r\n\r\n");
            assertThat(reply.status()).isEqualTo(431);
            assertThat(reply.body()).contains("header_too_large", "limits.headerBytes");
            try (var other = firewall.connect()) {
                var line = Wire.exchange(
                        other, "GET http://origin.test/" + "a".repeat(10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(line.status()).isEqualTo(414);
                assertThat(line.body()).contains("uri_too_long");
            }
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"parser\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        var goOn = new CountDownLatch(1);
        try (var origin = Origin.answering((exchange, body) -> {
                    var path = exchange.getRequestURI().getPath();
                    if (path.equals("/0")) {
                        await().until(() -> goOn.getCount() == 0);
                    }
                    exchange.sendResponseHeaders(200, path.length());
                    exchange.getResponseBody().write(path.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var requests = new StringBuilder();
            for (var i = 0; i < 5; i++) {
                requests.append("GET ").append(origin.url("/" + i)).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            Wire.send(socket, requests.toString());
            await().until(() -> origin.seen.size() == 1);
            // The first is not answered, so no other one is.
            assertThat(socket.getInputStream().available()).isZero();
            goOn.countDown();
            for (var i = 0; i < 5; i++) {
                assertThat(Wire.read(socket.getInputStream()).body()).isEqualTo("/" + i);
            }
            assertThat(origin.seen).extracting(Origin.Seen::uri).containsExactly("/0", "/1", "/2", "/3", "/4");
        }
    }

    @Test
    void aConnectionHeaderCannotTakeAwayWhatFramesTheRequest() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(
                    socket,
                    "POST " + origin.url("/")
                            + " HTTP/1.1\r\nHost: x\r\nConnection: Content-Length, Host, X-Gone\r\nX-Gone: 1\r\n"
                            + "Content-Length: 5\r\n\r\nhello");
            assertThat(reply.status()).isEqualTo(200);
            var seen = origin.seen.element();
            assertThat(seen.body()).hasSize(5);
            assertThat(seen.headers()).doesNotContainKey("X-gone");
        }
    }

    @Test
    void connectionsBeyondAClientsLimitAreToldSoAndThenRefusedUnread() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{\"limits\": {\"connectionsPerClient\": 2}}")) {
            var request = "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n";
            // One after the other: connections made together are counted in any order.
            try (var first = firewall.connect();
                    var second = firewall.connect()) {
                for (var allowed : List.of(first, second)) {
                    assertThat(Wire.exchange(allowed, request).status()).isEqualTo(200);
                }
                try (var third = firewall.connect();
                        var fourth = firewall.connect()) {
                    await().untilAsserted(() -> assertThat(firewall.metric("portcullis_client_connections"))
                            .isEqualTo(4));
                    try (var fifth = firewall.connect()) {
                        isClosed(fifth);
                    }
                    for (var told : List.of(third, fourth)) {
                        assertThat(Wire.exchange(told, request).status()).isEqualTo(429);
                    }
                }
                assertThat(firewall.metric("portcullis_connections_refused_total"))
                        .isEqualTo(1);
            }
            await().untilAsserted(() ->
                    assertThat(firewall.metric("portcullis_client_connections")).isZero());
        }
    }

    @Test
    void localRoutesSayWhatTheyDoNotKnowAndDoNotDo() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            for (var path : List.of("/", "/nothing", "/healthz/", "/metrics/x")) {
                assertThat(local(firewall, "GET", path).status()).as(path).isEqualTo(404);
            }
            for (var path : List.of("/health", "/metrics", "/stats", "/status", "/fetch")) {
                var reply = local(firewall, "POST", path);
                assertThat(reply.status()).as(path).isEqualTo(405);
                assertThat(reply.headers().get("allow")).startsWith("GET");
            }
            assertThat(local(firewall, "GET", "/fetch").status()).isEqualTo(400);
            var metrics = local(firewall, "GET", "/metrics");
            assertThat(metrics.headers().get("content-type")).startsWith("text/plain; version=0.0.4");
            assertThat(metrics.body()).contains("pipelock_info{version=\"");
        }
    }

    @Test
    void statsHaveEveryFieldOfTheContractFromTheStart() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            var stats = firewall.local("/stats");
            assertThat(stats.fieldNames())
                    .toIterable()
                    .containsExactly(
                            "uptime_seconds",
                            "requests",
                            "tunnels",
                            "websockets",
                            "top_blocked_domains",
                            "top_scanners",
                            "sessions",
                            "cross_request_detection");
            assertThat(stats.at("/requests").toString())
                    .isEqualTo("{\"total\":0,\"allowed\":0,\"blocked\":0,\"block_rate\":0.0}");
            assertThat(stats.at("/top_blocked_domains").toString()).isEqualTo("[]");
            assertThat(stats.at("/sessions").toString())
                    .isEqualTo("{\"active\":1,\"anomalies\":0,\"escalations\":0,\"top_anomalies\":[]}");
            local(firewall, "GET", "http://origin.test/?" + MarkerScans.SECRET);
            var after = firewall.local("/stats");
            assertThat(after.at("/requests/block_rate").asDouble()).isEqualTo(1);
            assertThat(after.at("/top_blocked_domains/0/name").asText()).isEqualTo("origin.test");
            assertThat(after.at("/top_scanners/0/name").asText()).isEqualTo("dlp");
            assertThat(after.at("/top_scanners/0/count").asInt()).isEqualTo(1);
        }
    }

    private static Wire.Reply local(TestFirewall firewall, String method, String target) throws IOException {
        try (var socket = firewall.connect()) {
            return Wire.exchange(socket, method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        }
    }

    private static void isClosed(java.net.Socket socket) {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }
}
