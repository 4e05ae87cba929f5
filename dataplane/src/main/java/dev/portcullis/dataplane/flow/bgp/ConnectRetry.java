package dev.portcullis.dataplane.flow.bgp;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling up to a limit and jittered (RFC 4271 section 10), so that a neighbour
 * that keeps ending sessions is not worn down (section 8.1.1, DampPeerOscillations). A session that lasted starts over.
 */
final class ConnectRetry {
    private static final int MAX_DOUBLINGS = 16;
    private static final double MIN_JITTER = 0.75;

    private final Timings timings;
    private final Timers timers;
    private final RandomGenerator random;
    private int failures;
    private boolean established;
    private long establishedNanos;

    ConnectRetry(Timings timings, Timers timers, RandomGenerator random) {
        this.timings = timings;
        this.timers = timers;
        this.random = random;
    }

    void established() {
        established = true;
        establishedNanos = timers.nanoTime();
    }

    /** The wait after an attempt or a session that just ended. */
    Duration next() {
        if (established
                && timers.nanoTime() - establishedNanos >= timings.retryMax().toNanos()) {
            failures = 0;
        }
        established = false;
        var doubled = timings.retryMin().multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        var limited = doubled.compareTo(timings.retryMax()) < 0 ? doubled : timings.retryMax();
        return Duration.ofNanos((long) (limited.toNanos() * random.nextDouble(MIN_JITTER, 1)));
    }
}
