package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.ListenersSpec;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.Vector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole role over real sockets: datagrams in, bans out. */
class FlowRoleTest {
    private static final String DETECTOR =
            "{networks: [203.0.113.0/24], thresholds: {packetsPerSecond: 10k}, hysteresis: 1s,"
                    + " window: {length: 2s}, mitigationPolicyRef: {name: edge}, api: {allowUnauthenticated: true}}";
    private static final String VICTIM = "203.0.113.45";

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final ConfigHolder<CompiledDetector> configs = new ConfigHolder<>();
    private PrometheusRegistry registry = new PrometheusRegistry();
    private @Nullable FlowRole running;

    private FlowRole role() {
        return Objects.requireNonNull(running);
    }

    private void start() throws IOException {
        registry = new PrometheusRegistry();
        running = new FlowRole("127.0.0.1", configs, registry, InstantSource.system(), directory);
        role().start();
    }

    @AfterEach
    void close() {
        if (running != null) {
            running.close();
        }
        client.close();
    }

    private void configure(String detector, String policy) {
        put(withPorts(FlowConfigs.of(detector, Map.of("edge", policy)), 0));
    }

    private void put(FlowConfig config) {
        try {
            configs.accept(CompiledDetector.compile(config, SecretSource.none()), config.revision());
        } catch (ConfigRefusedException refused) {
            throw new AssertionError(refused);
        }
    }

    /** The Resolver allows no port 0: tests do. */
    private static FlowConfig withPorts(FlowConfig config, int apiPort) {
        var spec = config.spec();
        return new FlowConfig(
                config.schemaVersion(),
                config.namespace(),
                config.name(),
                new FlowDetectorSpec(
                        new ListenersSpec(
                                new ListenersSpec.NetFlow(0),
                                new ListenersSpec.IpfixTcp(
                                        0,
                                        spec.listeners().ipfixTcp().enabled(),
                                        spec.listeners().ipfixTcp().tlsSecretRef(),
                                        spec.listeners().ipfixTcp().clientCaSecretRef()),
                                new ListenersSpec.SFlow(0),
                                spec.listeners().expose()),
                        spec.exporters(),
                        spec.sampling(),
                        spec.networks(),
                        spec.window(),
                        spec.thresholds(),
                        spec.thresholdsOutgoing(),
                        spec.hysteresis(),
                        spec.hostGroups(),
                        spec.carpetBombing(),
                        spec.baseline(),
                        spec.samples(),
                        spec.maxTrackedHosts(),
                        spec.mitigationPolicyRef(),
                        new FlowDetectorSpec.Api(
                                apiPort, spec.api().tokens(), spec.api().allowUnauthenticated()),
                        spec.monitoring(),
                        spec.template()),
                config.mitigationPolicies(),
                config.revision());
    }

    private void flood(int seconds) throws IOException {
        var standard = FlowGenerator.Options.standard(FlowGenerator.Protocol.V5);
        var unused = FlowGenerator.run(
                new FlowGenerator.Options(
                        FlowGenerator.Protocol.V5,
                        Vector.UDP_FLOOD,
                        InetAddress.ofLiteral(VICTIM),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), role().netflowPort()),
                        standard.packetsPerSecond(),
                        standard.flowsPerSecond(),
                        standard.samplingRate(),
                        Duration.ofSeconds(seconds),
                        standard.seed()),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    }

    private HttpResponse<String> call(String path, @Nullable String body) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + role().apiPort() + path))
                .timeout(Duration.ofSeconds(20));
        try {
            return client.send(
                    body == null
                            ? request.build()
                            : request.header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(path, failure);
        }
    }

    private JsonNode get(String path) {
        return json(call(path, null).body());
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException notJson) {
            throw new AssertionError(text, notJson);
        }
    }

    private void assertScraped(String... lines) {
        await().untilAsserted(
                        () -> assertThat(call("/metrics", null).body().lines()).contains(lines));
    }

    @Test
    void aFloodLeadsToADryRunBanAndItsEndToNone() throws IOException {
        configure(DETECTOR, "{}");
        start();

        flood(3);

        assertScraped(
                "kapkan_engine_active_attacks 1.0",
                "kapkan_mitigate_announced_routes{mode=\"dry_run\"} 1.0",
                "kapkan_mitigate_announced_routes{mode=\"real\"} 0.0");
        var ban = get("/api/v1/bans").path("bans").path(0);
        assertThat(ban.path("target").asText()).isEqualTo(VICTIM);
        assertThat(ban.path("dry_run").asBoolean()).isTrue();
        var attack = get("/api/v1/attacks").path("active").path(0);
        assertThat(attack.path("classification").path("type").asText()).isEqualTo("udp_flood");
        assertThat(attack.path("ban_state").asText()).isEqualTo("active");
        assertThat(ban.path("attack_ids").path(0).asText())
                .isEqualTo(attack.path("id").asText());

        assertScraped(
                "kapkan_engine_active_attacks 0.0",
                "kapkan_mitigate_announced_routes{mode=\"dry_run\"} 0.0",
                "kapkan_mitigate_announced_routes{mode=\"real\"} 0.0",
                "kapkan_engine_attacks_total 1.0");
        assertThat(get("/api/v1/bans").path("bans").path(0).path("reason").asText())
                .isEqualTo("attack ended");
        assertThat(get("/api/v1/exporters")
                        .path("exporters")
                        .path(0)
                        .path("address")
                        .asText())
                .isEqualTo("127.0.0.1");
        assertThat(get("/api/v1/hosts").path("total").isInt()).isTrue();
        assertThat(get("/status").path("exporters").asInt()).isEqualTo(1);
    }

    @Test
    void theStatusSaysWhatTheOperatorSumsUp() throws IOException {
        configure(
                DETECTOR,
                "{bgp: {localAsn: 65001, routerId: 192.0.2.10, neighbors: [{name: edge-1, address: 127.0.0.1, port: "
                        + closedPort() + ", remoteAsn: 65000}]}}");
        start();
        assertThat(call("/api/v1/ban", "{\"ip\": \"203.0.113.45\"}").statusCode())
                .isEqualTo(200);
        assertThat(call("/api/v1/ban", "{\"ip\": \"192.0.2.1\"}").statusCode()).isEqualTo(409);

        var status = get("/status");

        assertThat(status.path("role").asText()).isEqualTo("flow");
        assertThat(status.path("name").asText()).isEqualTo("edge");
        assertThat(status.path("revision").asText()).isNotEmpty();
        assertThat(status.path("ready").asBoolean()).isTrue();
        assertThat(status.path("activeAttacks").isArray()).isTrue();
        assertThat(status.path("bans")).singleElement().satisfies(bans -> {
            assertThat(bans.path("policy").asText()).isEqualTo("edge");
            assertThat(bans.path("active").asInt()).isEqualTo(1);
            assertThat(bans.path("announced").asInt()).isZero();
        });
        assertThat(status.path("peers")).singleElement().satisfies(peer -> {
            assertThat(peer.path("policy").asText()).isEqualTo("edge");
            assertThat(peer.path("name").asText()).isEqualTo("edge-1");
            assertThat(peer.path("state").asText()).isNotEqualTo("Established");
            assertThat(peer.path("prefixes").asInt()).isZero();
        });
        assertThat(get("/api/v1/peers").path("peers").path(0).path("remote_asn").asLong())
                .isEqualTo(65000);
    }

    @Test
    void bansOutliveTheRole() throws IOException {
        configure(DETECTOR, "{}");
        start();
        assertThat(call("/api/v1/ban", "{\"ip\": \"203.0.113.45\", \"ttl\": \"1h\"}")
                        .statusCode())
                .isEqualTo(200);
        role().drain();
        assertThat(role().ready()).isFalse();

        start();

        assertScraped("kapkan_mitigate_announced_routes{mode=\"dry_run\"} 1.0");
        assertThat(get("/api/v1/bans?state=active")
                        .path("bans")
                        .path(0)
                        .path("target")
                        .asText())
                .isEqualTo(VICTIM);
    }

    @Test
    void aChangedConfigurationIsInForceAtOnce() throws IOException {
        configure(DETECTOR, "{}");
        start();
        assertThat(call("/api/v1/ban", "{\"ip\": \"203.0.113.45\"}").statusCode())
                .isEqualTo(200);

        configure(DETECTOR, "{whitelist: [203.0.113.45]}");
        assertScraped("kapkan_mitigate_announced_routes{mode=\"dry_run\"} 0.0");
        assertThat(call("/api/v1/ban", "{\"ip\": \"203.0.113.45\"}").statusCode())
                .isEqualTo(409);

        configure(
                DETECTOR.replace(
                        "allowUnauthenticated: true",
                        "tokens: [{name: noc, role: Operator, secretKeyRef: {name: api, key: operator}}]"),
                "{}");
        assertThat(call("/api/v1/bans", null).statusCode()).isEqualTo(401);
        assertThat(get("/status").path("problems").path(0).asText())
                .isEqualTo("spec.api.tokens[0]: Secret api has no key operator; the token lets nobody in");
    }

    @Test
    void anotherPortNeedsARestartAndTheStatusSaysSo() throws IOException {
        configure(DETECTOR, "{}");
        start();
        var port = role().apiPort();

        put(withPorts(FlowConfigs.of(DETECTOR, Map.of("edge", "{}")), 8081));

        assertThat(role().apiPort()).isEqualTo(port);
        assertThat(get("/status").path("problems").path(0).asText())
                .isEqualTo("spec.api.port: restart needed to listen on 8081 instead of 0");
    }

    @Test
    void withoutAConfigurationTheRoleWaitsForTheFirst() throws IOException {
        start();
        assertThat(role().ready()).isFalse();
        assertThat(role().status().revision()).isNull();
        assertThatThrownBy(() -> role().apiPort()).isInstanceOf(IllegalStateException.class);

        configure(DETECTOR, "{}");

        assertThat(role().ready()).isTrue();
        assertThat(call("/readyz", null).statusCode()).isEqualTo(200);
    }

    @Test
    void aPortThatIsTakenIsNamedAndNothingStaysOpen() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            put(withPorts(FlowConfigs.of(DETECTOR, Map.of("edge", "{}")), taken.getLocalPort()));
            assertThatThrownBy(this::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("spec.api.port");
            assertThat(role().ready()).isFalse();
        }
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
