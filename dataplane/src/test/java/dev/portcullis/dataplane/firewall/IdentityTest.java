package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which agent a request is counted for: by its proxy credentials, as HTTP_PROXY carries them, or by a header. */
@Timeout(120)
class IdentityTest {
    @TempDir
    Path folder;

    private void curl(TestFirewall firewall, String credentials, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                Installed.program("curl", "curl"),
                "-s",
                "-m",
                "20",
                "-x",
                "http://" + credentials + "127.0.0.1:" + firewall.port()));
        command.addAll(List.of(arguments));
        assertThat(Program.run(folder, "", command).out()).isEqualTo("hello");
    }

    private static void counts(TestFirewall firewall, String agent, String field, int count) {
        await().untilAsserted(() -> assertThat(firewall.local("/stats")
                        .path("agents")
                        .path(agent)
                        .path(field)
                        .asInt())
                .as(agent)
                .isEqualTo(count));
    }

    @Test
    void theUserOfTheProxyCredentialsIsTheAgentOfPlainRequestsAndTunnels() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [], \"verifySni\": false}}")) {
            curl(firewall, "coder:any-password@", origin.url("/"));
            counts(firewall, "coder", "allowed", 1);
            curl(firewall, "coder:any-password@", "-H", "X-Portcullis-Agent: other", origin.url("/"));
            counts(firewall, "coder", "allowed", 2);
            curl(firewall, "coder:any-password@", "-p", origin.url("/"));
            counts(firewall, "coder", "tunnels", 1);
            curl(firewall, "", "-H", "X-Portcullis-Agent: other", origin.url("/"));
            counts(firewall, "other", "allowed", 1);
            assertThat(origin.seen).allSatisfy(seen -> assertThat(seen.headers())
                    .doesNotContainKeys("Proxy-authorization", "X-portcullis-agent"));
            assertThat(firewall.audit)
                    .anyMatch(event -> "coder".equals(event.field("agent")))
                    .noneMatch(event -> event.toString().contains("any-password"));
        }
    }

    @Test
    void requestsInsideAnInterceptedTunnelAreThoseOfWhoOpenedIt() throws Exception {
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("hello"));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""))) {
            curl(
                    firewall,
                    "coder:x@",
                    "--cacert",
                    TestCertificates.file(TestCertificates.POLICY, folder).toString(),
                    "https://origin.test:" + origin.port() + "/");
            counts(firewall, "coder", "allowed", 1);
        }
    }

    @Test
    void whatIsNoNameIsNobodysAndTheHeaderIsAskedInstead() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            for (var credentials : new String[] {"Basic !!!", "Basic bm9jb2xvbg==", "Basic YSBiOmM=", "Bearer abc"}) {
                try (var socket = firewall.connect()) {
                    var reply = Wire.exchange(
                            socket,
                            "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nX-Portcullis-Agent: named\r\n"
                                    + "Proxy-Authorization: " + credentials + "\r\nConnection: close\r\n\r\n");
                    assertThat(reply.status()).isEqualTo(200);
                }
            }
            counts(firewall, "named", "allowed", 4);
            assertThat(firewall.local("/stats").path("agents")).hasSize(1);
        }
    }
}
