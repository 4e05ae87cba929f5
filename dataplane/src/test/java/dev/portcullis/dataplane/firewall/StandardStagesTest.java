package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.firewall.policy.PolicyCompiler;
import java.io.IOException;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The proxy with the rules that users get. */
class StandardStagesTest {
    private static final String LOOPBACK = "{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}}";
    /** Shaped like a GitHub token; never was one. */
    private static final String TOKEN = "ghp_" + "a1B2c3D4e5".repeat(3) + "F6g7H8";

    private static Wire.Reply send(TestFirewall firewall, String head, String body) throws IOException {
        try (var socket = firewall.connect()) {
            return Wire.exchange(
                    socket,
                    head + "Host: x\r\nConnection: close\r\n"
                            + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body);
        }
    }

    @Test
    void aTokenIsRefusedInTheQueryInAHeaderAndInAJsonBodyAndCleanRequestsPass() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages(LOOPBACK)) {
            var clean = send(firewall, "GET " + origin.url("/docs?page=2") + " HTTP/1.1\r\n", "");
            assertThat(clean.body()).isEqualTo("hello");

            var query = send(firewall, "GET " + origin.url("/?t=" + TOKEN) + " HTTP/1.1\r\n", "");
            assertThat(query.status()).isEqualTo(403);
            assertThat(query.headers()).containsEntry("x-portcullis-block", "core_dlp");
            var header = send(
                    firewall, "GET " + origin.url("/") + " HTTP/1.1\r\nAuthorization: Bearer " + TOKEN + "\r\n", "");
            assertThat(header.status()).isEqualTo(403);
            var body = send(
                    firewall,
                    "POST " + origin.url("/") + " HTTP/1.1\r\nContent-Type: application/json\r\n",
                    "{\"note\": \"" + TOKEN + "\"}");
            assertThat(body.status()).isEqualTo(403);
            assertThat(body.body()).doesNotContain(TOKEN);
            assertThat(origin.seen).hasSize(1);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"core_dlp\"}"))
                    .isEqualTo(3);
            assertThat(firewall.audit).noneMatch(event -> event.toString().contains(TOKEN));
        }
    }

    @Test
    void loopbackIsRefusedWhereItIsNotAllowedByNameAndByAddress() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages("{}")) {
            for (var url : new String[] {origin.url("/"), "http://127.0.0.1:" + origin.port() + "/"}) {
                var reply = send(firewall, "GET " + url + " HTTP/1.1\r\n", "");
                assertThat(reply.status()).as(url).isEqualTo(403);
                assertThat(reply.headers()).containsEntry("x-portcullis-block", "ssrf");
            }
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void strictModeRefusesALongBodyAndAnUnlistedHost() throws Exception {
        try (var origin = Origin.saying("x".repeat(9000));
                var firewall = TestFirewall.withStandardStages(
                        "{\"mode\": \"Strict\", \"domains\": {\"allow\": [\"origin.test\"]}, "
                                + "\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}, "
                                + "\"limits\": {\"requestBody\": \"4Ki\", \"responseBody\": \"4Ki\"}}")) {
            assertThat(send(firewall, "GET http://unlisted.test/ HTTP/1.1\r\n", "")
                            .headers())
                    .containsEntry("x-portcullis-block", "domain");
            assertThat(send(firewall, "POST " + origin.url("/") + " HTTP/1.1\r\n", "y ".repeat(4000))
                            .headers())
                    .containsEntry("x-portcullis-block", "length");
            assertThat(send(firewall, "GET " + origin.url("/") + " HTTP/1.1\r\n", "")
                            .headers())
                    .containsEntry("x-portcullis-block", "response_size");
        }
    }

    @Test
    void aMissingOrShortSecretIsNamedAndNothingIsCompiled() {
        var config = TestFirewall.config(
                "{\"killSwitch\": {\"api\": {\"tokenSecretRef\": {\"name\": \"api\", \"key\": \"token\"}}}}", null);
        Assertions.assertThatThrownBy(() -> new PolicyCompiler().compile(config, SecretSource.none()))
                .asInstanceOf(InstanceOfAssertFactories.type(ConfigRefusedException.class))
                .extracting(ConfigRefusedException::problems)
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .singleElement()
                .asString()
                .contains("spec.killSwitch.api.tokenSecretRef", "Secret 'api' with key 'token' does not exist");
        Assertions.assertThatThrownBy(() ->
                        new PolicyCompiler().compile(config, ref -> Optional.of(new byte[] {'h', 'i', 'd', 'e', '\n'})))
                .hasMessageContaining("shorter than 16 bytes")
                .hasMessageNotContaining("hide");
    }
}
