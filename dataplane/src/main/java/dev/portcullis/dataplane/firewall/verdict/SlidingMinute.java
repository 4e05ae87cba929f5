package dev.portcullis.dataplane.firewall.verdict;

/**
 * What was counted in the last sixty seconds, estimated from the count of this minute and the part of the last one that
 * still lies inside. Thread-safe.
 */
final class SlidingMinute {
    private static final long MINUTE = 60_000_000_000L;

    private final long origin;
    private long minute;
    private long current;
    private long previous;

    /**
     * Nothing yet.
     *
     * @param nanos reading of the nano clock now
     */
    SlidingMinute(long nanos) {
        this.origin = nanos;
    }

    /** Counts {@code amount} where less than {@code limit} was counted in the minute before; what is refused is not counted. */
    synchronized boolean take(long nanos, long amount, long limit) {
        if (sum(nanos) >= limit) {
            return false;
        }
        current += amount;
        return true;
    }

    /** Counts {@code amount} whatever was counted before. */
    synchronized void add(long nanos, long amount) {
        sum(nanos);
        current += amount;
    }

    /** True where {@code limit} or more was counted in the minute before. */
    synchronized boolean reached(long nanos, long limit) {
        return sum(nanos) >= limit;
    }

    private double sum(long nanos) {
        var elapsed = nanos - origin;
        var now = elapsed / MINUTE;
        if (now != minute) {
            previous = now == minute + 1 ? current : 0;
            current = 0;
            minute = now;
        }
        return previous * (1 - (double) (elapsed % MINUTE) / MINUTE) + current;
    }
}
