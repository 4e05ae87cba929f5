package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connections to origins, kept for the next request on the same event loop: at most {@value #PER_ORIGIN} to one origin and
 * {@value #TOTAL} in all for each loop that speak HTTP/1.1 and are idle, and {@value #MULTIPLEXED} that speak HTTP/2 and
 * carry nothing, each for {@value #KEEP_SECONDS} s. Beyond that they are closed.
 * Belongs to one event loop.
 */
public final class UpstreamPool {
    /**
     * An origin.
     *
     * @param tls by which its certificate was checked; null without TLS
     */
    public record Origin(String host, int port, @Nullable UpstreamTls tls) {}

    /**
     * Who shares an HTTP/2 connection: the exchanges of one client with one origin. An upload that the origin does not take
     * uses up the window of the whole connection, and resets end it; neither is another client's loss
     * (docs/decisions/0024-connections-over-http2-are-one-clients.md).
     */
    record Shared(Origin origin, InetAddress client) {}

    /** Most HTTP/2 connections of one loop that are kept while they carry nothing. */
    private static final int MULTIPLEXED = 256;

    private record Idle(UpstreamConnection connection, long sinceNanos) {}

    private static final int PER_ORIGIN = 64;
    private static final int TOTAL = 512;
    private static final int KEEP_SECONDS = 30;

    private final Map<Origin, ArrayDeque<Idle>> idle = new HashMap<>();
    private final Map<Shared, List<UpstreamHttp2>> multiplexed = new HashMap<>();
    private final UpstreamConnector connector;
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
        this.connector = new UpstreamConnector(loop, this);
        loop.scheduleWithFixedDelay(this::sweep, KEEP_SECONDS, KEEP_SECONDS / 3, TimeUnit.SECONDS);
    }

    /** Opens what is not here. */
    public UpstreamConnector connector() {
        return connector;
    }

    /** How many connections of all loops carry nothing. */
    AtomicInteger idle() {
        return count;
    }

    /** An HTTP/2 connection that can carry another exchange and whose address {@code allowed} still takes, or null. */
    @Nullable
    UpstreamHttp2 withRoom(Shared shared, Predicate<List<InetAddress>> allowed) {
        var open = multiplexed.get(shared);
        if (open != null) {
            for (var connection : open) {
                if (connection.hasRoom() && allowed.test(List.of(connection.address()))) {
                    return connection;
                }
            }
        }
        return null;
    }

    /** Keeps an HTTP/2 connection until it is closed, or idle for the time that others are kept. */
    void add(Shared shared, UpstreamHttp2 connection) {
        var kept =
                streamsOpen().filter(other -> other.idleSince(Long.MAX_VALUE)).toList();
        if (kept.size() >= MULTIPLEXED) {
            kept.getFirst().retire();
        }
        multiplexed.computeIfAbsent(shared, unused -> new ArrayList<>(1)).add(connection);
        connection.whenClosed(() -> {
            var rest = multiplexed.get(shared);
            if (rest != null && rest.remove(connection) && rest.isEmpty()) {
                multiplexed.remove(shared);
            }
        });
        if (closed) {
            connection.retire();
        }
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
        if (connection.multiplexed()) {
            connection.close();
            return;
        }
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
        streamsOpen().toList().forEach(UpstreamHttp2::retire);
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
        var before = now - TimeUnit.SECONDS.toNanos(KEEP_SECONDS);
        streamsOpen()
                .filter(connection -> connection.idleSince(before))
                .toList()
                .forEach(UpstreamHttp2::retire);
    }

    private Stream<UpstreamHttp2> streamsOpen() {
        return multiplexed.values().stream().flatMap(List::stream);
    }

    private void left() {
        held--;
        count.decrementAndGet();
    }
}
