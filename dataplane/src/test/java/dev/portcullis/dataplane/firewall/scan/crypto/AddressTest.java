package dev.portcullis.dataplane.firewall.scan.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
    private static final String ETH = "0x52908400098527886E0F7030069857D2E4169EE7";
    private static final String POLICY = """
            addresses:
              enabled: true
              chains: [eth, btc, sol, bnb]
              known:
                - {chain: eth, address: "0x52908400098527886E0F7030069857D2E4169EE7"}
                - {chain: btc, address: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}
                - {chain: btc, address: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}
                - {chain: sol, address: "So11111111111111111111111111111111111111112"}
              onLookalike: Block
              onUnknown: %s
            """;

    @ParameterizedTest
    @CsvSource({
        "ETH, 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "ETH, 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "ETH, 0xde709f2102306220921060314715629080e2fb77",
        "ETH, 0x52908400098527886E0F7030069857D2E4169EE7",
        "BTC, 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "BTC, 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "BTC, bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "BTC, BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "BTC, bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "SOL, So11111111111111111111111111111111111111112",
        "SOL, TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "BNB, bnb1grpf0955h0ykzq3ar5nmum7y6gdfl6lxfn46h2",
        "BNB, 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    })
    void validAddressesAreValid(Chain chain, String address) {
        assertThat(chain.valid(address)).isTrue();
        assertThat(chain.shaped(address)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "ETH, 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "ETH, 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "ETH, 0xzaAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "BTC, 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "BTC, bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "BTC, bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "BTC, bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "SOL, So1111111111111111111111111111111111111111",
        "SOL, So1111111111111111111111111111111111111110O",
        "BNB, bnb1grpf0955h0ykzq3ar5nmum7y6gdfl6lxfn46h3"
    })
    void wrongChecksumsAndLengthsAreNot(Chain chain, String address) {
        assertThat(chain.valid(address)).isFalse();
    }

    @Test
    void knownAddressesPassLookAlikesDoNotAndOthersAsThePolicySays() {
        var allow = TestPolicies.engine(POLICY.formatted("Allow"));
        assertThat(body(allow, "pay 1.2 ETH to " + ETH)).isEmpty();
        assertThat(body(allow, "pay to " + ETH.toLowerCase(java.util.Locale.ROOT)))
                .isEmpty();
        for (var fake : List.of(
                "0x5290aa00098527886e0f7030069857d2e4169ee7",
                "0x5290111111111111111111111111111111119EE7",
                "0x52908400098527886e0f7030069857d2e416aaaa")) {
            assertThat(body(allow, "pay to " + fake)).as(fake).singleElement().satisfies(finding -> {
                assertThat(finding.rule()).isEqualTo("eth-lookalike");
                assertThat(finding.scanner().label()).isEqualTo("address");
                assertThat(finding.action()).isEqualTo(Action.Block);
                assertThat(finding.message()).doesNotContain(fake);
            });
        }
        assertThat(body(allow, "to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3q4"))
                .extracting(Finding::rule)
                .containsExactly("btc-lookalike");
        assertThat(body(allow, "to 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")).isEmpty();

        var warn = TestPolicies.engine(POLICY.formatted("Warn"));
        assertThat(
                        body(
                                warn,
                                "to 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359, 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy, TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"))
                .extracting(Finding::rule, Finding::action)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("eth-unknown", Action.Warn),
                        org.assertj.core.groups.Tuple.tuple("btc-unknown", Action.Warn),
                        org.assertj.core.groups.Tuple.tuple("sol-unknown", Action.Warn));
        assertThat(body(warn, "to bnb1grpf0955h0ykzq3ar5nmum7y6gdfl6lxfn46h2")).isEmpty();
    }

    @Test
    void lookAlikesAreFoundInEveryReading() {
        var engine = TestPolicies.engine(POLICY.formatted("Allow"));
        var fake = "0x5290aa00098527886e0f7030069857d2e4169ee7";
        for (var text : List.of(
                Base64.getEncoder().encodeToString(("to " + fake).getBytes(StandardCharsets.UTF_8)),
                fake.substring(0, 9) + "\u200b" + fake.substring(9),
                fake.replace("0x", "%30%78"),
                "{\"to\":\"" + fake + "\"}")) {
            assertThat(body(engine, text)).as(text).extracting(Finding::rule).containsExactly("eth-lookalike");
        }
        assertThat(engine.scanUrl("http://e.com/send?to=" + fake, false)).hasSize(1);
    }

    @Test
    void aKnownAddressWithAWrongChecksumIsNamed() {
        assertThatThrownBy(() -> TestPolicies.engine(POLICY.formatted("Allow").replace("DivfNa", "DivfNb")))
                .hasMessageContaining("spec.addresses.known[2].address")
                .hasMessageContaining("checksum");
    }

    private static List<Finding> body(ScanEngine engine, String text) {
        var body = engine.openRequestBody("", "e.com");
        body.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        body.finish();
        return body.findings();
    }
}
