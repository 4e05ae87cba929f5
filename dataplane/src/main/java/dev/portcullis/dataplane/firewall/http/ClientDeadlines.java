package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time limits of one client connection, as the policy in force has them: how long a head may take to arrive, and how
 * long nothing may pass. Belongs to the connection's event loop.
 */
final class ClientDeadlines {
    private static final long IDLE_MILLIS = 120_000;
    private static final long HEADER_MILLIS = 5_000;

    private final FirewallParts parts;
    private final Channel channel;
    private final Runnable headLate;
    private final Runnable idle;
    private @Nullable ScheduledFuture<?> head;
    private long activeNanos;

    /**
     * The limits of {@code channel}.
     *
     * @param headLate run when a head did not arrive in time
     * @param idle run when nothing passed for the idle time, and again after each further idle time
     */
    ClientDeadlines(FirewallParts parts, Channel channel, Runnable headLate, Runnable idle) {
        this.parts = parts;
        this.channel = channel;
        this.headLate = headLate;
        this.idle = idle;
        touch();
    }

    /** Begins to watch for silence. */
    void start() {
        watch(idleMillis());
    }

    /** Something passed, in either direction. */
    void touch() {
        activeNanos = parts.nanoClock().getAsLong();
    }

    /** A head has begun to arrive. */
    void headStarted() {
        if (head == null) {
            head = channel.eventLoop().schedule(headLate, headerMillis(), TimeUnit.MILLISECONDS);
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
        var unused = channel.eventLoop().schedule(this::look, Math.max(millis, 1), TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (!channel.isActive()) {
            return;
        }
        var left = idleMillis() - (parts.nanoClock().getAsLong() - activeNanos) / 1_000_000;
        if (left > 0) {
            watch(left);
            return;
        }
        idle.run();
        watch(idleMillis());
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
