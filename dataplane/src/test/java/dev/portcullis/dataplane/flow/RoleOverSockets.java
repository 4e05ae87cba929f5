package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.config.SecretSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.assertj.core.api.ThrowingConsumer;

/** A whole flow role on loopback, fed by datagrams and read by HTTP, as its users have it. */
final class RoleOverSockets implements AutoCloseable {
    private final ConfigHolder<CompiledDetector> configs = new ConfigHolder<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final FlowRole role;

    /** Runs a detector whose spec is {@code yaml}. */
    RoleOverSockets(String yaml, Path state) throws IOException {
        this(TestPolicies.config(yaml), state);
    }

    /** Runs {@code config}, whose ports are 0. */
    RoleOverSockets(FlowConfig config, Path state) throws IOException {
        role = new FlowRole("127.0.0.1", configs, new PrometheusRegistry(), InstantSource.system(), state);
        configure(config);
        role.start();
    }

    /** Puts another configuration in force. */
    void configure(FlowConfig config) {
        try {
            configs.accept(CompiledDetector.compile(config, SecretSource.none()), config.revision());
        } catch (ConfigRefusedException refused) {
            throw new AssertionError(refused);
        }
    }

    int netflowPort() {
        return role.netflowPort();
    }

    int sflowPort() {
        return role.sflowPort();
    }

    String get(String path) {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + role.apiPort() + path))
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException failure) {
            throw new AssertionError(path, failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new AssertionError(path, stop);
        }
    }

    JsonNode json(String path) {
        try {
            return new ObjectMapper().readTree(get(path));
        } catch (JsonProcessingException e) {
            throw new AssertionError(path, e);
        }
    }

    /** The value of one series of {@code /metrics}; 0 when there is none. */
    double metric(String name, String... labels) {
        return Metrics.valueIn(get("/metrics"), name, labels);
    }

    /** Waits until {@code assertion} holds of the role. */
    void eventually(ThrowingConsumer<RoleOverSockets> assertion) {
        await().untilAsserted(() -> assertion.accept(this));
    }

    /** Waits for a whole tick from now on: what was received before is summed up and judged by then. */
    void untilNextTick() {
        var ticks = metric("portcullis_engine_tick_seconds_count");
        eventually(now ->
                assertThat(now.metric("portcullis_engine_tick_seconds_count")).isGreaterThan(ticks + 1));
    }

    @Override
    public void close() {
        role.close();
        client.close();
    }
}
