package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.admin.BuildVersion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The families of plain HTTP, tunnels, kill switch and build: driven by real clients, read back as a scraper reads them. */
@Timeout(120)
class CountingTest {
    private static final String SPEC =
            "{\"domains\": {\"block\": [\"blocked.test\"]}, \"connect\": {\"ports\": [], \"verifySni\": false}, \"killSwitch\": {\"api\": {\"tokenSecretRef\": {\"name\": \"api\", \"key\": \"token\"}}}}";

    /** The value of one series on the page at /metrics; -1 where it is not there. */
    private static double series(String page, String series) {
        var line = Pattern.compile("^" + Pattern.quote(series) + " (.*)$", Pattern.MULTILINE)
                .matcher(page);
        return line.find() ? Double.parseDouble(line.group(1)) : -1;
    }

    private static String bounds(String page, String family) {
        var bounds = new StringBuilder();
        for (var bucket = Pattern.compile(family + "_bucket\\{le=\"([^\"]+)\"}").matcher(page); bucket.find(); ) {
            bounds.append(bucket.group(1)).append(' ');
        }
        return bounds.toString();
    }

    @Test
    void beforeAnyTrafficTheFamiliesStandAtZeroWithTheBoundsOfTheContract() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            var page = firewall.metrics();
            assertThat(bounds(page, "pipelock_request_duration_seconds"))
                    .isEqualTo("0.01 0.05 0.1 0.25 0.5 1.0 2.5 5.0 10.0 +Inf ");
            assertThat(bounds(page, "pipelock_tunnel_duration_seconds"))
                    .isEqualTo("1.0 5.0 10.0 30.0 60.0 120.0 300.0 +Inf ");
            for (var source : new String[] {"config", "api", "signal", "sentinel"}) {
                assertThat(series(page, "pipelock_kill_switch_active{source=\"" + source + "\"}"))
                        .isZero();
            }
            assertThat(series(page, "pipelock_info{version=\"" + BuildVersion.current() + "\"}"))
                    .isEqualTo(1);
            assertThat(series(page, "pipelock_active_tunnels")).isZero();
            assertThat(series(page, "pipelock_tunnel_bytes_total")).isZero();
            assertThat(page)
                    .contains(
                            "# TYPE pipelock_requests_total counter",
                            "# TYPE pipelock_request_duration_seconds histogram",
                            "# TYPE pipelock_tunnels_total counter",
                            "# TYPE pipelock_active_tunnels gauge",
                            "# TYPE pipelock_kill_switch_active gauge",
                            "# TYPE pipelock_info gauge");
        }
    }

    @Test
    void requestsOfAJavaClientAreCountedAndTunnelsNeverMoveTheirFamilies() throws Exception {
        try (var origin = Origin.saying("hello");
                var echo = RawOrigin.echo();
                var firewall = TestFirewall.with(SPEC)) {
            var client = firewall.client();
            for (var path : new String[] {"/a", "/b", "/?" + MarkerScans.SECRET}) {
                client.send(HttpRequest.newBuilder(URI.create(origin.url(path))).build(), BodyHandlers.ofString());
            }
            var page = firewall.metrics();
            assertThat(series(page, "pipelock_requests_total{result=\"allowed\"}"))
                    .isEqualTo(2);
            assertThat(series(page, "pipelock_requests_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            assertThat(series(page, "pipelock_request_duration_seconds_count")).isEqualTo(3);
            assertThat(series(page, "pipelock_request_duration_seconds_bucket{le=\"+Inf\"}"))
                    .isEqualTo(3);
            assertThat(series(page, "pipelock_scanner_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(1);

            try (var socket = firewall.connect()) {
                Wire.exchange(socket, "CONNECT origin.test:" + echo.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
                Wire.send(socket, "ping");
                assertThat(socket.getInputStream().readNBytes(4)).hasSize(4);
                page = firewall.metrics();
                assertThat(series(page, "pipelock_active_tunnels")).isEqualTo(1);
                assertThat(series(page, "pipelock_tunnel_bytes_total")).isEqualTo(8);
            }
            await().until(() -> firewall.metric("pipelock_tunnels_total{result=\"completed\"}") == 1);
            try (var socket = firewall.connect()) {
                var refused = Wire.exchange(socket, "CONNECT blocked.test:443 HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(refused.status()).isEqualTo(403);
            }
            page = firewall.metrics();
            assertThat(series(page, "pipelock_active_tunnels")).isZero();
            assertThat(series(page, "pipelock_tunnels_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            assertThat(series(page, "pipelock_tunnel_duration_seconds_count")).isEqualTo(1);
            assertThat(series(page, "pipelock_requests_total{result=\"allowed\"}"))
                    .isEqualTo(2);
            assertThat(series(page, "pipelock_request_duration_seconds_count")).isEqualTo(3);

            var stats = firewall.local("/stats");
            assertThat(stats.at("/requests/total").asLong()).isEqualTo(3);
            assertThat(stats.at("/requests/allowed").asLong()).isEqualTo(2);
            assertThat(stats.at("/requests/blocked").asLong()).isEqualTo(1);
            assertThat(stats.at("/requests/block_rate").asDouble()).isBetween(0.33, 0.34);
            assertThat(stats.at("/tunnels").asLong()).isEqualTo(1);
            assertThat(stats.at("/top_scanners").toString()).contains("\"dlp\"");
            assertThat(stats.at("/top_blocked_domains").toString()).contains("origin.test", "blocked.test");
        }
    }

    @Test
    void aKillSwitchIsCountedByTransportAndNeverByWhatAClientWrites() throws Exception {
        try (var firewall = TestFirewall.with(SPEC);
                var socket = firewall.connect()) {
            toggle(firewall, true);
            assertThat(series(firewall.metrics(), "pipelock_kill_switch_active{source=\"api\"}"))
                    .isEqualTo(1);
            for (var path : new String[] {"/one", "/two", "/health"}) {
                assertThat(Wire.exchange(socket, "GET http://origin.test" + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                .status())
                        .isEqualTo(503);
            }
            assertThat(Wire.exchange(socket, "GET /fetch?url=http://origin.test/ HTTP/1.1\r\nHost: x\r\n\r\n")
                            .status())
                    .isEqualTo(503);
            try (var tunnel = firewall.connect()) {
                assertThat(Wire.exchange(tunnel, "CONNECT origin.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")
                                .status())
                        .isEqualTo(503);
            }
            var page = firewall.metrics();
            assertThat(series(page, "pipelock_kill_switch_denials_total{endpoint=\"forward\",transport=\"http\"}"))
                    .isEqualTo(3);
            assertThat(page)
                    .contains("endpoint=\"fetch\"", "endpoint=\"connect\"")
                    .doesNotContain("/one", "/two");
            assertThat(series(page, "pipelock_requests_total{result=\"blocked\"}"))
                    .isZero();
            toggle(firewall, false);
            assertThat(series(firewall.metrics(), "pipelock_kill_switch_active{source=\"api\"}"))
                    .isZero();
        }
    }

    private static void toggle(TestFirewall firewall, boolean active) throws IOException {
        var body = "{\"active\": " + active + "}";
        try (var socket = firewall.connect()) {
            assertThat(Wire.exchange(
                                    socket,
                                    "POST /api/v1/killswitch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                            + TestFirewall.TOKEN + "\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                            + body)
                            .status())
                    .isEqualTo(200);
        }
    }
}
