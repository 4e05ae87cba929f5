package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Idle connections to origins, kept for the next request on the same event loop: at most {@value #PER_ORIGIN} to one
 * origin and {@value #TOTAL} in all for each loop, each for {@value #KEEP_SECONDS} s. Beyond that they are closed.
 * Belongs to one event loop.
 */
public final class UpstreamPool {
    /**
     * An origin.
     *
     * @param tls by which its certificate was checked; null without TLS
     */
    public record Origin(String host, int port, @Nullable UpstreamTls tls) {}

    private record Idle(UpstreamConnection connection, long sinceNanos) {}

    private static final int PER_ORIGIN = 64;
    private static final int TOTAL = 512;
    private static final int KEEP_SECONDS = 30;

    private final Map<Origin, ArrayDeque<Idle>> idle = new HashMap<>();
    private final AtomicInteger count;
    private int held;
    private boolean closed;

    /**
     * A pool for {@code loop}.
     *
     * @param count idle connections of all loops together
     */
    public UpstreamPool(EventLoop loop, AtomicInteger count) {
        this.count = count;
        loop.scheduleWithFixedDelay(this::sweep, KEEP_SECONDS, KEEP_SECONDS / 3, TimeUnit.SECONDS);
    }

    /** The connection used last that is still open and whose address {@code allowed} still takes, or null. */
    public @Nullable UpstreamConnection take(Origin origin, Predicate<List<InetAddress>> allowed) {
        var queue = idle.get(origin);
        if (queue == null) {
            return null;
        }
        Idle candidate;
        while ((candidate = queue.pollLast()) != null) {
            left();
            var connection = candidate.connection();
            if (connection.isOpen() && allowed.test(List.of(connection.address()))) {
                if (queue.isEmpty()) {
                    idle.remove(origin);
                }
                return connection;
            }
            connection.close();
        }
        idle.remove(origin);
        return null;
    }

    /** Keeps a connection whose exchange is over, or closes it where there is no room. */
    public void put(Origin origin, UpstreamConnection connection) {
        var queue = idle.get(origin);
        if (closed || !connection.isOpen() || held >= TOTAL || queue != null && queue.size() >= PER_ORIGIN) {
            connection.close();
            return;
        }
        if (queue == null) {
            queue = new ArrayDeque<>();
            idle.put(origin, queue);
        }
        queue.addLast(new Idle(connection, System.nanoTime()));
        held++;
        count.incrementAndGet();
        connection.detach();
    }

    /** Closes everything idle, and what comes later. */
    public void close() {
        closed = true;
        for (var queue : idle.values()) {
            queue.forEach(entry -> {
                left();
                entry.connection().close();
            });
        }
        idle.clear();
    }

    private void sweep() {
        var now = System.nanoTime();
        idle.values().removeIf(queue -> {
            queue.removeIf(entry -> {
                var old = now - entry.sinceNanos() > TimeUnit.SECONDS.toNanos(KEEP_SECONDS)
                        || !entry.connection().isOpen();
                if (old) {
                    left();
                    entry.connection().close();
                }
                return old;
            });
            return queue.isEmpty();
        });
    }

    private void left() {
        held--;
        count.decrementAndGet();
    }
}
