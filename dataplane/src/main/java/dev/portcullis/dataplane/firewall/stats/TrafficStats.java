package dev.portcullis.dataplane.firewall.stats;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.portcullis.dataplane.firewall.session.CrossRequest;
import dev.portcullis.dataplane.metrics.FirewallMetrics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code /stats}. Totals come from the metrics; names and agents are counted here. Agents that name
 * themselves are kept up to {@link #AGENTS}; later ones are counted under {@code other}. Thread-safe.
 */
public final class TrafficStats {
    /** Most agents counted by name. */
    public static final int AGENTS = 1000;
    /** Most names weighed for a top list. */
    public static final int NAMES = 512;
    /** Length of a top list. */
    public static final int TOP = 100;

    private static final String OTHER = "other";

    private static final class AgentCounts {
        final LongAdder allowed = new LongAdder();
        final LongAdder blocked = new LongAdder();
        final LongAdder tunnels = new LongAdder();
    }

    private final FirewallMetrics metrics;
    private final LongSupplier nanoClock;
    private final IntSupplier activeClients;
    private final Supplier<CrossRequest.Stats> crossRequest;
    private final long startedNanos;
    private final TopNames blockedDomains = new TopNames(NAMES);
    private final TopNames scanners = new TopNames(NAMES);
    private final Map<String, AgentCounts> agents = new ConcurrentHashMap<>();

    /**
     * Starts the uptime.
     *
     * @param activeClients how many client addresses hold a connection now
     */
    public TrafficStats(
            FirewallMetrics metrics,
            LongSupplier nanoClock,
            IntSupplier activeClients,
            Supplier<CrossRequest.Stats> crossRequest) {
        this.crossRequest = crossRequest;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.activeClients = activeClients;
        this.startedNanos = nanoClock.getAsLong();
    }

    /** A request of {@code agent} was delivered; an empty name is counted for nobody. */
    public void allowed(String agent) {
        if (!agent.isEmpty()) {
            of(agent).allowed.increment();
        }
    }

    /** A request of {@code agent} to {@code host} was refused by {@code scanner}. */
    public void blocked(String agent, String host, String scanner) {
        scanners.add(scanner);
        if (!host.isEmpty()) {
            blockedDomains.add(host);
        }
        if (!agent.isEmpty()) {
            of(agent).blocked.increment();
        }
    }

    /** A tunnel of {@code agent} was opened. */
    public void tunnel(String agent) {
        if (!agent.isEmpty()) {
            of(agent).tunnels.increment();
        }
    }

    /** Seconds since the start. */
    public double uptimeSeconds() {
        return (nanoClock.getAsLong() - startedNanos) / 1e9;
    }

    /** The document as it is now. */
    public Document document() {
        var totals = metrics.totals();
        var total = totals.allowed() + totals.blocked();
        var byAgent = new TreeMap<String, Agent>();
        agents.forEach((name, counts) ->
                byAgent.put(name, new Agent(counts.allowed.sum(), counts.blocked.sum(), counts.tunnels.sum())));
        return new Document(
                uptimeSeconds(),
                new Requests(
                        total, totals.allowed(), totals.blocked(), total == 0 ? 0 : (double) totals.blocked() / total),
                totals.tunnels(),
                totals.webSockets(),
                blockedDomains.top(TOP),
                scanners.top(TOP),
                new Sessions(activeClients.getAsInt(), 0, 0, List.of()),
                crossRequest.get(),
                byAgent.isEmpty() ? null : byAgent);
    }

    private AgentCounts of(String agent) {
        var known = agents.get(agent);
        if (known != null) {
            return known;
        }
        return agents.computeIfAbsent(agents.size() < AGENTS ? agent : OTHER, name -> new AgentCounts());
    }

    /**
     * The document of /stats.
     *
     * @param tunnels CONNECT tunnels completed
     * @param websockets WebSocket connections completed
     * @param agents absent until an agent that names itself had traffic
     */
    public record Document(
            @JsonProperty("uptime_seconds") double uptimeSeconds,
            Requests requests,
            long tunnels,
            long websockets,
            @JsonProperty("top_blocked_domains") List<TopNames.Count> topBlockedDomains,
            @JsonProperty("top_scanners") List<TopNames.Count> topScanners,
            Sessions sessions,
            @JsonProperty("cross_request_detection") CrossRequest.Stats crossRequestDetection,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Map<String, Agent> agents) {}

    /** HTTP requests; {@code block_rate} is 0 to 1. */
    public record Requests(
            long total,
            long allowed,
            long blocked,
            @JsonProperty("block_rate") double blockRate) {}

    /**
     * Client sessions: addresses that hold a connection now. Anomalies and escalations are those of session profiling,
     * which finds none while no policy can switch it on.
     */
    public record Sessions(
            long active,
            long anomalies,
            long escalations,
            @JsonProperty("top_anomalies") List<TopNames.Count> topAnomalies) {}

    /** One agent's counts. */
    public record Agent(long allowed, long blocked, long tunnels) {}
}
