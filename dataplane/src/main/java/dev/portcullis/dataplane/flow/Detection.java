package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.Detector;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.FlowWorker;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.WindowSums;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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

    /** How long a look between two ticks waits for a worker. */
    private static final long GLANCE_MILLIS = 50;

    private final Questions asked;
    private final Questions glanced;
    private final WindowSums glance = new WindowSums();
    private final FlowMetrics metrics;
    private final LongSupplier nanoTime;
    private final Detector detector = new Detector();
    private final List<AttackListener> listeners = new CopyOnWriteArrayList<>();
    // Two, so that the tick writes one while readers of hosts read the other.
    private volatile Merged shown = new Merged();
    private Merged spare = new Merged();
    private final ArrayDeque<Attack> ended = new ArrayDeque<>();
    private final TrafficHistory history = new TrafficHistory();
    private volatile List<Attack> active = List.of();
    private volatile List<Attack> recent = List.of();

    Detection(FlowMetrics metrics, LongSupplier nanoTime) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.asked = new Questions(FlowWorker::collect, nanoTime);
        this.glanced = new Questions(FlowWorker::glance, nanoTime);
    }

    TrafficHistory history() {
        return history;
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
        var collected = asked.answers(workers, policy, PATIENCE_MILLIS);
        if (lateWorkers(asked)) {
            LOG.warn("A flow worker is too busy to be summed; this decision is taken without it.");
        }
        if (!spare.lock.writeLock().tryLock()) {
            // Somebody still reads what was shown two ticks ago: theirs to keep.
            spare = new Merged();
            spare.lock.writeLock().lock();
        }
        var merged = spare;
        Detector.Changes changes;
        try {
            merged.policy = policy;
            merged.sums.clear(policy.window().seconds());
            collected.forEach(merged.sums::merge);
            changes = detector.tick(merged.sums, policy, nanoTime.getAsLong() / 1_000_000, now);
            metrics.trackedHosts(HostSums.tracked(merged.sums.incoming(), merged.sums.outgoing()));
        } finally {
            merged.lock.writeLock().unlock();
        }
        spare = shown;
        shown = merged;
        publish(changes);
        history.note(
                merged.sums.incoming(),
                active.stream().map(Attack::target).collect(Collectors.toSet()),
                host -> detector.normalPackets(host, policy, now),
                now);
        metrics.refusedAttacks(detector.drainRefused());
        metrics.baselines(detector.baselines(), detector.drainRefusedBaselines());
        metrics.tick((nanoTime.getAsLong() - start) / 1e9);
    }

    /** A look between two ticks at what is near a limit; true where the next tick should not be waited for. */
    boolean urgent(List<FlowWorker> workers, FlowPolicy policy) {
        // Attacks that need several decisions in a row need the time between them.
        if (policy.confirmTicks() > 1) {
            return false;
        }
        glance.clear(policy.window().seconds());
        glanced.answers(workers, policy, GLANCE_MILLIS).forEach(glance::merge);
        lateWorkers(glanced);
        var urgent = detector.urgent(glance, policy);
        if (urgent) {
            metrics.urgentTick();
        }
        return urgent;
    }

    private boolean lateWorkers(Questions questions) {
        var late = questions.drainLate();
        metrics.lateWorkers(late);
        return late > 0;
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
                    "Attack {} on {} {} ({}): {} {} is above {}, {}.",
                    attack.id(),
                    attack.extent().scope().label(),
                    name(attack),
                    attack.direction().label(),
                    attack.metric(),
                    Math.round(attack.rate()),
                    Math.round(attack.threshold()),
                    attack.classification().type());
            tell(attack, AttackListener::started);
        }
        changes.ongoing().forEach(attack -> tell(attack, AttackListener::ongoing));
        changes.updated().forEach(attack -> tell(attack, AttackListener::updated));
        metrics.attackUpdates(changes.updated().size());
        for (var attack : changes.ended()) {
            LOG.info("Attack {} on {} ended.", attack.id(), name(attack));
            tell(attack, AttackListener::ended);
        }
    }

    private static String name(Attack attack) {
        var address = attack.target().getHostAddress();
        return switch (attack.extent().scope()) {
            case HOST -> address;
            case PREFIX -> address + "/" + attack.extent().prefixLength();
            case GROUP -> attack.group();
        };
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

    /**
     * Reads the sums of the latest tick, and the policy whose groups they are of; null before the first. A slow reader holds
     * nobody back.
     */
    <T> @Nullable T read(BiFunction<WindowSums, FlowPolicy, T> reader) {
        while (true) {
            var merged = shown;
            // Not while a tick that has overtaken this reader fills it anew.
            if (merged.lock.readLock().tryLock()) {
                try {
                    var policy = merged.policy;
                    return policy == null ? null : reader.apply(merged.sums, policy);
                } finally {
                    merged.lock.readLock().unlock();
                }
            }
            Thread.onSpinWait();
        }
    }

    /** Takes over what was learned in an earlier life. Before the first tick. */
    void readBaselines(DataInput in) throws IOException {
        detector.readBaselines(in);
    }

    /** Writes what has been learned. On the tick's thread. */
    void writeBaselines(DataOutput out) throws IOException {
        detector.writeBaselines(out);
    }

    /** Sums and who uses them. */
    private static final class Merged {
        final WindowSums sums = new WindowSums();

        @Nullable
        FlowPolicy policy;

        final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    }
}
