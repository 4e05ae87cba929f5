package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FetchTest {
    private record Fetched(int status, JsonNode json) {}

    private static Fetched fetch(TestFirewall firewall, String url) throws IOException {
        return raw(firewall, "url=" + URLEncoder.encode(url, StandardCharsets.UTF_8));
    }

    private static Fetched raw(TestFirewall firewall, String query) throws IOException {
        try (var socket = firewall.connect()) {
            var reply =
                    Wire.exchange(socket, "GET /fetch?" + query + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            return new Fetched(reply.status(), new ObjectMapper().readTree(reply.body()));
        }
    }

    private static Origin redirecting(String to) throws IOException {
        return Origin.answering((exchange, body) -> {
            if (exchange.getRequestURI().getPath().equals("/start")) {
                exchange.getResponseHeaders().set("Location", to);
                exchange.sendResponseHeaders(302, -1);
            } else {
                exchange.getResponseHeaders().set("Content-Type", "text/html");
                var page = "<html><title>A page</title><script>no()</script><p>Hello &amp; <b>you</b></p></html>"
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(404, page.length);
                exchange.getResponseBody().write(page);
            }
        });
    }

    @Test
    void aPageComesBackAsReadableTextWithItsOwnStatus() throws Exception {
        try (var origin = redirecting("/");
                var firewall = TestFirewall.with("{}")) {
            var fetched = raw(firewall, "agent=reader&url=" + origin.url("/page?a=1&b=2"));

            assertThat(fetched.status()).isEqualTo(200);
            assertThat(fetched.json().get("url").asText()).isEqualTo(origin.url("/page?a=1&b=2"));
            assertThat(fetched.json().get("agent").asText()).isEqualTo("reader");
            assertThat(fetched.json().get("status_code").asInt()).isEqualTo(404);
            assertThat(fetched.json().get("content_type").asText()).isEqualTo("text/html");
            assertThat(fetched.json().get("title").asText()).isEqualTo("A page");
            assertThat(fetched.json().get("content").asText()).isEqualTo("Hello & you");
            assertThat(fetched.json().get("blocked").asBoolean()).isFalse();
            assertThat(origin.seen.element().uri()).isEqualTo("/page?a=1&b=2");
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isEqualTo(1);
            assertThat(firewall.local("/stats").at("/agents/reader/allowed").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void aCleanRedirectIsFollowedAndEveryHopIsJudged() throws Exception {
        try (var origin = redirecting("http://other.test:1/")) {
            try (var relative = redirecting("/end");
                    var firewall = TestFirewall.with("{}")) {
                assertThat(fetch(firewall, relative.url("/start"))
                                .json()
                                .get("title")
                                .asText())
                        .isEqualTo("A page");
            }
            try (var firewall = TestFirewall.with("{\"domains\": {\"block\": [\"other.test\"]}}")) {
                var refused = fetch(firewall, origin.url("/start"));
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.json().get("blocked").asBoolean()).isTrue();
                assertThat(refused.json().get("scanner").asText()).isEqualTo("domain");
                assertThat(refused.json().get("block_reason").asText()).startsWith("redirect blocked: ");
            }
            try (var firewall = TestFirewall.with("{}")) {
                firewall.names.put("other.test", List.of(InetAddress.getByName("127.0.0.2")));
                assertThat(fetch(firewall, origin.url("/start"))
                                .json()
                                .get("scanner")
                                .asText())
                        .isEqualTo("ssrf");
            }
        }
    }

    @Test
    void aRedirectBeyondAsciiIsFollowedByItsBytes() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    var head = Wire.head(socket.getInputStream());
                    Wire.send(
                            socket,
                            head.startsWith("GET /start ")
                                    ? "HTTP/1.1 302 Found\r\nLocation: /\u00c3\u00a4\r\nContent-Length: 0\r\n\r\n"
                                    : "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
                                            + head.substring(4, 11) + "!!");
                });
                var firewall = TestFirewall.with("{}")) {
            var fetched = fetch(firewall, "http://origin.test:" + origin.port() + "/start");
            assertThat(fetched.json().get("content").asText()).isEqualTo("/%C3%A4!!");
        }
    }

    @Test
    void redirectsWithoutEndAreGivenUp() throws Exception {
        try (var origin = redirecting("/start");
                var firewall = TestFirewall.with("{\"fetch\": {\"maxRedirects\": 2}}")) {
            var fetched = fetch(firewall, origin.url("/start"));
            assertThat(fetched.status()).isEqualTo(502);
            assertThat(fetched.json().get("error").asText()).contains("more than 2 redirects");
            assertThat(origin.seen).hasSize(3);
        }
    }

    @Test
    void aSecretInTheUrlIsNeitherSentNorEchoed() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            var refused = fetch(firewall, origin.url("/?k=" + MarkerScans.SECRET));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().get("url").asText()).endsWith("/[redacted]");
            assertThat(refused.json().toString()).doesNotContain(MarkerScans.SECRET);
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void anInjectionBlocksWhereThePolicySaysSo() throws Exception {
        try (var origin = Origin.saying(MarkerScans.INJECTION);
                var firewall = TestFirewall.with("{\"injection\": {\"action\": \"Block\"}}")) {
            assertThat(fetch(firewall, origin.url("/")).status()).isEqualTo(403);
        }
    }

    @Test
    void whatOnlyTheReadableTextSaysIsFoundToo() throws Exception {
        var hidden = MarkerScans.INJECTION.replace("-ALL", "&#45;ALL");
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/html");
                    var page = ("<html><p>" + hidden + "</p></html>").getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, page.length);
                    exchange.getResponseBody().write(page);
                });
                var firewall = TestFirewall.with("{\"injection\": {\"action\": \"Block\"}}")) {
            var refused = fetch(firewall, origin.url("/"));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().get("scanner").asText()).isEqualTo("prompt_injection");
            assertThat(refused.json().has("content")).isFalse();
        }
    }

    @Test
    void otherMethodsRatesAndTheKillSwitchHaveTheirCodes() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{\"limits\": {\"requestsPerMinutePerHost\": 1}}");
                var socket = firewall.connect()) {
            var post = Wire.exchange(socket, "POST /fetch?url=x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
            assertThat(post.status()).isEqualTo(405);
            assertThat(post.headers()).containsEntry("allow", "GET");
            var first = fetch(firewall, origin.url("/"));
            assertThat(first.status()).isEqualTo(200);
            assertThat(first.json().get("content").asText()).isEqualTo("hello");
            var limited = fetch(firewall, origin.url("/"));
            assertThat(limited.status()).isEqualTo(429);
            assertThat(limited.json().get("blocked").asBoolean()).isTrue();
            var unreachable = fetch(firewall, "http://nowhere.test/page");
            assertThat(unreachable.status()).isEqualTo(502);
            assertThat(unreachable.json().get("url").asText()).isEqualTo("http://nowhere.test/page");
            assertThat(unreachable.json().get("blocked").asBoolean()).isFalse();
            firewall.swap("{}", "{\"engaged\": true, \"reason\": \"drill\"}");
            assertThat(fetch(firewall, origin.url("/")).status()).isEqualTo(503);
        }
    }

    @Test
    void aPageBeyondTheLimitIsRefused() throws Exception {
        try (var origin = Origin.saying("x".repeat(5000));
                var firewall = TestFirewall.with("{\"limits\": {\"responseBody\": \"4Ki\"}}")) {
            var refused = fetch(firewall, origin.url("/"));
            assertThat(refused.status()).isEqualTo(502);
            assertThat(refused.json().get("blocked").asBoolean()).isTrue();
            assertThat(refused.json().get("scanner").asText()).isEqualTo("response_size");
        }
    }

    @Test
    void whatIsNotAUrlOrCannotBeReachedOrTakesTooLongSaysSo() throws Exception {
        try (var silent = new RawOrigin(socket -> socket.getInputStream().readAllBytes());
                var firewall = TestFirewall.with("{\"fetch\": {\"timeout\": \"300ms\"}}")) {
            assertThat(fetch(firewall, "nonsense").status()).isEqualTo(400);
            assertThat(fetch(firewall, "").status()).isEqualTo(400);
            assertThat(fetch(firewall, "http://nowhere.test/").status()).isEqualTo(502);
            assertThat(fetch(firewall, "http://origin.test:" + silent.port() + "/")
                            .json()
                            .get("error")
                            .asText())
                    .contains("too long");
            firewall.swap("{\"fetch\": {\"enabled\": false}}");
            assertThat(fetch(firewall, "http://origin.test/").status()).isEqualTo(404);
        }
    }
}
