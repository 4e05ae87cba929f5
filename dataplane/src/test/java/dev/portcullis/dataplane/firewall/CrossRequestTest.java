package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets sent in pieces, and budgets, through a real proxy. */
class CrossRequestTest {
    private static final String KEY = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    private static final String SPEC =
            "{\"network\": {\"trustedDomains\": [\"*.test\"]}, \"crossRequest\": {\"enabled\": true}, \"entropy\": {\"url\": \"0\", \"subdomain\": \"0\"}}";

    private static int get(TestFirewall firewall, String url) {
        return send(firewall, HttpRequest.newBuilder(URI.create(url)).build());
    }

    private static int post(TestFirewall firewall, String url, String type, String body) {
        return send(
                firewall,
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build());
    }

    private static int send(TestFirewall firewall, HttpRequest request) {
        try {
            return firewall.client()
                    .send(request, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertMatched(TestFirewall firewall) {
        assertThat(firewall.metrics())
                .contains(
                        "pipelock_cross_request_dlp_match_total 1.0",
                        "pipelock_scanner_hits_total{scanner=\"cross_request\"} 1.0");
        assertThat(firewall.audit).noneSatisfy(event -> assertThat(String.valueOf(event.field("url")))
                .contains(KEY.substring(20)));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 40})
    void aSecretSentInPiecesIsRefusedWithItsLast(int pieces) throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            var size = (KEY.length() + pieces - 1) / pieces;
            for (var i = 0; i < KEY.length(); i += size) {
                var piece = KEY.substring(i, Math.min(KEY.length(), i + size));
                var status = get(firewall, origin.url("/?n=" + i + "&d=" + piece));
                assertThat(status).as("piece at %d", i).isEqualTo(i + size >= KEY.length() ? 403 : 200);
            }
            assertMatched(firewall);
            assertThat(origin.seen).hasSize((KEY.length() + size - 1) / size - 1);
        }
    }

    @Test
    void thePieceThatWasRefusedIsRefusedAgain() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(0, 20)))).isEqualTo(200);
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(20)))).isEqualTo(403);
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(20)))).isEqualTo(403);
        }
    }

    @Test
    void piecesAreFoundInTheEndOfPathsInFormsAndInJson() throws Exception {
        var first = KEY.substring(0, 17);
        var second = KEY.substring(17);
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/up/" + first))).isEqualTo(200);
            assertThat(get(firewall, origin.url("/up/" + second))).isEqualTo(403);
        }
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            var form = "application/x-www-form-urlencoded";
            assertThat(post(firewall, origin.url("/"), form, "id=7&part=" + first))
                    .isEqualTo(200);
            assertThat(post(firewall, origin.url("/"), form, "id=8&part=" + second))
                    .isEqualTo(403);
            assertMatched(firewall);
            assertThat(origin.seen).hasSize(1);
        }
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            var json = "{\"id\": %d, \"note\": \"%s\", \"at\": \"noon\"}";
            assertThat(post(firewall, origin.url("/"), "application/json", json.formatted(1, first)))
                    .isEqualTo(200);
            assertThat(post(firewall, origin.url("/"), "application/json", json.formatted(2, second)))
                    .isEqualTo(403);
            assertMatched(firewall);
        }
    }

    @Test
    void piecesThatAreWrappedAreUnwrappedTogether() throws Exception {
        var wrapped = java.util.Base64.getEncoder().encodeToString(("token " + KEY).getBytes("US-ASCII"));
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?d=" + wrapped.substring(0, 23))))
                    .isEqualTo(200);
            assertThat(get(firewall, origin.url("/?d=" + wrapped.substring(23).replace("=", ""))))
                    .isEqualTo(403);
        }
    }

    /** Under a hash that a client can work out, a value that was sent before would stand for a piece that was not. */
    @Test
    void noPieceIsTakenForWhatWasSentBefore() throws Exception {
        var key = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fGAaJ6";
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            var second = key.substring(7);
            var decoy = second.replace("Aa", "BB");
            assertThat(decoy.hashCode()).isEqualTo(second.hashCode());
            assertThat(get(firewall, origin.url("/?d=" + decoy))).isEqualTo(200);
            assertThat(get(firewall, origin.url("/?d=" + key.substring(0, 7)))).isEqualTo(200);
            assertThat(get(firewall, origin.url("/?d=" + second))).isEqualTo(403);
            assertThat(get(firewall, origin.url("/?d=" + second))).isEqualTo(403);
        }
    }

    @Test
    void whatIsOnlyWarnedAboutPasses() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(
                        SPEC.replace("{\"enabled\": true}", "{\"enabled\": true, \"action\": \"Warn\"}"));
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(0, 20)))).isEqualTo(200);
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(20)))).isEqualTo(200);
            assertThat(firewall.metric("pipelock_cross_request_dlp_match_total"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"cross_request\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void ordinaryTrafficCompletesNothing() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            for (var i = 0; i < 60; i++) {
                assertThat(get(
                                firewall,
                                origin.url("/items/" + (41111111L + i) + "?page=" + i + "&size=20&id="
                                        + Long.toString(i * 7919L + 1_000_000_007L))))
                        .isEqualTo(200);
            }
            assertThat(firewall.metric("pipelock_cross_request_dlp_match_total"))
                    .isZero();
        }
    }

    @Test
    void theBufferIsTheSameInMetricsAndStatsAndSurvivesAChangeOfPolicy() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(0, 20)))).isEqualTo(200);

            // Under the name d, and among all values.
            assertThat(firewall.metrics()).contains("pipelock_cross_request_fragment_buffer_bytes 40.0");
            var stats = firewall.local("/stats").path("cross_request_detection");
            assertThat(stats.path("fragment_buffer_bytes").asLong()).isEqualTo(40);
            assertThat(stats.path("fragment_buffer_active").asBoolean()).isTrue();
            assertThat(stats.path("entropy_tracker_active").asBoolean()).isTrue();

            firewall.swapStandard(
                    SPEC.replace("\"enabled\": true", "\"enabled\": true, \"fragments\": {\"bytes\": \"8Ki\"}"));
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(20)))).isEqualTo(403);
        }
    }

    @Test
    void whereItIsOffNothingIsKept() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC.replace("\"enabled\": true", "\"enabled\": false"));
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(0, 20)))).isEqualTo(200);
            assertThat(get(firewall, origin.url("/?d=" + KEY.substring(20)))).isEqualTo(200);
            assertThat(firewall.metrics()).contains("pipelock_cross_request_fragment_buffer_bytes 0.0");
            assertThat(firewall.local("/stats")
                            .at("/cross_request_detection/fragment_buffer_active")
                            .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void aClientOverItsBudgetIsRefusedTunnelsTooAndCountedEachTime() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC.replace(
                        "\"enabled\": true",
                        "\"enabled\": true, \"entropyBudget\": {\"bits\": 100, \"action\": \"Block\"}"));
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?q=abc"))).isEqualTo(200);
            assertThat(post(firewall, origin.url("/"), "text/plain", "the quick brown fox jumps over it all"))
                    .isEqualTo(403);
            assertThat(get(firewall, origin.url("/"))).isEqualTo(403);
            try (var socket = firewall.connect()) {
                assertThat(Wire.exchange(socket, "CONNECT origin.test:443 HTTP/1.1\r\nHost: origin.test:443\r\n\r\n")
                                .status())
                        .isEqualTo(403);
            }
            assertThat(firewall.metrics()).contains("pipelock_cross_request_entropy_exceeded_total 3.0");
            assertThat(origin.seen).hasSize(1);
        }
    }

    @Test
    void theStandardBudgetOnlyWarns() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(
                        SPEC.replace("\"enabled\": true", "\"enabled\": true, \"entropyBudget\": {\"bits\": 10}"));
                var origin = Origin.saying("ok")) {
            assertThat(get(firewall, origin.url("/?q=abcdefghijklmnop"))).isEqualTo(200);
            assertThat(firewall.metric("pipelock_cross_request_entropy_exceeded_total"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aLongBodyIsHeldUntilItsBeginningWasJudged() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(SPEC);
                var origin = Origin.answering((exchange, body) -> {
                    exchange.sendResponseHeaders(200, -1);
                })) {
            var words = "all work and no play makes jack a dull boy. ".repeat(6000);
            assertThat(post(firewall, origin.url("/"), "text/plain", words)).isEqualTo(200);
            assertThat(origin.seen.peek().body()).hasSize(words.length());
            assertThat(post(firewall, origin.url("/"), "text/plain", KEY.substring(0, 20)))
                    .isEqualTo(200);
            assertThat(post(firewall, origin.url("/"), "text/plain", KEY.substring(20) + " " + words))
                    .isEqualTo(403);
        }
    }

    /** What clients send to the policy's own server is no way out (docs/reverse-proxy.md). */
    @Test
    void whatGoesToAReverseProxyIsNeitherRememberedNorSpent() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withReverseProxy(
                        "http://127.0.0.1:" + origin.port(),
                        "\"crossRequest\": {\"enabled\": true, \"entropyBudget\": {\"bits\": 50, \"action\": \"Block\"}}");
                var socket = firewall.connectToReverseProxy()) {
            for (var piece : new String[] {KEY.substring(0, 20), KEY.substring(20)}) {
                var reply = Wire.exchange(
                        socket,
                        "POST /?d=" + piece + " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: "
                                + piece.length() + "\r\n\r\n" + piece);
                assertThat(reply.status()).isEqualTo(200);
            }
            assertThat(firewall.metric("pipelock_cross_request_fragment_buffer_bytes"))
                    .isZero();
            assertThat(firewall.metric("pipelock_cross_request_entropy_exceeded_total"))
                    .isZero();
        }
    }
}
