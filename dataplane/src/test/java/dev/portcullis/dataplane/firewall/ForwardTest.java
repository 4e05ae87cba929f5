package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Forward HTTP through a real firewall to a real web server. */
class ForwardTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static HttpResponse<String> get(TestFirewall firewall, String url, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return firewall.client().send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(TestFirewall firewall, String url, String body) throws Exception {
        return firewall.client()
                .send(
                        HttpRequest.newBuilder(URI.create(url))
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
    }

    @Test
    void aCleanRequestReachesItsOriginAndIsCounted() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            var reply =
                    get(firewall, origin.url("/path?x=1"), "X-Portcullis-Agent", "coder", "X-Forwarded-For", "1.2.3.4");

            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo("hello");
            var seen = origin.seen.element();
            assertThat(seen.uri()).isEqualTo("/path?x=1");
            assertThat(seen.headers()).doesNotContainKeys("X-portcullis-agent", "X-forwarded-for", "Via", "Connection");
            assertThat(seen.headers().get("Host")).containsExactly("origin.test:" + origin.port());
            await().untilAsserted(() -> {
                assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                        .isEqualTo(1);
                assertThat(firewall.metric("pipelock_request_duration_seconds_count"))
                        .isEqualTo(1);
            });
            var stats = firewall.local("/stats");
            assertThat(stats.at("/requests/allowed").asInt()).isEqualTo(1);
            assertThat(stats.at("/requests/block_rate").asDouble()).isZero();
            assertThat(stats.at("/agents/coder/allowed").asInt()).isEqualTo(1);
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("forward_http"));
        }
    }

    @Test
    void aSecretInTheQueryIsRefusedWithTheWholeBlockReplyAndNeverLogged() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            var reply = get(firewall, origin.url("/path?key=" + MarkerScans.SECRET), "Accept", "application/json");

            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(reply.headers().firstValue("X-Portcullis-Block")).hasValue("dlp");
            var body = JSON.readTree(reply.body());
            assertThat(body.get("error").asText()).isEqualTo("blocked");
            assertThat(body.get("blocked").asBoolean()).isTrue();
            assertThat(body.get("block_reason").asText()).isNotEmpty();
            assertThat(body.get("scanner").asText()).isEqualTo("dlp");
            assertThat(body.get("rule").asText()).isEqualTo("marker");
            assertThat(body.get("hint").asText()).contains("dlp:");
            assertThat(body.get("request_id").asText()).startsWith("req-");
            assertThat(reply.body()).doesNotContain(MarkerScans.SECRET);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"blocked\",scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.audit)
                    .anyMatch(event -> event.event().equals("blocked")
                            && ("http://origin.test:" + origin.port() + "/[redacted]").equals(event.field("url")))
                    .noneMatch(event -> String.valueOf(event.field("url")).contains(MarkerScans.SECRET));
        }
    }

    @Test
    void aClientThatAsksForTextIsAnsweredInText() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            var reply = get(firewall, "http://origin.test/?" + MarkerScans.SECRET, "Accept", "text/html");

            assertThat(reply.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
            assertThat(reply.body())
                    .startsWith("blocked: ")
                    .contains("scanner dlp")
                    .contains("To allow it");
        }
    }

    @Test
    void aSecretInAHeaderIsRefusedAndCounted() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            var reply = get(firewall, origin.url("/"), "X-Api-Key", MarkerScans.SECRET);

            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_header_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aSecretInAShortBodyNeverOpensAConnectionToTheOrigin() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            var reply = post(firewall, origin.url("/"), MarkerScans.SECRET);

            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aLongBodyWithASecretAtItsEndNeverCompletesAtTheOrigin() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            var reply = post(firewall, origin.url("/"), "x".repeat(700_000) + MarkerScans.SECRET);

            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void aWarningLetsTheRequestPassAndIsCounted() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{\"dlp\": {\"action\": \"Warn\"}}")) {
            var reply = post(firewall, origin.url("/"), "a " + MarkerScans.SECRET);

            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(new String(origin.seen.element().body(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("a " + MarkerScans.SECRET);
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"warn\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"dlp\"}"))
                    .isZero();
        }
    }

    @Test
    void auditModeRefusesNothingAndSaysWhatItWouldHaveRefused() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{\"mode\": \"Audit\", \"dlp\": {\"action\": \"Block\"}}")) {
            firewall.names.put("inside.test", List.of(InetAddress.getByName("127.0.0.2")));
            var reply = post(firewall, origin.url("/"), "a " + MarkerScans.SECRET + "x".repeat(300_000));

            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.headers().firstValue("X-Portcullis-Would-Block")).hasValue("dlp");
            assertThat(origin.seen.element().body()).hasSize(300_017);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"would_block\",scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isZero();
        }
    }

    @Test
    void auditModeTellsOnceThatAnAddressIsInternal() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages("{\"mode\": \"Audit\", \"connect\": {\"ports\": []}}");
                var socket = firewall.connect()) {
            var address = "127.0.0.1:" + origin.port();
            assertThat(get(firewall, "http://" + address + "/").statusCode()).isEqualTo(200);
            assertThat(Wire.exchange(socket, "CONNECT " + address + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"would_block\",scanner=\"ssrf\"}"))
                    .isEqualTo(2);
            assertThat(firewall.audit.stream().filter(event -> "ssrf".equals(event.field("scanner"))))
                    .hasSize(2);
        }
    }

    @Test
    void anInjectionInAReplyIsReportedAndPassesByDefault() throws Exception {
        try (var origin = Origin.saying("before " + MarkerScans.INJECTION);
                var firewall = TestFirewall.with("{}")) {
            assertThat(get(firewall, origin.url("/")).body()).contains(MarkerScans.INJECTION);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"prompt_injection\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void anInjectionInAReplyIsRefusedBeforeItsHeadIsSentWhereThePolicyBlocks() throws Exception {
        try (var origin = Origin.saying("before " + MarkerScans.INJECTION);
                var firewall = TestFirewall.with("{\"injection\": {\"action\": \"Block\"}}")) {
            var reply = get(firewall, origin.url("/"));

            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(reply.headers().firstValue("X-Portcullis-Block")).hasValue("prompt_injection");
        }
    }

    @Test
    void anInternalAddressIsRefusedUnlessItsNameIsTrustedAndMetadataAlways() throws Exception {
        try (var firewall = TestFirewall.with("{\"network\": {\"trustedDomains\": [\"trusted.test\"]}}")) {
            firewall.names.put("inside.test", List.of(InetAddress.getByName("127.0.0.2")));
            firewall.names.put("trusted.test", List.of(InetAddress.getByName("127.0.0.2")));
            firewall.names.put(
                    "mixed.test", List.of(InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.9")));

            var inside = get(firewall, "http://inside.test:9/");
            assertThat(inside.statusCode()).isEqualTo(403);
            assertThat(JSON.readTree(inside.body()).get("scanner").asText()).isEqualTo("ssrf");
            assertThat(get(firewall, "http://mixed.test:9/").statusCode()).isEqualTo(403);
            assertThat(get(firewall, "http://trusted.test:9/").statusCode()).isEqualTo(502);
        }
    }

    @Test
    void theNextAddressIsTriedWhenTheFirstDoesNotAnswer() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.names.put(
                    "two.test", List.of(InetAddress.getByName("127.0.0.77"), InetAddress.getByName("127.0.0.1")));
            assertThat(get(firewall, "http://two.test:" + origin.port() + "/").body())
                    .isEqualTo("hello");
        }
    }

    @Test
    void anUnknownNameAndAClosedPortAreBadGateways() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            var unknown = get(firewall, "http://nowhere.test/");
            assertThat(unknown.statusCode()).isEqualTo(502);
            assertThat(JSON.readTree(unknown.body()).get("blocked").asBoolean()).isFalse();
            assertThat(get(firewall, "http://origin.test:9/").statusCode()).isEqualTo(502);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"dns\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"connect\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theRateOfARegistrableDomainIsLimitedOverAllItsHosts() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{\"limits\": {\"requestsPerMinutePerHost\": 2}}")) {
            var port = origin.port();
            assertThat(get(firewall, "http://a.example.com:" + port + "/").statusCode())
                    .isEqualTo(200);
            assertThat(get(firewall, "http://b.example.com:" + port + "/").statusCode())
                    .isEqualTo(200);
            var third = get(firewall, "http://c.example.com:" + port + "/");
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(JSON.readTree(third.body()).get("scanner").asText()).isEqualTo("ratelimit");
            assertThat(get(firewall, "http://example.org:" + port + "/").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void withoutAPolicyEverythingIsRefusedAndTheProxyIsAliveButNotReady() throws Exception {
        try (var firewall = TestFirewall.unconfigured()) {
            assertThat(get(firewall, "http://origin.test/").statusCode()).isEqualTo(503);
            var health = firewall.local("/health");
            assertThat(health.get("status").asText()).isEqualTo("ok");
            assertThat(health.get("ready").asBoolean()).isFalse();
            assertThat(firewall.role.ready()).isFalse();
        }
    }

    @Test
    void upstreamConnectionsAreUsedAgain() throws Exception {
        try (var origin = Origin.answering((exchange, body) -> {
                    var port = String.valueOf(exchange.getRemoteAddress().getPort());
                    exchange.sendResponseHeaders(200, port.length());
                    exchange.getResponseBody().write(port.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var first = Wire.exchange(socket, request(origin));
            var second = Wire.exchange(socket, request(origin));
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(firewall.metric("portcullis_upstream_idle_connections")).isEqualTo(1);
        }
    }

    @Test
    void aConnectionThatMayBeAuthenticatedIsNobodyElses() throws Exception {
        try (var origin = Origin.answering((exchange, body) -> {
                    var port = String.valueOf(exchange.getRemoteAddress().getPort());
                    if (exchange.getRequestURI().getPath().equals("/challenge")) {
                        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"x\"");
                        exchange.getResponseHeaders().add("WWW-Authenticate", "NTLM");
                    }
                    exchange.sendResponseHeaders(200, port.length());
                    exchange.getResponseBody().write(port.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                });
                var firewall = TestFirewall.with("{}");
                // One client, as pools are each event loop's own.
                var socket = firewall.connect()) {
            for (var header : java.util.List.of("Authorization: NTLM TlRMTVNT", "authorization: negotiate YII")) {
                var known = Wire.exchange(
                        socket, "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n");
                assertThat(known.status()).isEqualTo(200);
                assertThat(Wire.exchange(socket, request(origin)).body()).isNotEqualTo(known.body());
            }
            var challenged = Wire.exchange(socket, "GET " + origin.url("/challenge") + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(Wire.exchange(socket, request(origin)).body()).isNotEqualTo(challenged.body());
        }
    }

    private static String request(Origin origin) throws IOException {
        return "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
}
