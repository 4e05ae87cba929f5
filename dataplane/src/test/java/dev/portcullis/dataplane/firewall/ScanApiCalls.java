package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.scanapi.ScanApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Calls of the scan API over its own socket, and what their answers must say. */
final class ScanApiCalls {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static final String OPEN =
            "{\"scanApi\": {\"enabled\": true, \"tokenSecretRef\": {\"name\": \"api\", \"key\": \"token\"}}}";
    static final String KEY = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";

    static TestFirewall open(String spec) throws IOException {
        return open(spec, ScanApi.Bounds.STANDARD);
    }

    static TestFirewall open(String spec, ScanApi.Bounds bounds) throws IOException {
        var firewall = TestFirewall.withScanApi(bounds);
        firewall.swapStandard(spec);
        return firewall;
    }

    static HttpRequest.Builder request(TestFirewall firewall, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + firewall.role.scanApiPort() + path))
                .header("Authorization", "Bearer " + TestFirewall.TOKEN);
    }

    static HttpResponse<String> send(HttpRequest request) {
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static HttpResponse<String> post(TestFirewall firewall, String body) {
        return send(request(firewall, "/v1/scan")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    static JsonNode json(HttpResponse<String> reply) {
        try {
            return JSON.readTree(reply.body());
        } catch (IOException e) {
            throw new AssertionError(reply.body(), e);
        }
    }

    static String quoted(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    static void assertError(HttpResponse<String> reply, int status, String code, boolean retryable) {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
        var answer = json(reply);
        assertThat(answer.path("status").asText()).isEqualTo("error");
        assertThat(answer.has("decision")).isFalse();
        assertThat(answer.at("/errors/0/code").asText()).isEqualTo(code);
        assertThat(answer.at("/errors/0/retryable").asBoolean()).isEqualTo(retryable);
        assertThat(answer.at("/errors/0/message").asText()).isNotBlank();
    }

    static void assertCounted(TestFirewall firewall, String kind, String code, int status) {
        await().untilAsserted(() -> {
            assertThat(firewall.metric(
                            "pipelock_scan_api_errors_total{error_code=\"" + code + "\",kind=\"" + kind + "\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_scan_api_requests_total{decision=\"error\",kind=\"" + kind
                            + "\",status_code=\"" + status + "\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_scan_api_inflight_requests")).isZero();
        });
    }

    private ScanApiCalls() {}
}
