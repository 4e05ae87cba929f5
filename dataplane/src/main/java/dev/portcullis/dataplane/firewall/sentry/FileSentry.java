package dev.portcullis.dataplane.firewall.sentry;

import dev.portcullis.dataplane.audit.AuditEvent;
import dev.portcullis.dataplane.audit.AuditEvent.Level;
import dev.portcullis.dataplane.audit.AuditSink;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.firewall.identity.AgentName;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.verdict.Technique;
import dev.portcullis.dataplane.metrics.FileSentryMetrics;
import dev.portcullis.dataplane.metrics.FileSentryMetrics.Skipped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for secrets in files that agents write, and reports them; it changes nothing. What is there at the start is looked
 * at, and each file again when it changes. Has one thread, of low priority, while the policy names paths and none otherwise.
 */
public final class FileSentry implements AutoCloseable {
    /** Files that may wait to be looked at. */
    static final int WAITING = 4096;

    /** Files whose state is remembered. */
    static final int KNOWN = 16_384;

    private static final Logger LOG = LoggerFactory.getLogger(FileSentry.class);
    private static final long QUIET_NANOS = 50_000_000;
    private static final long LATEST_NANOS = 1_000_000_000;
    private static final long POLL_MILLIS = 50;
    private static final long ROOTS_NANOS = 5_000_000_000L;

    private static final FileReading.State UNKNOWN = new FileReading.State(-1, -1, "");

    private record Waiting(long first, long last) {}

    private record Known(FileReading.State state, Set<String> rules) {}

    private final ConfigHolder<FirewallPolicy> policies;
    private final AuditSink audit;
    private final FileSentryMetrics metrics;
    private final LongSupplier nanoClock;
    private final FileReading reading;
    private volatile @Nullable FolderWatch watch;
    private volatile boolean rulesChanged;
    private @Nullable Thread thread;
    private List<Path> paths = List.of();

    public FileSentry(
            ConfigHolder<FirewallPolicy> policies, AuditSink audit, FileSentryMetrics metrics, LongSupplier nanoClock) {
        this.policies = policies;
        this.audit = audit;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.reading = new FileReading(metrics);
        metrics.folders(() -> {
            var now = watch;
            return now == null ? 0 : now.folders();
        });
    }

    /** Takes over the paths of a policy. */
    public synchronized void policyChanged(FirewallPolicy policy) {
        var wanted = policy.watchedPaths();
        if (wanted.equals(paths)) {
            rulesChanged = true;
            return;
        }
        stop();
        paths = wanted;
        if (!wanted.isEmpty()) {
            thread = Thread.ofPlatform()
                    .name("file-sentry")
                    .daemon()
                    .priority(Thread.MIN_PRIORITY)
                    .start(() -> run(wanted));
        }
    }

    private void stop() {
        if (thread != null) {
            thread.interrupt();
            thread = null;
        }
    }

    /** Stops watching. */
    @Override
    public synchronized void close() {
        stop();
        paths = List.of();
    }

    private void run(List<Path> roots) {
        var waiting = new LinkedHashMap<Path, Waiting>();
        var lost = new boolean[1];
        try (var folders = new FolderWatch(metrics, file -> {
            var now = nanoClock.getAsLong();
            var before = waiting.get(file);
            if (before == null && waiting.size() >= WAITING) {
                metrics.skipped(Skipped.QUEUE);
                lost[0] = true;
                return;
            }
            waiting.put(file, new Waiting(before == null ? now : before.first(), now));
        })) {
            watch = folders;
            var known = new LinkedHashMap<Path, Known>(16, 0.75f, true);
            var rootsAt = nanoClock.getAsLong() - ROOTS_NANOS;
            while (!Thread.interrupted()) {
                if (nanoClock.getAsLong() - rootsAt >= ROOTS_NANOS) {
                    rootsAt = nanoClock.getAsLong();
                    roots.stream().filter(root -> !folders.watches(root)).forEach(folders::open);
                }
                if (rulesChanged) {
                    rulesChanged = false;
                    lost[0] = true;
                    known.replaceAll((file, one) -> new Known(UNKNOWN, one.rules()));
                }
                if (!folders.poll(POLL_MILLIS)) {
                    lost[0] = true;
                }
                due(waiting, known);
                if (lost[0] && waiting.isEmpty()) {
                    lost[0] = false;
                    roots.forEach(folders::open);
                }
            }
        } catch (IOException e) {
            LOG.error("Files cannot be watched: {}. Raise fs.inotify.max_user_instances.", e.getMessage());
        } catch (InterruptedException e) {
            // The policy changed, or the firewall ends.
        } finally {
            watch = null;
        }
    }

    /** Looks at the files that have been quiet for a moment, and at those that never are. */
    private void due(Map<Path, Waiting> waiting, Map<Path, Known> known) throws InterruptedException {
        var policy = policies.get();
        if (policy == null) {
            return;
        }
        var now = nanoClock.getAsLong();
        var ready = waiting.entrySet().stream()
                .filter(entry -> now - entry.getValue().last() >= QUIET_NANOS
                        || now - entry.getValue().first() >= LATEST_NANOS)
                .map(Map.Entry::getKey)
                .toList();
        for (var file : ready) {
            waiting.remove(file);
            look(file, policy, known);
        }
    }

    private void look(Path file, FirewallPolicy policy, Map<Path, Known> known) throws InterruptedException {
        var state = reading.state(file);
        if (state == null) {
            known.remove(file);
            return;
        }
        var before = known.get(file);
        if (before != null && before.state().equals(state)) {
            return;
        }
        var scan = policy.scanner().openFile();
        if (!reading.read(file, scan, policy.limits().requestBody())) {
            return;
        }
        var rules = new HashSet<String>();
        for (var finding : scan.findings()) {
            rules.add(finding.rule());
            if (before == null || !before.rules().contains(finding.rule())) {
                report(file, policy, finding);
            }
        }
        known.put(file, new Known(state, rules));
        if (known.size() > KNOWN) {
            known.remove(known.keySet().iterator().next());
        }
    }

    private void report(Path file, FirewallPolicy policy, Finding finding) {
        var named = policy.identity().defaultAgent();
        var agent = named.equals(AgentName.NOBODY) ? "unknown" : named;
        metrics.found(finding.rule(), finding.severity().name(), agent);
        audit.record(
                new AuditEvent(Level.WARN, "file_sentry_dlp", "a secret of class " + finding.rule() + " is in a file")
                        .with("path", shown(file, policy))
                        .with("agent", agent)
                        .with("scanner", finding.scanner().label())
                        .with("rule", finding.rule())
                        .with("severity", finding.severity().name())
                        .with("encoding", finding.encoding())
                        .with("mitre_technique", Technique.of(finding.scanner())));
    }

    /** The file's path, unless that is a secret itself. */
    private static String shown(Path file, FirewallPolicy policy) {
        var scan = policy.scanner().openRequestBody("text/plain", "");
        scan.feed(ByteBuffer.wrap(file.toString().getBytes(StandardCharsets.UTF_8)));
        scan.finish();
        return scan.findings().isEmpty()
                ? file.toString()
                : policy.watchedPaths().stream()
                                .filter(file::startsWith)
                                .map(Path::toString)
                                .findFirst()
                                .orElse("")
                        + "/[redacted]";
    }
}
