package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.operator.health.ProbeServer;
import dev.portcullis.operator.health.ProbeServer.Answer;
import dev.portcullis.operator.metrics.OperatorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the operator's ports answer. */
class OperatorMainTest {
    @Test
    void aProblemIsAStatusAndASentence() throws Exception {
        try (var server = new ProbeServer(0)
                .on("/healthz", () -> Answer.ofProblem(""))
                .on("/readyz", () -> Answer.ofProblem("no lease"))
                .start()) {
            assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(server, "/readyz").body()).isEqualTo("no lease\n");
            assertThat(get(server, "/healthz/more").statusCode()).isEqualTo(404);
            assertThat(get(server, "/other").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void theOperatorsOwnMetricsHaveTheseNames() throws Exception {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        var metrics = new OperatorMetrics(registry);
        metrics.applied("Service", "written");
        metrics.podAsked(true);
        metrics.acknowledged(Duration.ofMillis(120));
        try (var server = new ProbeServer(0)
                .on("/metrics", () -> new Answer(200, "text/plain", registry.scrape()))
                .start()) {
            assertThat(get(server, "/metrics").body())
                    .contains(
                            "portcullis_operator_applies_total{kind=\"Service\",outcome=\"written\"} 1.0",
                            "portcullis_operator_pod_questions_total{outcome=\"answered\"} 1.0",
                            "portcullis_operator_killswitch_acknowledgement_seconds_bucket{le=\"0.25\"} 1");
        }
    }

    private static HttpResponse<String> get(ProbeServer server, String path) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
