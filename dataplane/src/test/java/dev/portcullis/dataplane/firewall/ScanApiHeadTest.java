package dev.portcullis.dataplane.firewall;

import static dev.portcullis.dataplane.firewall.ScanApiCalls.OPEN;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.assertCounted;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.assertError;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.open;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.post;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.request;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scanapi.ScanApi;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a call of the scan API is refused for before its body is read to the end. */
class ScanApiHeadTest {
    @Test
    void anotherMethodIs405() throws Exception {
        try (var firewall = open(OPEN)) {
            var reply = send(request(firewall, "/v1/scan").GET().build());
            assertError(reply, 405, "method_not_allowed", false);
            assertThat(reply.headers().firstValue("Allow")).contains("POST");
            assertCounted(firewall, "", "method_not_allowed", 405);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong-token-of-some-length", "Basic YTpi", "Bearer ", "-"})
    void aCallWithoutAValidTokenIs401(String authorization) throws Exception {
        try (var firewall = open(OPEN)) {
            var reply = send(request(firewall, "/v1/scan")
                    .setHeader("Authorization", authorization)
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build());
            assertError(reply, 401, "unauthorized", false);
            assertThat(reply.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"portcullis\"");
            assertCounted(firewall, "", "unauthorized", 401);
        }
    }

    @Test
    void twoTokensAre401EvenWhereOneOrBothAreValid() throws Exception {
        try (var firewall = open(OPEN)) {
            var valid = "Bearer " + TestFirewall.TOKEN;
            var wrong = "Bearer wrong-token-of-some-length";
            for (var two : List.of(List.of(valid, wrong), List.of(wrong, valid), List.of(valid, valid))) {
                var reply = send(request(firewall, "/v1/scan")
                        .setHeader("Authorization", two.getFirst())
                        .header("Authorization", two.getLast())
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build());
                assertError(reply, 401, "unauthorized", false);
            }
        }
    }

    @Test
    void theSchemeOfTheTokenIsWrittenInAnyCase() throws Exception {
        try (var firewall = open(OPEN)) {
            var reply = send(request(firewall, "/v1/scan")
                    .setHeader("Authorization", "bEARER " + TestFirewall.TOKEN)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}"))
                    .build());
            assertThat(reply.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void beyondItsBurstATokenIs429() throws Exception {
        try (var firewall =
                open(OPEN.replace("\"key\": \"token\"}", "\"key\": \"token\"}, \"requestsPerMinute\": 1"))) {
            var batch = new StringBuilder("{\"inputs\": [");
            for (var i = 0; i < 50; i++) {
                batch.append(i == 0 ? "" : ",").append("{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}");
            }
            assertThat(post(firewall, batch + "]}").statusCode()).isEqualTo(200);
            var reply = post(firewall, "{}");
            assertError(reply, 429, "rate_limited", true);
            assertThat(reply.headers().firstValue("Retry-After")).contains("1");
            assertCounted(firewall, "", "rate_limited", 429);
        }
    }

    @Test
    void whileAKillSwitchIsEngagedEveryCallIs503() throws Exception {
        try (var firewall = open(OPEN)) {
            firewall.swap(OPEN, "{\"engaged\": true, \"reason\": \"stop\"}");
            var reply = post(firewall, "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}");
            assertError(reply, 503, "kill_switch_active", false);
            assertCounted(firewall, "", "kill_switch_active", 503);
            assertThat(firewall.metric(
                            "pipelock_kill_switch_denials_total{endpoint=\"scan_api\",transport=\"scan_api\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedWithOrWithoutItsLengthStated() throws Exception {
        try (var firewall = open(OPEN)) {
            var large = new byte[(1 << 20) + 1];
            var stated = send(request(firewall, "/v1/scan")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(large))
                    .build());
            assertError(stated, 400, "body_too_large", false);
            assertCounted(firewall, "", "body_too_large", 400);
            var chunked = send(request(firewall, "/v1/scan")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))
                    .build());
            assertError(chunked, 400, "body_too_large", false);
        }
    }

    @Test
    void aBodyThatDoesNotArriveIsAReadError() throws Exception {
        try (var firewall = open(OPEN, new ScanApi.Bounds(50, 5_000, 100));
                var socket = new Socket("127.0.0.1", firewall.role.scanApiPort())) {
            var reply = Wire.exchange(
                    socket,
                    "POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TestFirewall.TOKEN
                            + "\r\nContent-Length: 10\r\n\r\n{\"");
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.body()).contains("\"read_error\"");
            assertCounted(firewall, "", "read_error", 400);
        }
    }

    @Test
    void aCompressedBodyIsAReadError() throws Exception {
        try (var firewall = open(OPEN)) {
            var reply = send(request(firewall, "/v1/scan")
                    .header("Content-Encoding", "gzip")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build());
            assertError(reply, 400, "read_error", false);
        }
    }
}
