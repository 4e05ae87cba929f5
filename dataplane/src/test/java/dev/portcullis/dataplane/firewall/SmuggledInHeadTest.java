package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets where nobody expects text of a client's own choice. */
class SmuggledInHeadTest {
    private static final String TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    private static final String POLICY = "{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}}";

    private static Wire.Reply send(TestFirewall firewall, String head) throws Exception {
        try (var socket = firewall.connect()) {
            Wire.send(socket, head);
            return Wire.read(socket.getInputStream());
        }
    }

    @Test
    void aSecretAsTheMethodIsRefusedAndAnyOtherMethodPasses() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages(POLICY)) {
            var rest = " " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            var refused = send(firewall, TOKEN + rest);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.headers().get("x-portcullis-block")).isEqualTo("core_dlp");
            assertThat(refused.body()).contains("method").doesNotContain(TOKEN);
            assertThat(origin.seen).isEmpty();
            for (var method : List.of("PROPFIND", "VERSION-CONTROL", "UPDATEREDIRECTREF")) {
                assertThat(send(firewall, method + rest).status()).as(method).isEqualTo(200);
            }
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"core_dlp\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aSecretCutUpOverSeveralCookieHeadersIsFound() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages(POLICY)) {
            var reply = send(
                    firewall,
                    "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: a="
                            + TOKEN.substring(0, 13)
                            + "\r\nCookie: b=" + TOKEN.substring(13, 26) + "\r\nCookie: c=" + TOKEN.substring(26)
                            + "\r\n\r\n");
            assertThat(reply.status()).isEqualTo(403);
            assertThat(origin.seen).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AKIAUR7HXHAV3OOEFJ2N", "akiaur7hxhav3ooefj2n", "AIzaAKRJiKdTih4PzudGTmCU8xf4JJhgzAUpsSK"})
    void aSecretInTheHostOfATunnelIsRefusedBeforeAnyNameServerIsAsked(String label) throws Exception {
        try (var firewall = TestFirewall.withStandardStages(POLICY)) {
            var reply = send(firewall, "CONNECT " + label + ".example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(reply.status()).isEqualTo(403);
            assertThat(reply.headers().get("x-portcullis-block")).endsWith("dlp");
        }
    }
}
