package dev.portcullis.dataplane.flow;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.ListenersSpec;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.admin.BuildVersion;
import dev.portcullis.dataplane.admin.RoleStatus;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.api.ApiServer;
import dev.portcullis.dataplane.flow.api.AttackFeed;
import dev.portcullis.dataplane.flow.bgp.BgpSpeaker;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import dev.portcullis.dataplane.metrics.ApiMetrics;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import dev.portcullis.dataplane.metrics.MitigationMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Role flow: one FlowDetector. This is its table of contents; each part is one package beside it.
 *
 * <p>Thresholds, networks, policies, neighbours, tokens and secrets change while it runs. The three ports are those of the
 * first configuration: a later one with others is run on the ports that are open, and {@link #status} says that a restart
 * is needed (in a cluster the operator rolls the pod).
 */
public final class FlowRole implements RoleView, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlowRole.class);

    /** Time between looks at running bans; attacks and orders do not wait for it. */
    private static final Duration BAN_INTERVAL = Duration.ofSeconds(1);

    private final String host;
    private final ConfigHolder<CompiledDetector> configs;
    private final PrometheusRegistry registry;
    private final InstantSource clock;
    private final Instant startedAt;
    private final ConfigHolder<FlowPolicy> policies = new ConfigHolder<>();
    private final PolicySpeakers speakers;
    private final Mitigator mitigator;
    private final FlowEngine engine;
    private final EngineReadModel model;
    private final ApiMetrics apiMetrics;
    private final AttackFeed feed = new AttackFeed();
    private volatile @Nullable Open open;
    private volatile @Nullable String openProblem;
    private volatile boolean closed;

    /** What is open since the first configuration. */
    private record Open(ApiServer api, FlowConfig config) {}

    /**
     * Opens nothing yet.
     *
     * @param host address to listen on, a literal: 127.0.0.1 on a laptop, 0.0.0.0 in a pod
     * @param configs the configuration in force, swapped while it runs
     * @param stateDirectory where bans are kept over restarts; this role's alone
     */
    public FlowRole(
            String host,
            ConfigHolder<CompiledDetector> configs,
            PrometheusRegistry registry,
            InstantSource clock,
            Path stateDirectory) {
        this.host = host;
        this.configs = configs;
        this.registry = registry;
        this.clock = clock;
        this.startedAt = clock.instant();
        var bgpMetrics = new BgpMetrics(registry);
        speakers = new PolicySpeakers(() -> new BgpSpeaker(secretsInForce(), bgpMetrics, clock));
        mitigator = new Mitigator(
                stateDirectory, speakers, new MitigationMetrics(registry, Mitigator.rejectionReasons()), clock);
        engine = new FlowEngine(policies, new FlowMetrics(registry), clock, ingest(host, stateDirectory, configs));
        engine.addListener(mitigator);
        engine.addListener(feed);
        engine.keepBaselinesIn(stateDirectory);
        model = new EngineReadModel(engine);
        apiMetrics = new ApiMetrics(registry);
    }

    /**
     * Opens the ports and begins, or does so with the first configuration where there is none yet.
     *
     * @throws IOException when a port cannot be bound, with the port and what to do; everything is closed then
     */
    public synchronized void start() throws IOException {
        configs.onChange(this::apply);
        var first = configs.get();
        if (first != null) {
            try {
                open(first);
            } catch (IOException notBound) {
                close();
                throw notBound;
            }
        }
    }

    /** The UDP port bound for NetFlow and IPFIX. */
    public int netflowPort() {
        return engine.netflowPort();
    }

    /** The TCP port bound for IPFIX, 0 where the listener is not enabled. */
    public int ipfixTcpPort() {
        return engine.ipfixTcpPort();
    }

    /** The UDP port bound for sFlow. */
    public int sflowPort() {
        return engine.sflowPort();
    }

    /**
     * The TCP port of the API.
     *
     * @throws IllegalStateException before the first configuration
     */
    public int apiPort() {
        var now = open;
        if (now == null) {
            throw new IllegalStateException("no configuration is in force yet");
        }
        return now.api().port();
    }

    @Override
    public RoleStatus status() {
        var current = configs.current();
        var config = current == null ? null : current.config().config();
        return new RoleStatus(
                "flow",
                config == null ? "" : config.namespace(),
                config == null ? "" : config.name(),
                current == null ? null : current.revision(),
                problems(),
                List.of(),
                ready(),
                BuildVersion.current(),
                Duration.between(startedAt, clock.instant()).toMillis() / 1e3,
                report(config));
    }

    @Override
    public Object stats() {
        var current = configs.get();
        return report(current == null ? null : current.config());
    }

    @Override
    public PrometheusRegistry registry() {
        return registry;
    }

    @Override
    public boolean ready() {
        return open != null && !closed;
    }

    /** Stops: the same as {@link #close}, as nothing here is worth waiting for. Blocks for some seconds at most. */
    public void drain() {
        close();
    }

    /** Stops listening, keeps the book of bans, and takes back what was announced. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        engine.close();
        mitigator.close();
        speakers.close();
        var now = open;
        if (now != null) {
            now.api().close();
        }
    }

    private synchronized void apply(CompiledDetector config) {
        if (closed) {
            return;
        }
        if (open != null) {
            putInForce(config);
            return;
        }
        try {
            open(config);
            openProblem = null;
        } catch (IOException notBound) {
            openProblem = notBound.getMessage();
            LOG.error("the detector cannot start", notBound);
        }
    }

    private void open(CompiledDetector config) throws IOException {
        putInForce(config);
        var api = new ApiServer(
                new InetSocketAddress(host, config.config().spec().api().port()),
                this,
                () -> inForce().config(),
                () -> inForce().tokens(),
                model,
                mitigator,
                speakers::peers,
                feed,
                apiMetrics);
        try {
            engine.start();
        } catch (IOException notBound) {
            api.close();
            throw notBound;
        }
        open = new Open(api, config.config());
        mitigator.start(BAN_INTERVAL);
        LOG.info(
                "Detector {} listens on {}: NetFlow and IPFIX UDP {}, sFlow UDP {}, API TCP {}.",
                config.config().name(),
                host,
                netflowPort(),
                sflowPort(),
                api.port());
    }

    private void putInForce(CompiledDetector config) {
        policies.accept(config.detection(), config.config().revision());
        speakers.configure(config.config().mitigationPolicies());
        mitigator.protect(config.protection());
    }

    private CompiledDetector inForce() {
        return Objects.requireNonNull(configs.get());
    }

    private List<String> problems() {
        var problems = new ArrayList<>(configs.problems());
        var current = configs.get();
        if (current != null) {
            problems.addAll(current.tokens().problems());
        }
        var notOpen = openProblem;
        if (notOpen != null) {
            problems.add(notOpen);
        }
        var now = open;
        if (now != null && current != null) {
            problems.addAll(otherPorts(now.config(), current.config()));
        }
        problems.addAll(mitigator.snapshot().problems());
        return problems;
    }

    private static List<String> otherPorts(FlowConfig opened, FlowConfig wanted) {
        var problems = new ArrayList<String>();
        var before = opened.spec();
        var after = wanted.spec();
        otherPort(
                "listeners.netflow.port",
                before.listeners().netflow().port(),
                after.listeners().netflow().port(),
                problems);
        otherPort(
                "listeners.sflow.port",
                before.listeners().sflow().port(),
                after.listeners().sflow().port(),
                problems);
        otherPort(
                "listeners.ipfixTcp",
                port(before.listeners().ipfixTcp()),
                port(after.listeners().ipfixTcp()),
                problems);
        otherPort("api.port", before.api().port(), after.api().port(), problems);
        return problems;
    }

    private static int port(ListenersSpec.IpfixTcp listener) {
        return listener.enabled() ? listener.port() : 0;
    }

    private static void otherPort(String field, int open, int wanted, List<String> problems) {
        if (open != wanted) {
            problems.add("spec." + field + ": restart needed to listen on " + wanted + " instead of " + open);
        }
    }

    private Map<String, Object> report(@Nullable FlowConfig config) {
        return FlowReport.of(
                model,
                mitigator.snapshot(),
                speakers.peers(),
                config == null ? List.of() : config.mitigationPolicies().keySet(),
                clock.instant());
    }

    private SecretSource secretsInForce() {
        return new SecretSource() {
            @Override
            public Optional<byte[]> read(SecretKeyRef ref) {
                var current = configs.get();
                return current == null ? Optional.empty() : current.secrets().read(ref);
            }
        };
    }

    private static Ingest.Settings ingest(String host, Path stateDirectory, ConfigHolder<CompiledDetector> configs) {
        var address = InetAddress.ofLiteral(host);
        return Ingest.Settings.standard()
                .on(address.isAnyLocalAddress() ? null : address)
                .keeping(stateDirectory.resolve("templates.json"))
                .securedBy(() -> {
                    var current = configs.get();
                    return current == null ? null : current.ipfixTls();
                });
    }
}
