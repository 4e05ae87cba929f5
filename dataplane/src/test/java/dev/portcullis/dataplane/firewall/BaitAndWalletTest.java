package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Canaries, seed phrases and addresses through the proxy, and what they count. */
class BaitAndWalletTest {
    private static final String POLICY = """
            {"network": {"allowedRanges": ["127.0.0.0/8"]},
             "dlp": {"canaries": [{"name": "honey", "secretKeyRef": {"name": "api", "key": "token"}}]},
             "addresses": {"enabled": true, "onUnknown": "Warn",
               "known": [{"chain": "eth", "address": "0x52908400098527886E0F7030069857D2E4169EE7"},
                         {"chain": "btc", "address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}]}}
            """;

    private static final String PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    private static Wire.Reply post(TestFirewall firewall, Origin origin, String type, String body) throws IOException {
        try (var socket = firewall.connect()) {
            return Wire.exchange(
                    socket,
                    "POST " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + type
                            + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }
    }

    private static Wire.Reply get(TestFirewall firewall, Origin origin, String path, Map<String, String> headers)
            throws IOException {
        try (var socket = firewall.connect()) {
            var head = new StringBuilder("GET " + origin.url(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            return Wire.exchange(socket, head.append("\r\n").toString());
        }
    }

    @Test
    void canariesAndSeedPhrasesAreRefusedInUrlHeaderAndBodyAndCounted() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages(POLICY)) {
            for (var reply : new Wire.Reply[] {
                get(firewall, origin, "/?q=" + TestFirewall.TOKEN, Map.of()),
                get(firewall, origin, "/", Map.of("Authorization", "Bearer " + TestFirewall.TOKEN)),
                post(firewall, origin, "application/json", "{\"a\":\"a-token-of\",\"b\":\"-enough-length\"}")
            }) {
                assertThat(reply.status()).isEqualTo(403);
                assertThat(reply.headers()).containsEntry("x-portcullis-block", "canary");
                assertThat(reply.body()).doesNotContain(TestFirewall.TOKEN);
            }
            for (var reply : new Wire.Reply[] {
                get(firewall, origin, "/" + PHRASE.replace(' ', '/'), Map.of()),
                get(firewall, origin, "/", Map.of("Cookie", "w=" + PHRASE.replace(' ', '-'))),
                post(firewall, origin, "text/plain", "my wallet:\n" + PHRASE)
            }) {
                assertThat(reply.status()).isEqualTo(403);
                assertThat(reply.headers()).containsEntry("x-portcullis-block", "seed_phrase");
                assertThat(reply.body()).doesNotContain("sausage");
            }
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metrics())
                    .contains("pipelock_scanner_hits_total{scanner=\"canary\"} 3.0")
                    .contains("pipelock_scanner_hits_total{scanner=\"seed_phrase\"} 3.0")
                    .contains("pipelock_body_dlp_hits_total{action=\"block\"} 2.0")
                    .contains("pipelock_header_dlp_hits_total{action=\"block\"} 2.0");
            assertThat(firewall.audit)
                    .noneMatch(event -> event.toString().contains(TestFirewall.TOKEN)
                            || event.toString().contains("sausage"));
        }
    }

    @Test
    void addressesAreJudgedByThePolicysOwnAndCounted() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withStandardStages(POLICY)) {
            var known = post(
                    firewall,
                    origin,
                    "application/json",
                    "{\"to\":\"0x52908400098527886E0F7030069857D2E4169EE7\",\"value\":\"1.5\"}");
            assertThat(known.status()).isEqualTo(200);
            var fake = post(
                    firewall,
                    origin,
                    "application/json",
                    "{\"to\":\"0x5290aa00098527886e0f7030069857d2e4169ee7\",\"value\":\"1.5\"}");
            assertThat(fake.status()).isEqualTo(403);
            assertThat(fake.headers()).containsEntry("x-portcullis-block", "address");
            assertThat(fake.body()).contains("eth-lookalike").doesNotContain("5290aa00");
            var other = get(firewall, origin, "/pay?to=3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", Map.of());
            assertThat(other.status()).isEqualTo(200);
            assertThat(firewall.metrics())
                    .contains("pipelock_address_findings_total{chain=\"eth\",verdict=\"lookalike\"} 1.0")
                    .contains("pipelock_address_findings_total{chain=\"btc\",verdict=\"unknown\"} 1.0")
                    .contains("pipelock_address_findings_total{chain=\"sol\",verdict=\"unknown\"} 0.0")
                    .contains("pipelock_scanner_hits_total{scanner=\"address\"} 1.0");
        }
    }
}
