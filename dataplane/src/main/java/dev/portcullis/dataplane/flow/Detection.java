package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.Detector;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.FlowWorker;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tick: sums of all workers, the detector's decision, listeners and read models. {@link #tick} belongs to one thread;
 * listeners and read models are for any.
 */
final class Detection {
    /** Ended attacks remembered. */
    static final int MOST_RECENT = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Detection.class);

    /** How long the tick waits for a worker; one that is slower is left out and asked again next time. */
    private static final long PATIENCE_MILLIS = 900;

    private final Map<FlowWorker, CompletableFuture<FlowWorker.Sums>> asked = new LinkedHashMap<>();
    private final FlowMetrics metrics;
    private final LongSupplier nanoTime;
    private final Detector detector = new Detector();
    private final List<AttackListener> listeners = new CopyOnWriteArrayList<>();
    // Guards the merged sums, which the tick writes and readers of hosts read.
    private final ReentrantLock lock = new ReentrantLock();
    private final HostSums incoming = new HostSums();
    private final HostSums outgoing = new HostSums();
    private final ArrayDeque<Attack> ended = new ArrayDeque<>();
    private volatile List<Attack> active = List.of();
    private volatile List<Attack> recent = List.of();

    Detection(FlowMetrics metrics, LongSupplier nanoTime) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
    }

    void addListener(AttackListener listener) {
        listeners.add(listener);
    }

    List<Attack> active() {
        return active;
    }

    /** Ended attacks, the latest first. */
    List<Attack> recent() {
        return recent;
    }

    /** Takes one decision over the sums of {@code workers}. */
    void tick(List<FlowWorker> workers, FlowPolicy policy, Instant now) {
        var start = nanoTime.getAsLong();
        var sums = collect(workers);
        Detector.Changes changes;
        lock.lock();
        try {
            incoming.clear(policy.window().seconds());
            outgoing.clear(policy.window().seconds());
            for (var each : sums) {
                incoming.merge(each.incoming());
                outgoing.merge(each.outgoing());
            }
            changes = detector.tick(incoming, outgoing, policy, nanoTime.getAsLong() / 1_000_000, now);
            metrics.trackedHosts(trackedHosts());
        } finally {
            lock.unlock();
        }
        publish(changes);
        metrics.refusedAttacks(detector.drainRefused());
        metrics.tick((nanoTime.getAsLong() - start) / 1e9);
    }

    private List<FlowWorker.Sums> collect(List<FlowWorker> workers) {
        for (var worker : workers) {
            asked.computeIfAbsent(worker, FlowWorker::collect);
        }
        var sums = new ArrayList<FlowWorker.Sums>();
        for (var each = asked.values().iterator(); each.hasNext(); ) {
            try {
                sums.add(each.next().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
                each.remove();
            } catch (TimeoutException e) {
                metrics.lateWorker();
                LOG.warn("A flow worker is too busy to be summed; this decision is taken without it.");
            } catch (ExecutionException e) {
                each.remove();
                metrics.lateWorker();
                LOG.error("A flow worker failed to sum its hosts.", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return sums;
            }
        }
        return sums;
    }

    private int trackedHosts() {
        var tracked = incoming.size() + incoming.lightHosts() + outgoing.lightHosts();
        for (var row = 0; row < outgoing.size(); row++) {
            if (incoming.find(outgoing.high(row), outgoing.low(row)) < 0) {
                tracked++;
            }
        }
        return tracked;
    }

    private void publish(Detector.Changes changes) {
        var now = new ArrayList<>(changes.ongoing());
        now.addAll(changes.started());
        active = List.copyOf(now);
        metrics.activeAttacks(now.size());
        if (!changes.ended().isEmpty()) {
            for (var attack : changes.ended()) {
                ended.addFirst(attack);
                if (ended.size() > MOST_RECENT) {
                    ended.removeLast();
                }
            }
            recent = List.copyOf(ended);
        }
        for (var attack : changes.started()) {
            metrics.attackStarted();
            LOG.info(
                    "Attack {} on {} ({}): {} {} is above {}, {}.",
                    attack.id(),
                    attack.target().getHostAddress(),
                    attack.direction().label(),
                    attack.metric(),
                    Math.round(attack.rate()),
                    Math.round(attack.threshold()),
                    attack.classification().type());
            tell(attack, AttackListener::started);
        }
        changes.ongoing().forEach(attack -> tell(attack, AttackListener::ongoing));
        for (var attack : changes.ended()) {
            LOG.info("Attack {} on {} ended.", attack.id(), attack.target().getHostAddress());
            tell(attack, AttackListener::ended);
        }
    }

    private void tell(Attack attack, BiConsumer<AttackListener, Attack> event) {
        for (var listener : listeners) {
            try {
                event.accept(listener, attack);
            } catch (RuntimeException e) {
                metrics.listenerError();
                LOG.error("A listener failed on attack {}.", attack.id(), e);
            }
        }
    }

    /** Reads the merged sums; the tick waits meanwhile, so {@code reader} is short. */
    <T> T read(BiFunction<HostSums, HostSums, T> reader) {
        lock.lock();
        try {
            return reader.apply(incoming, outgoing);
        } finally {
            lock.unlock();
        }
    }
}
