package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.killswitch.SignalToggle;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sun.misc.Signal;

class KillSwitchTest {
    private static final String ENGAGED =
            "{\"engaged\": true, \"reason\": \"drill on Monday\", \"drain\": \"Immediate\"}";
    private static final String API =
            "\"killSwitch\": {\"api\": {\"tokenSecretRef\": {\"name\": \"api\", \"key\": \"token\"}}}";

    private static String connect(RawOrigin origin) {
        return "\"connect\": {\"ports\": [" + origin.port() + "], \"verifySni\": false}";
    }

    private static Wire.Reply get(TestFirewall firewall, String target, String... headers) throws IOException {
        try (var socket = firewall.connect()) {
            return Wire.exchange(
                    socket,
                    "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + String.join("", headers)
                            + "\r\n");
        }
    }

    private static Wire.Reply toggle(TestFirewall firewall, String token, String body) throws IOException {
        try (var socket = firewall.connect()) {
            return Wire.exchange(
                    socket,
                    "POST /api/v1/killswitch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                            + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }
    }

    private static Socket tunnel(TestFirewall firewall, RawOrigin origin) throws IOException {
        var socket = firewall.connect();
        assertThat(Wire.exchange(socket, "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: o\r\n\r\n")
                        .status())
                .isEqualTo(200);
        return socket;
    }

    @Test
    void aKillSwitchResourceRefusesEverythingThatIsProxiedAndSaysWhy() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.swap("{}", ENGAGED);

            var reply = get(firewall, origin.url("/"));
            assertThat(reply.status()).isEqualTo(503);
            var body = new ObjectMapper().readTree(reply.body());
            assertThat(body.get("error").asText()).isEqualTo("kill_switch_active");
            assertThat(body.get("message").asText()).isEqualTo("drill on Monday");
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"config\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"api\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"signal\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"sentinel\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_kill_switch_denials_total{endpoint=\"forward\",transport=\"http\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isZero();

            firewall.swap("{}", "{\"engaged\": false}");
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsAddressedToUsIsExemptAndWhatIsProxiedUnderTheSamePathIsNot() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.swap("{}", ENGAGED);

            assertThat(get(firewall, "/health").status()).isEqualTo(200);
            assertThat(get(firewall, "/metrics").status()).isEqualTo(200);
            assertThat(get(firewall, "/stats").status()).isEqualTo(503);
            assertThat(get(firewall, "/fetch?url=" + origin.url("/")).status()).isEqualTo(503);
            assertThat(get(firewall, origin.url("/health")).status()).isEqualTo(503);
            assertThat(get(firewall, origin.url("/metrics")).status()).isEqualTo(503);
            assertThat(get(firewall, origin.url("/api/v1/killswitch/status")).status())
                    .isEqualTo(503);
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_kill_switch_denials_total{endpoint=\"fetch\",transport=\"http\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void exemptClientsPass() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.swap("{\"killSwitch\": {\"exemptClientCidrs\": [\"127.0.0.0/8\"]}}", ENGAGED);
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(200);
            firewall.swap("{\"killSwitch\": {\"exemptClientCidrs\": [\"10.0.0.0/8\"]}}", ENGAGED);
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(503);
        }
    }

    @Test
    void anOpenTunnelThatSaysNothingIsCutAtOnce() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with("{" + connect(origin) + "}");
                var socket = tunnel(firewall, origin)) {
            var before = System.nanoTime();
            firewall.swap("{" + connect(origin) + "}", ENGAGED);
            try {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
            try (var next = firewall.connect()) {
                assertThat(Wire.exchange(next, "CONNECT origin.test:443 HTTP/1.1\r\nHost: o\r\n\r\n")
                                .status())
                        .isEqualTo(503);
            }
            assertThat(firewall.metric(
                            "pipelock_kill_switch_denials_total{endpoint=\"connect\",transport=\"connect\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void afterCurrentLetsAnOpenTunnelFinish() throws Exception {
        try (var origin = RawOrigin.echo();
                var firewall = TestFirewall.with("{" + connect(origin) + "}");
                var socket = tunnel(firewall, origin)) {
            firewall.swap("{" + connect(origin) + "}", "{\"engaged\": true, \"drain\": \"AfterCurrent\"}");
            try (var next = firewall.connect()) {
                assertThat(Wire.exchange(next, "CONNECT origin.test:443 HTTP/1.1\r\nHost: o\r\n\r\n")
                                .status())
                        .isEqualTo(503);
            }
            socket.getOutputStream().write(5);
            assertThat(socket.getInputStream().read()).isEqualTo(5);
        }
    }

    @Test
    void aReplyThatIsStreamingIsCut() throws Exception {
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody()
                            .write("begun".repeat(2000).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                    exchange.getResponseBody().flush();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(socket, "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            firewall.swap("{}", ENGAGED);
            await().untilAsserted(() ->
                    assertThat(firewall.audit).anyMatch(event -> event.event().equals("connection_cut")));
        }
    }

    @Test
    void theApiEngagesAndReleasesWithTheTokenOnly() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{" + API + "}")) {
            var refused = toggle(firewall, "a-wrong-token-of-the-length", "{\"active\": true}");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.headers().get("www-authenticate")).startsWith("Bearer realm=");
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(200);

            var twice = "Authorization: Bearer " + TestFirewall.TOKEN + "\r\n";
            assertThat(get(firewall, "/api/v1/killswitch/status", twice + twice).status())
                    .as("two tokens")
                    .isEqualTo(401);

            var engaged = toggle(firewall, TestFirewall.TOKEN, "{\"active\": true}");
            assertThat(engaged.status()).isEqualTo(200);
            assertThat(engaged.body()).contains("\"active\":true").contains("\"source\":\"api\"");
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(503);
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"api\"}"))
                    .isEqualTo(1);
            var status =
                    get(firewall, "/api/v1/killswitch/status", "Authorization: Bearer " + TestFirewall.TOKEN + "\r\n");
            assertThat(status.body()).contains("\"sources\":{\"config\":false,\"api\":true");

            firewall.swap("{" + API + ", \"dlp\": {\"action\": \"Warn\"}}");
            assertThat(get(firewall, origin.url("/")).status())
                    .as("a new policy leaves it")
                    .isEqualTo(503);
            toggle(firewall, TestFirewall.TOKEN, "{\"active\": false}");
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(200);
        }
    }

    @Test
    void theApiRefusesWhatIsNotExactlyAToggle() throws Exception {
        try (var firewall = TestFirewall.with("{" + API + "}")) {
            for (var body : new String[] {
                "",
                "{}",
                "[]",
                "{\"active\": 1}",
                "{\"active\": true, \"x\": 1}",
                "{\"active\": true} {}",
                "{\"active\": true, \"active\": false}",
                "{\"active\": true}" + " ".repeat(1100)
            }) {
                assertThat(toggle(firewall, TestFirewall.TOKEN, body).status())
                        .as(body)
                        .isEqualTo(400);
            }
            assertThat(get(firewall, "/api/v1/killswitch").status()).isEqualTo(405);
            toggle(firewall, TestFirewall.TOKEN, "{\"active\": false}");
            toggle(firewall, TestFirewall.TOKEN, "{\"active\": false}");
            var eleventh = toggle(firewall, TestFirewall.TOKEN, "{\"active\": false}");
            assertThat(eleventh.status()).isEqualTo(429);
            assertThat(eleventh.headers()).containsEntry("retry-after", "60");
        }
    }

    @Test
    void withoutATokenThereIsNoApi() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            assertThat(toggle(firewall, "whatever-the-token-may-be", "{\"active\": true}")
                            .status())
                    .isEqualTo(503);
        }
    }

    @Test
    void theSentinelFileEngagesWhileItExistsAndSoDoesAPathThatCannotBeLookedAt(@TempDir Path folder) throws Exception {
        var file = folder.resolve("stop");
        var policy = "{\"killSwitch\": {\"sentinelFile\": \"%s\"}}";
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with(policy.formatted(file))) {
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(200);
            Files.createFile(file);
            await().untilAsserted(() ->
                    assertThat(get(firewall, origin.url("/")).status()).isEqualTo(503));
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"sentinel\"}"))
                    .isEqualTo(1);

            firewall.swap(policy.formatted(folder.resolve("none")));
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(200);
            var loop = Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
            firewall.swap(policy.formatted(loop));
            assertThat(get(firewall, origin.url("/")).status()).isEqualTo(503);
        }
    }

    @Test
    void theSignalTogglesUnlessThePolicySaysThatItDoesNot() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            Signal.raise(new Signal("USR1"));
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_kill_switch_active{source=\"signal\"}"))
                    .isEqualTo(1));
            Signal.raise(new Signal("USR1"));
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_kill_switch_active{source=\"signal\"}"))
                    .isZero());
            firewall.swap("{\"killSwitch\": {\"signal\": false}}");
            var seen = new CountDownLatch(1);
            // Told after the firewall, which began to listen before.
            Runnable last = seen::countDown;
            SignalToggle.add(last);
            Signal.raise(new Signal("USR1"));
            assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
            SignalToggle.remove(last);
            assertThat(firewall.metric("pipelock_kill_switch_active{source=\"signal\"}"))
                    .isZero();
        }
    }
}
