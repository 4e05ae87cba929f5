package dev.portcullis.dataplane.firewall.scanapi;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * A token bucket for each bearer token: filled at the policy's rate up to {@link #BURST}. What was used survives a change
 * of policy; buckets of tokens that are gone are dropped. Thread-safe.
 */
final class TokenRate {
    /** What a bucket holds at most. */
    static final int BURST = 50;

    private static final double MINUTE = 60e9;

    private static final class Bucket {
        private double held = BURST;
        private long filledNanos;

        Bucket(long now) {
            filledNanos = now;
        }

        synchronized boolean take(long now, int perMinute) {
            held = Math.min(BURST, held + (now - filledNanos) * (perMinute / MINUTE));
            filledNanos = now;
            if (held < 1) {
                return false;
            }
            held--;
            return true;
        }

        synchronized void charge(int more) {
            held -= more;
        }
    }

    private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final LongSupplier nanoClock;

    TokenRate(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Takes one from the bucket of {@code token} and says whether it was there.
     *
     * @param perMinute the rate, 0 for no limit
     * @param known the tokens of the policy in force
     */
    boolean take(String token, int perMinute, Set<String> known) {
        if (perMinute == 0) {
            return true;
        }
        var now = nanoClock.getAsLong();
        var bucket = buckets.get(token);
        if (bucket == null) {
            buckets.keySet().retainAll(known);
            bucket = buckets.computeIfAbsent(token, name -> new Bucket(now));
        }
        return bucket.take(now, perMinute);
    }

    /** Takes {@code more} after the fact, into debt where they are not there: what comes next waits for it. */
    void charge(String token, int more) {
        var bucket = buckets.get(token);
        if (bucket != null) {
            bucket.charge(more);
        }
    }
}
