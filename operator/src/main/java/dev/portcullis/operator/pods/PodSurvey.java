package dev.portcullis.operator.pods;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Asks the pods of one resource; see {@link PodSurveys}. Its thread lives only while there is something to ask. */
final class PodSurvey {
    /** One life of one pod: a restarted container may know less than it did. */
    private record Life(String uid, String containers, URI address) {}

    private final PodStatusReader reader;
    private final PodAddresses addresses;
    private final PodSurveys.Pace pace;
    private final LongSupplier nanoTime;
    private final Runnable changed;
    private final BooleanSupplier exists;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    // Guarded by the lock.
    private String wanted = "";
    private List<Life> lives = List.of();
    private Map<Life, PodAnswer> answers = Map.of();
    private Duration delay;
    private boolean renewed;
    private boolean closed;
    private @Nullable Thread thread;

    PodSurvey(
            PodStatusReader reader,
            PodAddresses addresses,
            PodSurveys.Pace pace,
            LongSupplier nanoTime,
            Runnable changed,
            BooleanSupplier exists) {
        this.reader = reader;
        this.addresses = addresses;
        this.pace = pace;
        this.nanoTime = nanoTime;
        this.changed = changed;
        this.exists = exists;
        this.delay = pace.first();
    }

    Map<String, PodAnswer> want(String revision, List<Pod> pods) {
        var now = pods.stream()
                .flatMap(pod -> addresses.status(pod).stream().map(address -> life(pod, address)))
                .toList();
        lock.lock();
        try {
            if (!revision.equals(wanted) || !now.equals(lives)) {
                wanted = revision;
                lives = now;
                var kept = new HashMap<>(answers);
                kept.keySet().retainAll(now);
                answers = kept;
                delay = pace.first();
                renewed = true;
                news.signalAll();
            }
            if (thread == null && !closed && untilNext() != null) {
                thread = Thread.ofVirtual().name("pod-survey").start(this::run);
            }
            var byUid = new HashMap<String, PodAnswer>();
            answers.forEach((life, answer) -> byUid.put(life.uid(), answer));
            return byUid;
        } finally {
            lock.unlock();
        }
    }

    private static Life life(Pod pod, URI address) {
        var containers = pod.getStatus().getContainerStatuses().stream()
                .map(ContainerStatus::getContainerID)
                .filter(Objects::nonNull)
                .sorted()
                .toList();
        return new Life(pod.getMetadata().getUid(), containers.toString(), address);
    }

    private void run() {
        try {
            while (true) {
                var pending = next();
                if (pending == null) {
                    return;
                }
                if (take(ask(pending))) {
                    changed.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until it is time to ask, and says whom; null when there is nobody to ask any more. */
    private @Nullable List<Life> next() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                var wait = untilNext();
                if (wait == null || !exists.getAsBoolean()) {
                    break;
                }
                if (renewed || !news.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                    renewed = false;
                    delay = min(delay.multipliedBy(3).dividedBy(2), pace.slowest());
                    var pending = pending();
                    return pending.isEmpty() ? lives : pending;
                }
            }
            thread = null;
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Time until pods are asked again, or null for never. */
    private @Nullable Duration untilNext() {
        if (lives.isEmpty()) {
            return null;
        }
        if (!pending().isEmpty()) {
            return delay;
        }
        return pace.settled().isZero() ? null : pace.settled();
    }

    private List<Life> pending() {
        return lives.stream()
                .filter(life -> {
                    var answer = answers.get(life);
                    return answer == null || !answer.runs(wanted);
                })
                .toList();
    }

    private Map<Life, PodAnswer> ask(List<Life> pending) throws InterruptedException {
        var said = new HashMap<Life, PodAnswer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new ArrayList<Map.Entry<Life, Future<PodAnswer>>>();
            pending.forEach(life -> asked.add(Map.entry(life, threads.submit(() -> answer(life)))));
            for (var one : asked) {
                said.put(one.getKey(), one.getValue().get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a pod failed in a way it must not", e);
        }
        return said;
    }

    private PodAnswer answer(Life life) throws InterruptedException {
        try {
            var report = reader.read(life.address());
            return new PodAnswer(report, null, nanoTime.getAsLong());
        } catch (IOException e) {
            return new PodAnswer(PodReport.silent(), String.valueOf(e.getMessage()), nanoTime.getAsLong());
        }
    }

    /** Keeps what was said, and says whether anything is new. */
    private boolean take(Map<Life, PodAnswer> said) {
        lock.lock();
        try {
            var isNew = false;
            var kept = new HashMap<>(answers);
            for (var life : lives) {
                var now = said.get(life);
                var before = kept.get(life);
                if (now != null && (before == null || !before.saysTheSameAs(now))) {
                    kept.put(life, now);
                    isNew = true;
                }
            }
            answers = kept;
            return isNew;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            news.signalAll();
            if (thread != null) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
