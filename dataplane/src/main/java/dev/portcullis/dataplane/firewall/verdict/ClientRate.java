package dev.portcullis.dataplane.firewall.verdict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.LongSupplier;

/**
 * Requests a minute of each client address, to whatever host. Knows at most {@link #CLIENTS} addresses; the one unused
 * longest is forgotten first. Counts survive a change of policy. Thread-safe.
 */
public final class ClientRate {
    /** Most addresses remembered. */
    public static final int CLIENTS = 10_000;

    private final Cache<String, SlidingMinute> windows =
            Caffeine.newBuilder().maximumSize(CLIENTS).build();
    private final LongSupplier nanoClock;

    public ClientRate(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Counts a request of {@code client} unless it made {@code limit} in the last minute already; a refused request is not
     * counted.
     *
     * @param limit requests a minute, 0 for no limit
     */
    public boolean take(String client, int limit) {
        if (limit == 0) {
            return true;
        }
        var now = nanoClock.getAsLong();
        return windows.get(client, address -> new SlidingMinute(now)).take(now, 1, limit);
    }
}
