package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What the addresses of each chain count, those that look like a known one and those that nobody knows. */
final class CountedAddresses {
    private static final String BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    private static final String SOLANA = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    private static final String BINANCE = "bnb1grpf0955h0ykzq3ar5nmum7y6gdfl6lxfn46h2";

    private CountedAddresses() {}

    /** A policy that knows {@code address} and warns about all others of its chain. */
    private static String knows(String chain, String address) {
        return "{\"addresses\": {\"enabled\": true, \"chains\": [\"" + chain + "\"], \"onUnknown\": \"Warn\","
                + " \"known\": [{\"chain\": \"" + chain + "\", \"address\": \"" + address + "\"}]}}";
    }

    private static CountedEvent lookalike(String chain, String known, String sent) {
        return event(chain, "that looks like a known one", known, sent, 403, """
                pipelock_address_findings_total{chain="%s",verdict="lookalike"} 1
                pipelock_request_duration_seconds_count 1
                pipelock_requests_total{result="blocked"} 1
                pipelock_scanner_hits_total{scanner="address"} 1
                portcullis_findings_total{outcome="blocked",scanner="address"} 1
                """);
    }

    private static CountedEvent unknown(String chain, String known, String sent) {
        return event(chain, "that nobody knows", known, sent, 200, """
                pipelock_address_findings_total{chain="%s",verdict="unknown"} 1
                pipelock_request_duration_seconds_count 1
                pipelock_requests_total{result="allowed"} 1
                portcullis_findings_total{outcome="warned",scanner="address"} 1
                """);
    }

    private static CountedEvent event(String chain, String what, String known, String sent, int status, String moves) {
        return new CountedEvent(
                "an address of " + chain + " " + what,
                knows(chain, known),
                traffic -> assertThat(traffic.curl("-d", "to=" + sent, traffic.origin.url("/"))
                                .status())
                        .isEqualTo(status),
                moves.formatted(chain));
    }

    static List<CountedEvent> events() {
        return List.of(
                unknown(
                        "eth",
                        "0x52908400098527886E0F7030069857D2E4169EE7",
                        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
                lookalike("btc", BITCOIN, BITCOIN.replace("DMPTfT", "DMQTfT")),
                unknown("btc", BITCOIN, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
                lookalike("sol", SOLANA, SOLANA.replace("GKPFXC", "GKQFXC")),
                unknown("sol", SOLANA, "So11111111111111111111111111111111111111112"),
                lookalike("bnb", BINANCE, BINANCE.replace("zq3ar5", "zq4ar5")),
                unknown("bnb", BINANCE, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    }
}
