package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.scan.coding.Coded;
import dev.portcullis.dataplane.firewall.scan.evasion.Secrets;
import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redaction over real sockets, on every way that a request body leaves. */
class RedactionTest {
    private static final String TOKEN = Objects.requireNonNull(Secrets.ALL.get("github-token"));
    private static final String TRUSTED = "\"network\": {\"trustedDomains\": [\"origin.test\"]}";
    private static final String REDACT =
            TRUSTED + ", \"dlp\": {\"redact\": {\"enabled\": true, \"classes\": [\"email\", \"github-token\"]}}";
    private static final String BODY = "{\"to\": \"ann@example.org\", \"note\": \"use " + TOKEN + "\"}";
    private static final String REDACTED = "{\"to\": \"<pl:email:1>\", \"note\": \"use <pl:github-token:1>\"}";

    private static HttpResponse<String> post(HttpClient client, String url, String type, byte[] body, String... headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url))
                .header("Accept", "application/json")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(HttpClient client, String url, String type, String body) throws Exception {
        return post(client, url, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void isRefused(HttpResponse<String> reply, String rule) throws IOException {
        assertThat(reply.statusCode()).as(rule).isEqualTo(403);
        assertThat(reply.headers().firstValue("X-Portcullis-Block")).contains("dlp");
        assertThat(new ObjectMapper().readTree(reply.body()).get("rule").asText())
                .isEqualTo(rule);
        assertThat(reply.body()).doesNotContain("ann@").doesNotContain(TOKEN);
    }

    @Test
    void aJsonBodyReachesTheOriginWithPlaceholdersAndItsNewLength() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var client = firewall.client()) {
            var reply = post(
                    client,
                    origin.url("/"),
                    "application/json",
                    BODY.getBytes(StandardCharsets.UTF_8),
                    "Content-Digest",
                    "sha-256=:eA==:");
            assertThat(reply.statusCode()).isEqualTo(200);
            var seen = origin.seen.remove();
            assertThat(new String(seen.body(), StandardCharsets.UTF_8)).isEqualTo(REDACTED);
            assertThat(seen.headers().get("Content-length")).containsExactly(String.valueOf(REDACTED.length()));
            assertThat(seen.headers()).doesNotContainKeys("Transfer-encoding", "Content-digest");
            assertThat(firewall.metric("portcullis_bodies_rewritten_total{rewrite=\"redaction\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"block\"}"))
                    .isZero();
            assertThat(firewall.audit)
                    .anyMatch(event -> event.event().equals("redaction")
                            && "email github-token".equals(event.field("classes"))
                            && Integer.valueOf(2).equals(event.field("match_count")));

            var clean = "{\"a\": [1, 2, 3]}";
            post(client, origin.url("/"), "application/json; charset=utf-8", clean);
            assertThat(new String(origin.seen.remove().body(), StandardCharsets.UTF_8))
                    .isEqualTo(clean);
            assertThat(firewall.metric("portcullis_bodies_rewritten_total{rewrite=\"redaction\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void withoutRedactionTheSameBodyIsRefusedForItsTokenAndThePolicyIsHot() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + TRUSTED + "}");
                var client = firewall.client()) {
            isRefusedForTheToken(post(client, origin.url("/"), "application/json", BODY));
            firewall.swapStandardStages("{" + REDACT + "}");
            assertThat(post(client, origin.url("/"), "application/json", BODY).statusCode())
                    .isEqualTo(200);
            firewall.swapStandardStages("{" + TRUSTED + ", \"dlp\": {\"redact\": {\"enabled\": true}}}");
            isRefusedForTheToken(post(client, origin.url("/"), "application/json", BODY));
        }
    }

    private static void isRefusedForTheToken(HttpResponse<String> reply) {
        assertThat(reply.statusCode()).isEqualTo(403);
        assertThat(reply.body()).contains("github-token").doesNotContain(TOKEN);
    }

    @Test
    void aLongBodyInChunksIsRedactedWhileItFlows() throws Exception {
        var body = new StringBuilder("[");
        for (var i = 0; i < 6000; i++) {
            body.append("{\"mail\": \"ann@example.org\", \"text\": \"")
                    .append("word ".repeat(20))
                    .append(TOKEN)
                    .append("\"},\n");
        }
        var bytes = body.append("null]").toString().getBytes(StandardCharsets.UTF_8);
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var client = firewall.client()) {
            var request = HttpRequest.newBuilder(URI.create(origin.url("/")))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
                    .build();
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            var seen = origin.seen.remove();
            assertThat(new String(seen.body(), StandardCharsets.UTF_8))
                    .isEqualTo(body.toString()
                            .replace("ann@example.org", "<pl:email:1>")
                            .replace(TOKEN, "<pl:github-token:1>"));
            assertThat(seen.headers().get("Transfer-encoding")).containsExactly("chunked");
            assertThat(seen.headers()).doesNotContainKey("Content-length");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate"})
    void aCompressedBodyGoesOnDecodedAndRedacted(String coding) throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var client = firewall.client()) {
            var body = Coded.of(coding, BODY.getBytes(StandardCharsets.UTF_8));
            assertThat(post(client, origin.url("/"), "application/json", body, "Content-Encoding", coding)
                            .statusCode())
                    .isEqualTo(200);
            var seen = origin.seen.remove();
            assertThat(new String(seen.body(), StandardCharsets.UTF_8)).isEqualTo(REDACTED);
            assertThat(seen.headers()).doesNotContainKey("Content-encoding");
        }
    }

    @Test
    void aCompressedBodyThatIsNoneIsRefused() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var client = firewall.client()) {
            var reply =
                    post(client, origin.url("/"), "application/json", new byte[] {1, 2, 3}, "Content-Encoding", "gzip");
            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(reply.headers().firstValue("X-Portcullis-Block")).contains("compression");
            assertThat(origin.seen).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | mail ann@example.org | redact-not-json",
                "application/x-www-form-urlencoded | to=ann%40example.org | redact-not-json",
                "multipart/form-data; boundary=b | --b$Content-Disposition: form-data; name=\"a\"$$ann@example.org$--b--$ | redact-not-json",
                "application/json | {\"a\": 1 | redact-malformed",
                "application/json | plain text | redact-malformed",
            })
    void whatCannotBeRewrittenIsRefusedWithTheReason(String type, String body, String rule) throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var client = firewall.client()) {
            isRefused(post(client, origin.url("/"), type, body.replace("$", "\r\n")), rule);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"block\"}"))
                    .isZero();
        }
    }

    @Test
    void otherBodiesWithoutSuchValuesPassAsTheyAre() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var client = firewall.client()) {
            assertThat(post(client, origin.url("/"), "text/plain", "nothing to see")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(new String(origin.seen.remove().body(), StandardCharsets.UTF_8))
                    .isEqualTo("nothing to see");
        }
    }

    @Test
    void modeAuditChangesNothingAndSaysWhatWouldBeRedacted() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withStandardStages("{\"mode\": \"Audit\", " + REDACT + "}");
                var client = firewall.client()) {
            assertThat(post(client, origin.url("/"), "application/json", BODY).statusCode())
                    .isEqualTo(200);
            assertThat(new String(origin.seen.remove().body(), StandardCharsets.UTF_8))
                    .isEqualTo(BODY);
            assertThat(firewall.audit)
                    .anyMatch(event -> "redact-would".equals(event.field("rule"))
                            && event.message().contains("class email"));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void bodiesInsideInterceptedTunnelsAreRedacted(HttpClient.Version version) throws Exception {
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("ok"));
                var firewall = TestFirewall.withStandardStages(intercepting(origin.port()));
                var client = firewall.tlsClient(version)) {
            var url = "https://origin.test:" + origin.port() + "/";
            assertThat(post(client, url, "application/json", BODY).statusCode()).isEqualTo(200);
            assertThat(new String(origin.seen.remove().body(), StandardCharsets.UTF_8))
                    .isEqualTo(REDACTED);
            isRefused(post(client, url, "text/plain", "ann@example.org"), "redact-not-json");
            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"redaction\"}"))
                    .isEqualTo(1);
        }
    }

    private static String intercepting(int port) {
        return "{" + REDACT + ", " + Intercepted.policy(port, "").substring(1);
    }

    @Test
    void bodiesToReverseProxiesAreRedacted() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withReverseProxy("http://127.0.0.1:" + origin.port(), "")) {
            firewall.swapStandardStages(TestFirewall.reverse("http://127.0.0.1:" + origin.port(), REDACT));
            try (var socket = firewall.connectToReverseProxy()) {
                assertThat(Wire.exchange(socket, request("application/json", BODY))
                                .status())
                        .isEqualTo(200);
                assertThat(new String(origin.seen.remove().body(), StandardCharsets.UTF_8))
                        .isEqualTo(REDACTED);
                var refused = Wire.exchange(socket, request("text/csv", "a,ann@example.org"));
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.body()).contains("redact-not-json").contains("\"direction\":\"request\"");
                assertThat(
                                firewall.metric(
                                        "pipelock_reverse_proxy_scan_blocked_total{direction=\"request\",reason=\"redaction\"}"))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void webSocketMessagesAreRedacted() throws Exception {
        var long1 = "{\"to\": \"ann@example.org\", \"pad\": \"" + "x ".repeat(40_000) + "\"}";
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.withStandardStages("{" + REDACT + "}");
                var socket = firewall.connect()) {
            Frames.open(socket, "http://origin.test:" + origin.port() + "/chat");
            for (var message : new String[] {BODY, "{\"a\": [1, 2]}", "[not json", "plain", long1}) {
                Frames.send(socket, Frames.client(Frames.TEXT, message));
                assertThat(Frames.read(socket.getInputStream()).text())
                        .isEqualTo(message.replace("ann@example.org", "<pl:email:1>")
                                .replace(TOKEN, "<pl:github-token:1>"));
            }
            var half = BODY.length() / 2;
            Frames.send(
                    socket,
                    Frames.client(false, Frames.TEXT, BODY.substring(0, half).getBytes(StandardCharsets.UTF_8)));
            Frames.send(
                    socket,
                    Frames.client(
                            true, Frames.CONTINUATION, BODY.substring(half).getBytes(StandardCharsets.UTF_8)));
            assertThat(Frames.read(socket.getInputStream()).text()).isEqualTo(REDACTED);
            assertThat(firewall.metric("portcullis_bodies_rewritten_total{rewrite=\"redaction\"}"))
                    .isEqualTo(3);

            Frames.send(socket, Frames.client(Frames.TEXT, "write to ann@example.org"));
            assertThat(Frames.read(socket.getInputStream()).code()).isEqualTo(1008);
            assertThat(origin.seen).noneMatch(message -> message.contains("ann@"));
        }
    }

    private static String request(String type, String body) {
        return "POST /x HTTP/1.1\r\nHost: tools\r\nAccept: application/json\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
