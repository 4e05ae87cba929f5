package dev.portcullis.dataplane.flow.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.admin.RoleStatus;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.FlowConfigs;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.Rates;
import dev.portcullis.dataplane.flow.mitigate.Attacks;
import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import dev.portcullis.dataplane.flow.mitigate.Protection;
import dev.portcullis.dataplane.flow.mitigate.RecordingSpeaker;
import dev.portcullis.dataplane.metrics.ApiMetrics;
import dev.portcullis.dataplane.metrics.MitigationMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The API on a loopback port, over a real mitigator, one router, and a detection that a test fills. */
final class ApiFixture implements AutoCloseable {
    static final String VIEWER = "viewer-token-of-16-bytes-or-more";
    static final String OPERATOR = "operator-token-of-16-bytes-or-more";
    static final String VICTIM = "203.0.113.45";
    static final String TOKENS = "{tokens: [{name: eyes, role: Viewer, secretKeyRef: {name: api, key: viewer}},"
            + " {name: noc, role: Operator, secretKeyRef: {name: api, key: operator}}]}";
    static final String OPEN = "{allowUnauthenticated: true}";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> SECRETS =
            Map.of("viewer", VIEWER + "\n", "operator", OPERATOR, "twin", OPERATOR, "short", "fifteen-bytes!!");

    final RecordingSpeaker router = new RecordingSpeaker();
    final Mitigator mitigator;
    final List<Attack> attacks = new ArrayList<>();
    final AttackFeed feed = new AttackFeed();
    final PrometheusRegistry registry = new PrometheusRegistry();
    /** Counted down by an answer that then waits until {@link #answersGoOn} is. */
    volatile CountDownLatch answersWait = new CountDownLatch(0);

    volatile CountDownLatch answersGoOn = new CountDownLatch(0);
    volatile boolean configured = true;
    private final ApiServer server;
    final HttpClient client = HttpClient.newHttpClient();

    ApiFixture(Path directory, String api, String policy) throws IOException {
        var config = FlowConfigs.of(
                "{networks: [203.0.113.0/24, '2001:db8::/64'], thresholds: {packetsPerSecond: 80k}, mitigationPolicyRef: {name: edge},"
                        + " hostGroups: [{name: dns, prefixes: [203.0.113.53/32]}, {name: shop, prefixes: [203.0.113.64/26], calculation: Total, thresholds: {packetsPerSecond: 1M}}], api: "
                        + api + "}",
                Map.of("edge", policy));
        mitigator = new Mitigator(
                directory,
                router,
                new MitigationMetrics(registry, Mitigator.rejectionReasons()),
                InstantSource.system());
        mitigator.protect(Protection.compile(config));
        mitigator.start(Duration.ofMillis(50));
        server = serve(config, AccessTokens.read(config.spec().api(), secrets()));
    }

    static SecretSource secrets() {
        return new SecretSource() {
            @Override
            public Optional<byte[]> read(SecretKeyRef ref) {
                return Optional.ofNullable(SECRETS.get(ref.key())).map(value -> value.getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private ApiServer serve(FlowConfig config, AccessTokens tokens) throws IOException {
        return new ApiServer(
                new InetSocketAddress("127.0.0.1", 0),
                role(),
                () -> configured ? config : null,
                () -> tokens,
                detection(),
                mitigator,
                () -> router.peers().stream()
                        .map(peer -> new PolicyPeer("edge", peer))
                        .toList(),
                feed,
                new ApiMetrics(registry));
    }

    private RoleView role() {
        return new RoleView() {
            @Override
            public RoleStatus status() {
                return new RoleStatus(
                        "flow",
                        "default",
                        "edge",
                        "0123456789abcdef",
                        List.of(),
                        List.of(),
                        true,
                        "dev",
                        1.5,
                        Map.of());
            }

            @Override
            public Object stats() {
                return Map.of();
            }

            @Override
            public PrometheusRegistry registry() {
                return registry;
            }

            @Override
            public boolean ready() {
                return true;
            }
        };
    }

    private FlowReadModel detection() {
        return new FlowReadModel() {
            @Override
            public List<Attack> activeAttacks() {
                return List.copyOf(attacks);
            }

            @Override
            public List<Attack> recentAttacks() {
                return List.of(Attacks.ended(Attacks.on("203.0.113.99", "syn_flood")));
            }

            @Override
            public List<Moment> traffic(InetAddress host, Instant from, Instant to) {
                var moment = Instant.parse("2026-11-22T00:00:00Z");
                return host.getHostAddress().equals(VICTIM) && !moment.isBefore(from) && moment.isBefore(to)
                        ? List.of(new Moment(moment, 1000, 8e6, 10, true, 900))
                        : List.of();
            }

            @Override
            public Map<String, Rates> groupRates() {
                return Map.of("shop", new Rates(1000, 8e6, 10, 0, 0, 1000, 8e6, 0, 0, 0, 0, 0, 0));
            }

            @Override
            public Hosts hosts(HostOrder order, @Nullable String group, int offset, int limit) {
                var rates = new Rates(1000, 8e6, 10, 0, 0, 1000, 8e6, 0, 0, 0, 0, 0, 0);
                var host = new HostState(InetAddress.ofLiteral(VICTIM), "global", rates, Rates.ZERO);
                return new Hosts(List.of(host).subList(Math.min(offset, 1), 1), 3, 1);
            }

            @Override
            public List<ExporterState> exporters() {
                answersWait.countDown();
                try {
                    answersGoOn.await();
                } catch (InterruptedException closing) {
                    Thread.currentThread().interrupt();
                }
                return List.of(new ExporterState(
                        InetAddress.ofLiteral("192.0.2.7"),
                        List.of("netflow9"),
                        10,
                        100,
                        1,
                        0,
                        2,
                        0,
                        1000,
                        Instant.parse("2026-11-22T00:00:00Z")));
            }
        };
    }

    /** An attack is seen by the detector, and what follows from it has happened. */
    void attack(Attack attack) {
        attacks.add(attack);
        mitigator.started(attack);
        org.awaitility.Awaitility.await().until(() -> mitigator.snapshot().bans().stream()
                .anyMatch(ban -> ban.target().equals(attack.target())));
    }

    /** Every route, as {@code METHOD /path}. */
    List<String> routes() {
        return server.routes().stream()
                .map(route -> route.method() + " " + route.template())
                .toList();
    }

    int port() {
        return server.port();
    }

    HttpResponse<String> get(String path, @Nullable String token) {
        return send(request(path, token).GET().build());
    }

    HttpResponse<String> post(String path, @Nullable String token, String body) {
        return send(request(path, token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    HttpRequest.Builder request(String path, @Nullable String token) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(20));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new AssertionError(request.toString(), failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stop);
        }
    }

    static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException notJson) {
            throw new AssertionError(response.body(), notJson);
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
        mitigator.close();
    }
}
