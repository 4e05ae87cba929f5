package dev.portcullis.dataplane.flow.bgp;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes when a test says so. */
final class VirtualTime implements Timers, InstantSource {
    private record Task(long nanos, long order, Runnable task) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::nanos).thenComparingLong(Task::order));
    private long nanos;
    private long order;

    @Override
    public Timer after(Duration delay, Runnable task) {
        var planned = new Task(nanos + delay.toNanos(), order++, task);
        tasks.add(planned);
        return () -> tasks.remove(planned);
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nanos);
    }

    void pass(Duration time) {
        var end = nanos + time.toNanos();
        while (!tasks.isEmpty() && tasks.element().nanos() <= end) {
            var due = tasks.remove();
            nanos = Math.max(nanos, due.nanos());
            due.task().run();
        }
        nanos = end;
    }

    /** Time passes while the thread is busy: nothing runs. */
    void stall(Duration time) {
        nanos += time.toNanos();
    }

    int planned() {
        return tasks.size();
    }
}
