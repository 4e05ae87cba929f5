package dev.portcullis.dataplane.flow.bgp;

import io.netty.channel.ChannelFutureListener;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one connection: hold and keepalive (RFC 4271 section 10) and send hold (RFC 9687). Hearing something costs
 * no timer; a timer that fires early runs on for the rest.
 */
final class Liveness {
    private static final double MIN_JITTER = 0.75;
    /** A timer this late means that this thread was busy. */
    private static final long STALL_NANOS = 100_000_000;

    private final Timers timers;
    private final Duration sendHold;
    private final RandomGenerator random;
    private Timers.@Nullable Timer hold;
    private Timers.@Nullable Timer keepalive;
    private long heardNanos;
    private long progressNanos;
    private int writes;
    private int connection;

    Liveness(Timers timers, Duration sendHold, RandomGenerator random) {
        this.timers = timers;
        this.sendHold = sendHold;
        this.random = random;
    }

    /** Runs {@code expired} once nothing was heard for {@code period}, counted from now. */
    void expect(Duration period, Runnable expired) {
        expectNothing();
        heard();
        wait(period, period, true, expired);
    }

    private void wait(Duration period, Duration rest, boolean excusable, Runnable expired) {
        var due = timers.nanoTime() + rest.toNanos();
        hold = timers.after(rest, () -> {
            if (excusable && timers.nanoTime() - due > STALL_NANOS) {
                // Nobody listened meanwhile: what the neighbour said may still wait to be read.
                wait(period, period.dividedBy(3), false, expired);
                return;
            }
            var left = period.minusNanos(timers.nanoTime() - heardNanos);
            if (left.isPositive()) {
                wait(period, left, true, expired);
            } else {
                expired.run();
            }
        });
    }

    /** Silence is all right. */
    void expectNothing() {
        if (hold != null) {
            hold.cancel();
            hold = null;
        }
    }

    /** Runs {@code task} again and again, jittered below {@code period}. */
    void repeat(Duration period, Runnable task) {
        var jittered = (long) (period.toNanos() * random.nextDouble(MIN_JITTER, 1));
        keepalive = timers.after(Duration.ofNanos(jittered), () -> {
            repeat(period, task);
            task.run();
        });
    }

    /** The neighbour sent something that counts. */
    void heard() {
        heardNanos = timers.nanoTime();
    }

    /** To be added to each write: tells when the neighbour took it. */
    ChannelFutureListener writing() {
        if (writes++ == 0) {
            progressNanos = timers.nanoTime();
        }
        var mine = connection;
        return done -> {
            if (mine == connection) {
                writes--;
                progressNanos = timers.nanoTime();
            }
        };
    }

    /** Something written is not taken yet. */
    boolean waiting() {
        return writes > 0;
    }

    /** Nothing written was taken for the whole send hold time. */
    boolean stalled() {
        return writes > 0 && timers.nanoTime() - progressNanos >= sendHold.toNanos();
    }

    /** The connection ended. */
    void stop() {
        connection++;
        writes = 0;
        expectNothing();
        if (keepalive != null) {
            keepalive.cancel();
            keepalive = null;
        }
    }
}
