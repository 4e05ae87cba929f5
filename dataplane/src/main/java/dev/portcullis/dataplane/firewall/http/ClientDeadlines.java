package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time limits of one client connection, as the policy in force has them: how long a head may take to arrive, how long
 * nothing may pass, and how slowly a client may send a body or take a reply. Belongs to the connection's event loop.
 */
final class ClientDeadlines {
    /** The connection. */
    interface Watched {
        /** True while nothing but the client holds things up: its body is wanted, or written bytes wait for it. */
        boolean waitsForClient();

        /** Bytes that the client has sent and taken so far. */
        long moved();

        /** A head did not arrive in time. */
        void headLate();

        /** The client moved fewer than {@link #SLOWEST} bytes a second over a whole idle time, or none. */
        void slow();

        /** Nothing passed for the idle time; told again after each further idle time. */
        void idle();
    }

    /** Fewest bytes a second, over a whole idle time, that a client may send or take where nothing but it holds things up. */
    static final int SLOWEST = 64;

    private static final long IDLE_MILLIS = 120_000;
    private static final long HEADER_MILLIS = 5_000;

    private final FirewallParts parts;
    private final Channel channel;
    private final Watched watched;
    private @Nullable ScheduledFuture<?> head;
    private @Nullable ScheduledFuture<?> next;
    private long activeNanos;
    private long windowNanos;
    private long movedBefore;
    private boolean waitedBefore;

    /** The limits of {@code channel}. */
    ClientDeadlines(FirewallParts parts, Channel channel, Watched watched) {
        this.parts = parts;
        this.channel = channel;
        this.watched = watched;
        touch();
        this.windowNanos = activeNanos;
    }

    /** Begins to watch. */
    void start() {
        watch(idleMillis());
    }

    /** Stops watching: a timer left behind would keep the closed connection in memory for the idle time. */
    void stop() {
        headEnded();
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    /** Something passed, in either direction. */
    void touch() {
        activeNanos = parts.nanoClock().getAsLong();
    }

    /** A head has begun to arrive. */
    void headStarted() {
        if (head == null) {
            head = channel.eventLoop().schedule(watched::headLate, headerMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** The head is here, or no longer awaited. */
    void headEnded() {
        if (head != null) {
            head.cancel(false);
            head = null;
        }
    }

    private void watch(long millis) {
        next = channel.eventLoop().schedule(this::look, Math.max(millis, 1), TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (!channel.isActive()) {
            return;
        }
        var now = parts.nanoClock().getAsLong();
        var idle = idleMillis();
        if (now - windowNanos >= idle * 1_000_000 && tooSlow(now)) {
            watched.slow();
            return;
        }
        var left = idle - (now - activeNanos) / 1_000_000;
        if (left <= 0 && watched.waitsForClient()) {
            watched.slow();
            return;
        }
        if (left <= 0) {
            watched.idle();
            left = idle;
        }
        watch(Math.min(left, idle - (now - windowNanos) / 1_000_000));
    }

    /** Looks at the window that ends now, and begins the next. */
    private boolean tooSlow(long now) {
        var waits = watched.waitsForClient();
        var moved = watched.moved();
        var slow = waits && waitedBefore && (moved - movedBefore) * 1e9 < (double) SLOWEST * (now - windowNanos);
        waitedBefore = waits;
        movedBefore = moved;
        windowNanos = now;
        return slow;
    }

    private long idleMillis() {
        var policy = parts.policies().get();
        return policy == null ? IDLE_MILLIS : policy.limits().idleMillis();
    }

    private long headerMillis() {
        var policy = parts.policies().get();
        return policy == null ? HEADER_MILLIS : policy.limits().headerMillis();
    }
}
