package dev.portcullis.dataplane.firewall.session;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy.Across;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.url.Url;
import dev.portcullis.dataplane.firewall.verdict.DomainRate;
import dev.portcullis.dataplane.metrics.CrossRequestMetrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of one client give away together: a secret sent in pieces, and more information than a budget allows.
 * A client is an address, whatever name it claims. Remembers {@link #CLIENTS} clients and {@link #BYTES} bytes of their
 * values; the client unseen longest is forgotten first. A change of policy forgets nothing. Thread-safe.
 */
public final class CrossRequest {
    /** Most clients remembered. */
    public static final int CLIENTS = 10_000;

    /** Most bytes kept of their values, in all. */
    public static final long BYTES = 64L << 20;

    /** Bytes of a body that are looked at. */
    static final int BODY_BYTES = 64 * 1024;

    private static final Duration FORGET = Duration.ofHours(24);

    private final CrossRequestMetrics metrics;
    private final DomainRate domains;
    private final LongSupplier nanoClock;
    private final Cache<String, ClientTrace> clients;
    private final AtomicLong held = new AtomicLong();
    private volatile boolean on;

    /**
     * Remembers nothing yet.
     *
     * @param domains knows registrable domains
     */
    public CrossRequest(CrossRequestMetrics metrics, DomainRate domains, LongSupplier nanoClock) {
        this.metrics = metrics;
        this.domains = domains;
        this.nanoClock = nanoClock;
        Ticker ticker = nanoClock::getAsLong;
        clients = Caffeine.newBuilder()
                .maximumSize(CLIENTS)
                .expireAfterAccess(FORGET)
                .ticker(ticker)
                .executor(Runnable::run)
                .evictionListener((@Nullable String client, @Nullable ClientTrace trace, RemovalCause cause) -> {
                    if (trace != null) {
                        held.addAndGet(-trace.forget());
                    }
                    if (cause == RemovalCause.SIZE) {
                        metrics.evicted();
                    }
                })
                .build();
        metrics.fragmentBytes(held::get);
    }

    /** What a request's target completes, and whether its client is over its budget. */
    public List<Finding> target(FirewallPolicy policy, String client, String url, boolean tunnel) {
        var rules = policy.across();
        on = rules != null;
        var parsed = rules == null ? null : Url.parse(url);
        if (rules == null || parsed == null) {
            return List.of();
        }
        var findings = new ArrayList<Finding>(1);
        var now = nanoClock.getAsLong();
        var trace = of(client);
        if (rules.bits() > 0) {
            // A tunnel's host is not counted, but a client over its budget gets none.
            var sent = tunnel ? new byte[0] : parsed.query().getBytes(StandardCharsets.UTF_8);
            if (trace.spend(sent, sent.length, now, rules).after() >= rules.bits()) {
                findings.add(overBudget(rules));
            }
        }
        findings.addAll(continued(
                policy,
                rules,
                trace,
                parsed.host(),
                now,
                values -> OutgoingValues.ofUrl(parsed, domains.domain(parsed.host()), tunnel, values)));
        return findings;
    }

    /**
     * The scan {@code body}, and of its first bytes what they complete.
     *
     * @param type value of Content-Type
     * @param host where it goes
     */
    public BodyScan body(FirewallPolicy policy, String client, String type, String host, BodyScan body) {
        var rules = policy.across();
        return rules == null
                ? body
                : new FragmentBody(body, (bytes, length) -> {
                    var findings = new ArrayList<Finding>(1);
                    var now = nanoClock.getAsLong();
                    var trace = of(client);
                    if (rules.bits() > 0) {
                        var usage = trace.spend(bytes, length, now, rules);
                        if (usage.before() < rules.bits() && usage.after() >= rules.bits()) {
                            findings.add(overBudget(rules));
                        }
                    }
                    findings.addAll(continued(
                            policy,
                            rules,
                            trace,
                            host,
                            now,
                            values -> OutgoingValues.ofBody(type, bytes, length, values)));
                    return findings;
                });
    }

    /** The part of /stats about this. */
    public Stats stats() {
        return new Stats(on, on, held.get());
    }

    /** What /stats says under {@code cross_request_detection}. */
    public record Stats(
            @JsonProperty("entropy_tracker_active") boolean entropyTrackerActive,
            @JsonProperty("fragment_buffer_active") boolean fragmentBufferActive,
            @JsonProperty("fragment_buffer_bytes") long fragmentBufferBytes) {}

    private ClientTrace of(String client) {
        return clients.get(client, address -> new ClientTrace());
    }

    private List<Finding> continued(
            FirewallPolicy policy,
            Across rules,
            ClientTrace trace,
            String host,
            long now,
            Consumer<OutgoingValues.Values> walk) {
        var continued = trace.continued(policy, rules, host, now, walk);
        if (held.addAndGet(continued.grown()) > BYTES) {
            clients.policy()
                    .eviction()
                    .ifPresent(eviction -> eviction.coldest(1).keySet().forEach(this::forget));
        }
        return continued.findings().stream()
                .map(finding -> {
                    metrics.matched();
                    return completed(finding, rules);
                })
                .toList();
    }

    private void forget(String client) {
        var trace = clients.asMap().remove(client);
        if (trace != null) {
            held.addAndGet(-trace.forget());
            metrics.evicted();
        }
    }

    private static Finding completed(Finding finding, Across rules) {
        return new Finding(
                ScannerName.CROSS_REQUEST,
                finding.rule(),
                finding.severity(),
                rules.action(),
                finding.encoding(),
                "requests",
                -1,
                "this request completes a secret of class " + finding.rule() + " that earlier requests began",
                "crossRequest:\n  action: Warn");
    }

    private Finding overBudget(Across rules) {
        metrics.entropyExceeded();
        return new Finding(
                ScannerName.CROSS_REQUEST,
                "entropy-budget",
                Severity.medium,
                rules.bitsAction(),
                "plaintext",
                "requests",
                -1,
                "this client sent more than the " + rules.bits() + " bits of information that its policy allows in "
                        + rules.bitsNanos() / 1_000_000_000 + " s",
                "crossRequest:\n  entropyBudget: {bits: " + Math.min(2_000_000_000L, rules.bits() * 2L) + "}");
    }

    /** True where {@code finding} says that its request must not go on. */
    static boolean blocks(Finding finding) {
        return finding.action() == Action.Block;
    }
}
