package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every refusal says what to do, also where no YAML would allow it. */
@Timeout(120)
class HintTest {
    private static final String OPEN = "{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}}";

    private static String hint(TestFirewall firewall, String request) throws IOException {
        try (var socket = firewall.connect()) {
            var reply = Wire.exchange(socket, request);
            assertThat(reply.status()).as(request).isBetween(400, 503);
            var json = new ObjectMapper().readTree(reply.body());
            assertThat(json.path("blocked").asBoolean()).as(reply.body()).isTrue();
            assertThat(json.path("hint").asText()).as(reply.body()).isNotBlank();
            return json.path("hint").asText();
        }
    }

    private static String get(String url) {
        return "GET " + url + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    }

    @Test
    void whatNoPolicyCanAllowSaysWhatToDoInstead() throws Exception {
        try (var firewall = TestFirewall.withStandardStages(OPEN)) {
            assertThat(hint(firewall, get("http://169.254.169.254/latest/meta-data/")))
                    .contains("no policy can allow it", "Secret");
            firewall.names.put("sneaky.test", List.of(InetAddress.getByName("169.254.169.254")));
            assertThat(hint(firewall, get("http://sneaky.test/"))).contains("no policy can allow it");
            assertThat(hint(firewall, get("http://origin.test/a%0d%0ab"))).contains("line break");
            assertThat(hint(firewall, get("http://origin.test/a/../../b"))).contains("'..'");
            assertThat(hint(firewall, get("ftp://origin.test/"))).isNotBlank();
            assertThat(hint(firewall, "GET http://origin.test/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
                    .contains("RFC 9112");
            assertThat(hint(firewall, get("http://origin.test/" + "a".repeat(100_000))))
                    .contains("headerBytes");
            assertThat(hint(
                            firewall,
                            "POST http://origin.test/ HTTP/1.1\r\nHost: x\r\nContent-Encoding: odd\r\n"
                                    + "Content-Length: 3\r\n\r\nabc"))
                    .contains("gzip");
        }
    }

    @Test
    void anEngagedKillSwitchSaysWhoCanReleaseIt() throws Exception {
        try (var firewall = TestFirewall.with(OPEN)) {
            firewall.swap(OPEN, "{\"engaged\": true, \"reason\": \"drill\"}");
            assertThat(hint(firewall, get("http://origin.test/"))).contains("KillSwitch resource");
            assertThat(hint(firewall, "CONNECT origin.test:443 HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .contains("KillSwitch resource");
        }
    }

    @Test
    void aFirewallWithoutAPolicySaysThatItNeedsOne() throws Exception {
        try (var firewall = TestFirewall.unconfigured()) {
            assertThat(hint(firewall, get("http://origin.test/"))).contains("AgentPolicy");
        }
    }
}
