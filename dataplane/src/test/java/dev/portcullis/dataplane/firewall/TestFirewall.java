package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.dataplane.admin.MetricsPage;
import dev.portcullis.dataplane.audit.AuditEvent;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.firewall.net.NameResolver;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.policy.PolicyCompiler;
import dev.portcullis.dataplane.firewall.policy.ScanCompiler;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import dev.portcullis.dataplane.firewall.scanapi.ScanApi;
import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A firewall on loopback with {@link MarkerScans}, whose names all lead to 127.0.0.1 unless a test says otherwise. */
final class TestFirewall implements AutoCloseable {
    static final String TOKEN = "a-token-of-enough-length";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PolicyCompiler MARKERS = new PolicyCompiler(new MarkerScans());
    private static final PolicyCompiler STANDARD = new PolicyCompiler();

    final ConfigHolder<FirewallPolicy> policies = new ConfigHolder<>();
    final PrometheusRegistry registry = new PrometheusRegistry();
    final Queue<AuditEvent> audit = new ConcurrentLinkedQueue<>();
    final Map<String, List<InetAddress>> names = new ConcurrentHashMap<>();
    final FirewallRole role;

    private TestFirewall() throws IOException {
        this(FirewallPorts.proxy(0), ScanApi.Bounds.STANDARD, System::nanoTime);
    }

    private TestFirewall(FirewallPorts ports, ScanApi.Bounds bounds) throws IOException {
        this(ports, bounds, System::nanoTime);
    }

    private TestFirewall(FirewallPorts ports, ScanApi.Bounds bounds, LongSupplier clock) throws IOException {
        role = new FirewallRole(
                "test", "127.0.0.1", ports, policies, registry, clock, audit::add, loops -> new Names(names), bounds);
        role.start();
    }

    /** A firewall that has no policy yet, with the port of the scan API open. */
    static TestFirewall withScanApi(ScanApi.Bounds bounds) throws IOException {
        return new TestFirewall(new FirewallPorts(0, 0, Map.of()), bounds);
    }

    /** A firewall with a reverse proxy "tools" to {@code upstream}, and other fields of a spec in JSON without braces. */
    static TestFirewall withReverseProxy(String upstream, String fields) throws IOException {
        var firewall =
                new TestFirewall(new FirewallPorts(0, FirewallPorts.NONE, Map.of("tools", 0)), ScanApi.Bounds.STANDARD);
        firewall.swap(reverse(upstream, fields));
        return firewall;
    }

    /** A firewall that has no policy yet, with every port open: the proxy's, the scan API's, a reverse proxy "tools". */
    static TestFirewall withEveryPort() throws IOException {
        return new TestFirewall(new FirewallPorts(0, 0, Map.of("tools", 0)), ScanApi.Bounds.STANDARD);
    }

    /** The spec of {@link #withReverseProxy}. */
    static String reverse(String upstream, String fields) {
        return "{\"reverseProxies\": [{\"name\": \"tools\", \"port\": 8890, \"upstream\": \"" + upstream + "\"}]"
                + (fields.isEmpty() ? "" : ", " + fields) + "}";
    }

    /** A connection to the reverse proxy. */
    Socket connectToReverseProxy() throws IOException {
        var socket = new Socket("127.0.0.1", role.reverseProxyPorts().getOrDefault("tools", 0));
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** A firewall without a policy. */
    static TestFirewall unconfigured() throws IOException {
        return new TestFirewall();
    }

    /** A firewall with a policy of this spec, in JSON, and no rate limit unless it sets one. */
    static TestFirewall with(String spec) throws IOException {
        var firewall = new TestFirewall();
        firewall.swap(spec);
        return firewall;
    }

    /** The same, whose time is that of {@code clock}; timers go by the machine's, and then look at the clock. */
    static TestFirewall with(String spec, SteppedClock clock) throws IOException {
        var firewall = new TestFirewall(FirewallPorts.proxy(0), ScanApi.Bounds.STANDARD, clock);
        firewall.swap(spec);
        return firewall;
    }

    /** Puts another policy in force. */
    void swap(String spec) {
        var config = config(spec, null);
        policies.accept(compile(config), config.revision());
    }

    /** Puts a policy with a KillSwitch resource in force. */
    void swap(String spec, String killSwitch) {
        var config = config(spec, killSwitch);
        policies.accept(compile(config), config.revision());
    }

    /** Puts a policy in force that signs with {@code authority}, compiled at {@code now}. */
    void swap(String spec, CertificateAuthority authority, Instant now) {
        var config = config(spec, null);
        policies.accept(
                compile(new PolicyCompiler(new MarkerScans(), InstantSource.fixed(now)), config, authority),
                config.revision() + authority.fingerprint());
    }

    /** Puts another policy in force, with the scan stages that users get. */
    void swapStandardStages(String spec) {
        swapStandardStages(spec, null);
    }

    /** The same with a KillSwitch resource. */
    void swapStandardStages(String spec, @org.jspecify.annotations.Nullable String killSwitch) {
        var config = config(spec, killSwitch);
        policies.accept(compile(STANDARD, config), config.revision());
    }

    /** A firewall with a policy of this spec and the scan stages that users get. */
    static TestFirewall withStandardStages(String spec) throws IOException {
        var firewall = new TestFirewall();
        var config = config(spec, null);
        firewall.policies.accept(compile(STANDARD, config), config.revision());
        return firewall;
    }

    /** Puts another policy in force, compiled to the scan stages that users get. */
    void swapStandard(String spec) {
        var config = config(spec, null);
        policies.accept(compile(STANDARD, config), config.revision());
    }

    /** Puts a policy in force whose scans of responses are {@code instead}. */
    void swapResponseScans(String spec, Supplier<BodyScan> instead) {
        var config = config(spec, null);
        var stages = new MarkerScans().compile(config.spec(), List.of());
        var scanner = (RequestScanner) Proxy.newProxyInstance(
                TestFirewall.class.getClassLoader(),
                new Class<?>[] {RequestScanner.class},
                (proxy, method, arguments) -> {
                    return method.getName().equals("openResponseBody")
                            ? instead.get()
                            : method.invoke(stages.scanner(), arguments);
                });
        policies.accept(
                compile(
                        new PolicyCompiler((any, known) -> new ScanCompiler.Stages(scanner, stages.addresses())),
                        config),
                config.revision());
    }

    /** Puts a policy in force whose scans throw. */
    void swapBroken(String spec) {
        var config = config(spec, null);
        var stages = new MarkerScans().compile(config.spec(), List.of());
        policies.accept(
                compile(
                        new PolicyCompiler((any, known) -> new ScanCompiler.Stages(
                                (RequestScanner) Proxy.newProxyInstance(
                                        TestFirewall.class.getClassLoader(),
                                        new Class<?>[] {RequestScanner.class},
                                        (proxy, method, arguments) -> {
                                            throw new IllegalStateException("a broken scan");
                                        }),
                                stages.addresses())),
                        config),
                config.revision());
    }

    static FirewallPolicy compile(FirewallConfig config) {
        return compile(MARKERS, config);
    }

    private static FirewallPolicy compile(PolicyCompiler compiler, FirewallConfig config) {
        return compile(compiler, config, TestCertificates.POLICY);
    }

    private static FirewallPolicy compile(
            PolicyCompiler compiler, FirewallConfig config, CertificateAuthority authority) {
        SecretSource secrets = ref -> Optional.of(
                        switch (ref.key()) {
                            case CertificateAuthority.CERTIFICATE_KEY -> authority.certificatePem();
                            case CertificateAuthority.PRIVATE_KEY_KEY -> authority.keyPem();
                            default -> TOKEN;
                        })
                .map(value -> value.getBytes(StandardCharsets.UTF_8));
        try {
            return compiler.compile(config, secrets);
        } catch (ConfigRefusedException e) {
            throw new AssertionError(e);
        }
    }

    static FirewallConfig config(String spec, @org.jspecify.annotations.Nullable String killSwitch) {
        try {
            var tree = JSON.readTree(spec);
            var limits = ((com.fasterxml.jackson.databind.node.ObjectNode) tree).withObject("/limits");
            if (!limits.has("requestsPerMinutePerHost")) {
                limits.put("requestsPerMinutePerHost", 0);
            }
            var id = new ResourceId("AgentPolicy", "agents", "test");
            var resources = new ArrayList<Resource>();
            resources.add(new Resource(id, Map.of(), 1L, tree));
            if (killSwitch != null) {
                resources.add(new Resource(
                        new ResourceId("KillSwitch", "agents", "stop"), Map.of(), 1L, JSON.readTree(killSwitch)));
            }
            var keys = new HashSet<>(Set.of(new ResourceSet.SecretKey("agents", "api", "token")));
            var resolution = Resolver.resolve(new ResourceSet(
                    resources,
                    keys,
                    Map.of(
                            new ResourceSet.SecretKey("agents", "trust", "ca.crt"),
                            TestCertificates.ORIGINS.certificatePem()),
                    "default"));
            var config = resolution.firewalls().get(id);
            if (config == null) {
                throw new AssertionError(resolution.problems());
            }
            return config;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    int port() {
        return role.boundPort();
    }

    /** A client that sends everything through the firewall. */
    HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", port())))
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** The same for a client that trusts the authority of the policy. */
    HttpClient tlsClient(HttpClient.Version version) {
        return tlsClient(version, "127.0.0.1");
    }

    /** The same for a client at another address of loopback. */
    HttpClient tlsClient(HttpClient.Version version, String address) {
        return HttpClient.newBuilder()
                .version(version)
                .localAddress(NetUtil.createInetAddressFromIpAddressString(address))
                .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", port())))
                .sslContext(TestCertificates.client(TestCertificates.POLICY))
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** A plain connection to the firewall. */
    Socket connect() throws IOException {
        var socket = new Socket("127.0.0.1", port());
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** The metrics as a scraper sees them, through the proxy port. */
    String metrics() {
        try (var socket = connect()) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The value of one series, -1 where it is not there. */
    double metric(String series) {
        var line = Pattern.compile("^" + Pattern.quote(series) + " (.*)$", Pattern.MULTILINE)
                .matcher(new String(MetricsPage.render(registry, null).body(), StandardCharsets.UTF_8));
        return line.find() ? Double.parseDouble(line.group(1)) : -1;
    }

    /** Waits until {@code counted} is {@code times} and no connection, tunnel or WebSocket is left. */
    void awaitNothingLeft(String counted, int times) {
        await().untilAsserted(() -> {
            assertThat(metric(counted)).as(counted).isEqualTo(times);
            for (var gauge : new String[] {
                "portcullis_client_connections",
                "portcullis_intercepted_connections",
                "portcullis_upstream_idle_connections",
                "pipelock_active_tunnels",
                "pipelock_ws_active_connections"
            }) {
                assertThat(metric(gauge)).as(gauge).isZero();
            }
        });
    }

    /** What a local route says, as JSON. */
    JsonNode local(String path) {
        try (var socket = connect()) {
            var reply = Wire.exchange(socket, "GET " + path + " HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n");
            return JSON.readTree(reply.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        role.close();
    }

    private record Names(Map<String, List<InetAddress>> table) implements NameResolver {
        @Override
        public Future<List<InetAddress>> resolve(EventLoop loop, String host) {
            try {
                var literal = NetUtil.createByteArrayFromIpAddressString(host);
                if (literal != null) {
                    return loop.newSucceededFuture(List.of(InetAddress.getByAddress(literal)));
                }
                var known = table.get(host);
                if (known == null && host.equals("silent.test")) {
                    return loop.newPromise();
                }
                if (known == null && host.equals("nowhere.test")) {
                    return loop.newFailedFuture(new UnknownHostException(host));
                }
                return loop.newSucceededFuture(
                        known != null
                                ? known
                                : host.equals("internal.test")
                                        ? List.of(InetAddress.getByAddress(new byte[] {10, 0, 0, 7}))
                                        : List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {}
    }
}
