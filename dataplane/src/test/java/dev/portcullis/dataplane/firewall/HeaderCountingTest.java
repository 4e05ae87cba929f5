package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret in a header is refused and counted on every way that a request can take. */
class HeaderCountingTest {
    private static final String KEY = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost: origin.test\r\n",
                "CONNECT origin.test:PORT HTTP/1.1\r\nHost: origin.test\r\n",
                "GET /fetch?url=http%3A%2F%2Forigin.test%3APORT%2F HTTP/1.1\r\nHost: here\r\n",
                "GET /ws?url=ws%3A%2F%2Forigin.test%3APORT%2F HTTP/1.1\r\nHost: here\r\n" + UPGRADE,
                "GET http://origin.test:PORT/ HTTP/1.1\r\nHost: origin.test\r\n" + UPGRADE
            })
    void aSecretInAHeaderIsRefusedAndCounted(String head) throws Exception {
        try (var origin = Origin.answering((exchange, body) -> exchange.sendResponseHeaders(200, -1));
                var firewall = TestFirewall.withStandardStages(
                        "{\"connect\": {\"ports\": []}, \"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}}");
                var socket = firewall.connect()) {
            var request = head.replace("PORT", String.valueOf(origin.port())) + "Authorization: Bearer " + KEY
                    + "\r\nAccept: application/json\r\n\r\n";

            var reply = Wire.exchange(socket, request);

            assertThat(reply.status()).isEqualTo(403);
            assertThat(reply.body()).contains("github-token").doesNotContain(KEY);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_header_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"core_dlp\"}"))
                    .isEqualTo(1);
        }
    }
}
