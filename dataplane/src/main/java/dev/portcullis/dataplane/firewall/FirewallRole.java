package dev.portcullis.dataplane.firewall;

import dev.portcullis.dataplane.admin.BuildVersion;
import dev.portcullis.dataplane.admin.RoleStatus;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.audit.AuditSink;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.firewall.http.PageReaders;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Source;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitchApi;
import dev.portcullis.dataplane.firewall.killswitch.SignalToggle;
import dev.portcullis.dataplane.firewall.net.Dialer;
import dev.portcullis.dataplane.firewall.net.DnsNames;
import dev.portcullis.dataplane.firewall.net.EventLoops;
import dev.portcullis.dataplane.firewall.net.NameResolver;
import dev.portcullis.dataplane.firewall.net.ProxyListener;
import dev.portcullis.dataplane.firewall.net.ProxyPipeline;
import dev.portcullis.dataplane.firewall.net.ReversePipeline;
import dev.portcullis.dataplane.firewall.net.UpstreamPools;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scanapi.ScanApi;
import dev.portcullis.dataplane.firewall.scanapi.ScanApiPipeline;
import dev.portcullis.dataplane.firewall.sentry.FileSentry;
import dev.portcullis.dataplane.firewall.session.ClientTable;
import dev.portcullis.dataplane.firewall.session.CrossRequest;
import dev.portcullis.dataplane.firewall.session.LiveConnections;
import dev.portcullis.dataplane.firewall.stats.TrafficStats;
import dev.portcullis.dataplane.firewall.tls.LeafCache;
import dev.portcullis.dataplane.firewall.verdict.ClientRate;
import dev.portcullis.dataplane.firewall.verdict.DataBudget;
import dev.portcullis.dataplane.firewall.verdict.DomainRate;
import dev.portcullis.dataplane.firewall.verdict.Enforcer;
import dev.portcullis.dataplane.firewall.verdict.RequestIds;
import dev.portcullis.dataplane.metrics.CrossRequestMetrics;
import dev.portcullis.dataplane.metrics.FetchMetrics;
import dev.portcullis.dataplane.metrics.FileSentryMetrics;
import dev.portcullis.dataplane.metrics.FirewallGauges;
import dev.portcullis.dataplane.metrics.FirewallMetrics;
import dev.portcullis.dataplane.metrics.ScanApiMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Role firewall: the egress proxy of one AgentPolicy. This is its table of contents; each part is one package beside it.
 *
 * <p>Until the first policy is in the holder everything is refused with 503 and {@link #ready()} is false, though
 * {@code /health} answers. A change of policy, or of the kill switch, has every open connection judged again.
 */
public final class FirewallRole implements RoleView, AutoCloseable {
    /** How long {@link #drain()} waits for what is in flight. */
    public static final Duration DRAIN = Duration.ofSeconds(20);

    private static final Logger LOG = LoggerFactory.getLogger(FirewallRole.class);
    private static final long LOOK_NANOS = 20_000_000;

    private final String name;
    private final String host;
    private final FirewallPorts ports;
    private final ConfigHolder<FirewallPolicy> policies;
    private final PrometheusRegistry registry;
    private final EventLoops loops;
    private final NameResolver names;
    private final KillSwitch killSwitch = new KillSwitch();
    private final LiveConnections live = new LiveConnections();
    private final UpstreamPools upstreams = new UpstreamPools();
    private final LeafCache leaves = new LeafCache(InstantSource.system());
    private final TrafficStats stats;
    private final FirewallParts parts;
    private final ScanApi scanApi;
    private final FileSentry sentry;
    private final Runnable onSignal = killSwitch::toggleBySignal;
    private volatile @Nullable ProxyListener listener;
    private volatile @Nullable ProxyListener scanListener;
    private final Map<String, ProxyListener> reverseListeners = new ConcurrentHashMap<>();
    private volatile boolean draining;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * A firewall that resolves names by this machine's DNS.
     *
     * @param name names its threads, for people
     * @param host address to listen on
     * @param ports ports to listen on
     * @param policies the policy in force, swapped while it runs
     * @param nanoClock monotonic nanoseconds, {@code System::nanoTime}
     */
    public FirewallRole(
            String name,
            String host,
            FirewallPorts ports,
            ConfigHolder<FirewallPolicy> policies,
            PrometheusRegistry registry,
            LongSupplier nanoClock,
            AuditSink audit) {
        this(name, host, ports, policies, registry, nanoClock, audit, DnsNames::new, ScanApi.Bounds.STANDARD);
    }

    FirewallRole(
            String name,
            String host,
            FirewallPorts ports,
            ConfigHolder<FirewallPolicy> policies,
            PrometheusRegistry registry,
            LongSupplier nanoClock,
            AuditSink audit,
            Function<EventLoops, NameResolver> resolver,
            ScanApi.Bounds scanApiBounds) {
        this.name = name;
        this.host = host;
        this.ports = ports;
        this.policies = policies;
        this.registry = registry;
        loops = EventLoops.open("proxy-" + name, Runtime.getRuntime().availableProcessors());
        names = resolver.apply(loops);
        var metrics = new FirewallMetrics(registry, BuildVersion.current());
        var clients = new ClientTable();
        var domainRate = new DomainRate(nanoClock);
        var crossRequest = new CrossRequest(new CrossRequestMetrics(registry), domainRate, nanoClock);
        stats = new TrafficStats(metrics, nanoClock, clients::clients, crossRequest::stats);
        parts = new FirewallParts(
                policies,
                killSwitch,
                new KillSwitchApi(killSwitch, nanoClock),
                new Enforcer(metrics, stats, audit, nanoClock),
                metrics,
                live,
                clients,
                new ClientRate(nanoClock),
                domainRate,
                new DataBudget(domainRate::domain, nanoClock),
                crossRequest,
                new RequestIds(new SecureRandom()),
                new Dialer(loops, names, seconds -> metrics.interception().upstreamHandshake(seconds)),
                upstreams,
                new PageReaders(
                        Math.max(2, Runtime.getRuntime().availableProcessors()), new FetchMetrics(registry)::dropped),
                leaves,
                new AtomicInteger(),
                new AtomicInteger(),
                this,
                nanoClock);
        scanApi = new ScanApi(parts, names, audit, new ScanApiMetrics(registry), scanApiBounds);
        sentry = new FileSentry(policies, audit, new FileSentryMetrics(registry), nanoClock);
        var gauges = new FirewallGauges(registry);
        gauges.killSwitchSources(
                () -> killSwitch.active(Source.CONFIG),
                () -> killSwitch.active(Source.API),
                () -> killSwitch.active(Source.SIGNAL),
                () -> killSwitch.active(Source.SENTINEL));
        gauges.clientConnections(live::count);
        gauges.idleUpstreams(upstreams::idle);
        metrics.interception().certificateCache(leaves::size);
    }

    /**
     * Opens the listener.
     *
     * @throws IOException when its address cannot be bound
     */
    public void start() throws IOException {
        killSwitch.onChange(live::recheck);
        var current = policies.get();
        if (current != null) {
            killSwitch.policyChanged(current);
            sentry.policyChanged(current);
        }
        policies.onChange(killSwitch::policyChanged);
        policies.onChange(sentry::policyChanged);
        SignalToggle.add(onSignal);
        killSwitch.start();
        if (ports.scanApi() >= 0) {
            scanListener =
                    ProxyListener.open(loops, "The scan API", host, ports.scanApi(), new ScanApiPipeline(scanApi));
            LOG.info("The scan API of {} listens on {} port {}.", name, host, scanApiPort());
        }
        for (var proxy : ports.reverseProxies().entrySet()) {
            var opened = ProxyListener.open(
                    loops,
                    "The reverse proxy " + proxy.getKey(),
                    host,
                    proxy.getValue(),
                    new ReversePipeline(parts, proxy.getKey()));
            reverseListeners.put(proxy.getKey(), opened);
            LOG.info("Reverse proxy {} of {} listens on {} port {}.", proxy.getKey(), name, host, opened.port());
        }
        listener = ProxyListener.open(loops, "The proxy", host, ports.proxy(), new ProxyPipeline(parts));
        LOG.info("Proxy {} listens on {} port {}.", name, host, boundPort());
    }

    /**
     * The port it listens on.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public int boundPort() {
        var open = listener;
        if (open == null) {
            throw new IllegalStateException("not started");
        }
        return open.port();
    }

    /** The port the scan API listens on, -1 where it does not. */
    public int scanApiPort() {
        var open = scanListener;
        return open == null ? FirewallPorts.NONE : open.port();
    }

    /** The ports the reverse proxies listen on, by their names. */
    public Map<String, Integer> reverseProxyPorts() {
        var open = new HashMap<String, Integer>();
        reverseListeners.forEach((proxy, listening) -> open.put(proxy, listening.port()));
        return open;
    }

    /** Stops accepting, lets what is in flight end for {@link #DRAIN} at most, then closes. Blocks meanwhile. */
    public void drain() {
        draining = true;
        stopAccepting();
        live.drain();
        var deadline = System.nanoTime() + DRAIN.toNanos();
        while (live.count() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        close();
    }

    /** Closes everything now. */
    @Override
    public void close() {
        draining = true;
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        SignalToggle.remove(onSignal);
        killSwitch.close();
        sentry.close();
        stopAccepting();
        live.close();
        upstreams.close();
        leaves.close();
        loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        names.close();
        parts.pageReaders().close();
    }

    private void stopAccepting() {
        var proxy = listener;
        if (proxy != null) {
            proxy.close();
        }
        reverseListeners.values().forEach(ProxyListener::close);
        var scans = scanListener;
        if (scans != null) {
            scans.close();
        }
    }

    @Override
    public boolean ready() {
        return listener != null && !draining && policies.get() != null;
    }

    @Override
    public PrometheusRegistry registry() {
        return registry;
    }

    @Override
    public Object stats() {
        return stats.document();
    }

    @Override
    public RoleStatus status() {
        var current = policies.current();
        var config = current == null ? null : current.config().config();
        return new RoleStatus(
                "firewall",
                config == null ? "" : config.namespace(),
                config == null ? "" : config.name(),
                current == null ? null : current.revision(),
                policies.problems(),
                config == null
                        ? List.of()
                        : config.killSwitches().stream()
                                .map(resource -> new RoleStatus.KillSwitchState(
                                        resource.namespace(), resource.name(), resource.revision(), resource.engaged()))
                                .toList(),
                ready(),
                BuildVersion.current(),
                stats.uptimeSeconds(),
                Map.of());
    }
}
