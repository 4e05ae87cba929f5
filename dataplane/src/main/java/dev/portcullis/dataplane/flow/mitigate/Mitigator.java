package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.metrics.MitigationMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bans what is attacked, within the guards, for as long as it is attacked. Told by the detector and by operators from any
 * thread; decides on one thread of its own, so neither a slow disk nor a slow router delays detection.
 *
 * <p>Attacks wait by id, the latest state only: at most {@link #MAX_ATTACKS}, further ones are counted and come
 * again with the next tick. Orders wait in a queue of {@link #MAX_WAITING_ORDERS}, further ones are refused.
 */
public final class Mitigator implements AttackListener, AutoCloseable {
    /** Most attacks known at once. */
    public static final int MAX_ATTACKS = 100_000;
    /** Most orders given by hand that wait to be carried out. */
    public static final int MAX_WAITING_ORDERS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Mitigator.class);
    private static final Duration SAVE_ON_CLOSE = Duration.ofSeconds(5);

    /**
     * The bans as one round left them.
     *
     * @param bans in force, then refused to attacks in progress, then past; each the latest first
     * @param active how many of them are in force
     * @param dryRun true when every policy is a dry run or there is none
     * @param rejected bans refused since the start, by name of the MitigationPolicy
     * @param pausedUntil no automatic ban before then, or null
     * @param problems what keeps mitigation from its work, in sentences
     */
    public record Snapshot(
            List<Ban> bans,
            int active,
            boolean dryRun,
            Map<String, Long> rejected,
            @Nullable Instant pausedUntil,
            List<String> problems) {
        /** Before the first round. */
        public static final Snapshot EMPTY = new Snapshot(List.of(), 0, true, Map.of(), null, List.of());

        public Snapshot {
            bans = List.copyOf(bans);
            problems = List.copyOf(problems);
        }
    }

    private final InstantSource clock;
    private final MitigationMetrics metrics;
    private final MitigationBook book;
    private final BanReconciler reconciler;
    private final Map<String, Attack> waiting = new LinkedHashMap<>();
    private final Semaphore orders = new Semaphore(MAX_WAITING_ORDERS);
    private final AtomicBoolean roundDue = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("mitigation").factory());
    private volatile @Nullable Protection protection;
    private volatile Snapshot snapshot = Snapshot.EMPTY;
    private @Nullable String saveProblem;

    /**
     * Opens the book of bans; {@link #start} begins the work.
     *
     * @param stateDirectory where bans are kept over restarts; made when it is not there
     */
    public Mitigator(Path stateDirectory, Speakers speakers, MitigationMetrics metrics, InstantSource clock) {
        this.clock = clock;
        this.metrics = metrics;
        this.book = MitigationBook.open(stateDirectory, clock.instant());
        this.reconciler = new BanReconciler(book, speakers, metrics);
    }

    /** The values of label {@code reason} of the rejection counters. */
    public static List<String> rejectionReasons() {
        return Arrays.stream(Refusal.values()).map(Refusal::label).toList();
    }

    /** Looks at everything each {@code interval}, and at once when an attack starts or an order is given. */
    public void start(Duration interval) {
        thread.scheduleWithFixedDelay(this::round, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Puts {@code newProtection} in force; until the first call nothing is decided or announced. */
    public void protect(Protection newProtection) {
        protection = newProtection;
        roundSoon();
    }

    @Override
    public void started(Attack attack) {
        observe(attack);
        roundSoon();
    }

    @Override
    public void ongoing(Attack attack) {
        observe(attack);
    }

    @Override
    public void ended(Attack attack) {
        observe(attack);
    }

    /** The bans as the last round left them. Any thread. */
    public Snapshot snapshot() {
        return snapshot;
    }

    /** Bans by hand: the ban, active or, when a guard refused it, rejected. */
    public CompletableFuture<Ban> ban(BanRequest request) {
        return order(inForce -> reconciler.ban(request, inForce, clock.instant()));
    }

    /** Lifts a ban by hand; empty when there is none. Attacks in progress do not bring it back. */
    public CompletableFuture<Optional<Ban>> unban(InetAddress target, String by) {
        return order(inForce -> reconciler.unban(target, by, clock.instant()));
    }

    /**
     * Lifts every ban by hand. Attacks in progress bring none back.
     *
     * @param pause how long no automatic ban is made, whatever starts; zero for no pause
     */
    public CompletableFuture<List<Ban>> withdrawAll(String by, Duration pause) {
        return order(inForce -> {
            var now = clock.instant();
            return reconciler.withdrawAll(by, pause.isPositive() ? now.plus(pause) : null, now);
        });
    }

    /** Writes the book and stops deciding. What is announced stays announced: the speakers' end decides about it. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(SAVE_ON_CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
                return;
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return;
        }
        save();
    }

    private void observe(Attack attack) {
        // No single host is known to be attacked: there is nothing that could be told to routers.
        if (attack.extent().scope() != Attack.Scope.HOST) {
            return;
        }
        synchronized (waiting) {
            if (waiting.size() >= MAX_ATTACKS && !waiting.containsKey(attack.id())) {
                metrics.eventDropped();
                return;
            }
            waiting.put(attack.id(), attack);
        }
    }

    private void roundSoon() {
        if (roundDue.compareAndSet(false, true)) {
            try {
                thread.execute(this::round);
            } catch (RejectedExecutionException closed) {
                LOG.debug("closed");
            }
        }
    }

    private <T> CompletableFuture<T> order(Function<Protection, T> order) {
        var answer = new CompletableFuture<T>();
        if (!orders.tryAcquire()) {
            answer.completeExceptionally(new RejectedExecutionException("too many orders are waiting; try again"));
            return answer;
        }
        try {
            thread.execute(() -> {
                try {
                    var inForce = protection;
                    if (inForce == null) {
                        throw new IllegalStateException("no configuration is in force yet");
                    }
                    // Attacks first: an order is about what the detector has said by now.
                    takeWaiting();
                    var done = order.apply(inForce);
                    round();
                    answer.complete(done);
                } catch (RuntimeException failure) {
                    answer.completeExceptionally(failure);
                } finally {
                    orders.release();
                }
            });
        } catch (RejectedExecutionException closed) {
            orders.release();
            answer.completeExceptionally(closed);
        }
        return answer;
    }

    private void round() {
        roundDue.set(false);
        try {
            takeWaiting();
            var inForce = protection;
            if (inForce != null) {
                reconciler.round(inForce, clock.instant());
                publish(inForce);
                save();
            }
        } catch (RuntimeException defect) {
            // The scheduler would silently end the rounds, and with them every expiry.
            LOG.error("a round of mitigation failed; the next one tries again", defect);
        }
    }

    private void takeWaiting() {
        List<Attack> taken;
        synchronized (waiting) {
            taken = List.copyOf(waiting.values());
            waiting.clear();
        }
        var now = clock.instant();
        taken.forEach(attack -> reconciler.observe(attack, now));
    }

    private void publish(Protection inForce) {
        var problem = saveProblem;
        snapshot = new Snapshot(
                reconciler.bans(),
                book.active().size(),
                inForce.policies().values().stream().allMatch(MitigationRules::dryRun),
                reconciler.rejectedByPolicy(),
                book.pausedUntil(),
                problem == null ? List.of() : List.of(problem));
    }

    private void save() {
        try {
            if (book.save(clock.instant())) {
                metrics.saved(true);
                saveProblem = null;
            }
        } catch (IOException failure) {
            metrics.saved(false);
            if (saveProblem == null) {
                LOG.error("the book of bans cannot be written; bans would not survive a restart", failure);
            }
            saveProblem = "the book of bans cannot be written, so bans would not survive a restart: " + failure;
        }
    }
}
