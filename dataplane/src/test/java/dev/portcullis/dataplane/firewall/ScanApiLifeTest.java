package dev.portcullis.dataplane.firewall;

import static dev.portcullis.dataplane.firewall.ScanApiCalls.OPEN;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.assertCounted;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.assertError;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.open;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.scanapi.ScanApi;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Deadlines, clients and policies that go away, connections: what may happen to a call of the scan API. */
class ScanApiLifeTest {
    @Test
    void aDeadlineThatPassesIsAnErrorAndNoDecision() throws Exception {
        try (var firewall = open(OPEN, new ScanApi.Bounds(2_000, 50, 100))) {
            var reply = post(firewall, "{\"kind\": \"url\", \"input\": {\"url\": \"http://silent.test/\"}}");
            assertError(reply, 503, "scan_deadline_exceeded", true);
            assertCounted(firewall, "url", "scan_deadline_exceeded", 503);
            assertThat(firewall.metric("pipelock_scan_api_duration_seconds_count{kind=\"url\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aClientThatGoesAwayCancelsItsCall() throws Exception {
        try (var firewall = open(OPEN)) {
            var body = "{\"kind\": \"url\", \"input\": {\"url\": \"http://silent.test/\"}}";
            try (var socket = new Socket("127.0.0.1", firewall.role.scanApiPort())) {
                Wire.send(
                        socket,
                        "POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TestFirewall.TOKEN
                                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                await().untilAsserted(() -> assertThat(firewall.metric("pipelock_scan_api_inflight_requests"))
                        .isEqualTo(1));
                socket.setSoLinger(true, 0);
            }
            assertCounted(firewall, "url", "request_canceled", 500);
        }
    }

    @Test
    void aScanThatBreaksIsAnInternalError() throws Exception {
        try (var firewall = TestFirewall.withScanApi(ScanApi.Bounds.STANDARD)) {
            firewall.swapBroken(OPEN);
            assertError(
                    post(firewall, "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}"), 500, "internal_error", false);
            assertCounted(firewall, "dlp", "internal_error", 500);
        }
    }

    @Test
    void withoutAPolicyThereIsNoConfiguration() throws Exception {
        try (var firewall = TestFirewall.withScanApi(ScanApi.Bounds.STANDARD)) {
            assertError(post(firewall, "{}"), 500, "config_unavailable", true);
            assertCounted(firewall, "", "config_unavailable", 500);
        }
    }

    @Test
    void whereThePolicyClosesItTheOpenPortSaysSo() throws Exception {
        try (var firewall = open(OPEN)) {
            firewall.swapStandard("{}");
            assertError(post(firewall, "{}"), 503, "scan_unavailable", true);
            assertCounted(firewall, "", "scan_unavailable", 503);
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndCounted() throws Exception {
        try (var firewall = open(OPEN, new ScanApi.Bounds(2_000, 5_000, 1));
                var first = new Socket("127.0.0.1", firewall.role.scanApiPort())) {
            assertThat(Wire.exchange(first, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            try (var second = new Socket("127.0.0.1", firewall.role.scanApiPort())) {
                assertThat(second.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(firewall.metric("portcullis_scan_api_connections_refused_total"))
                    .isEqualTo(1);
        }
    }

    @Test
    void oneConnectionCarriesCallAfterCallAndAnErrorCostsItNothing() throws Exception {
        try (var firewall = open(OPEN);
                var socket = new Socket("127.0.0.1", firewall.role.scanApiPort())) {
            for (var body : List.of(
                    "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}",
                    "{}",
                    "{\"kind\": \"dlp\", \"input\": {\"text\": \"b\"}}")) {
                var reply = Wire.exchange(
                        socket,
                        "POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TestFirewall.TOKEN
                                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                assertThat(reply.status()).isEqualTo(body.equals("{}") ? 400 : 200);
            }
            assertThat(Wire.exchange(socket, "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                            .status())
                    .isEqualTo(404);
        }
    }
}
