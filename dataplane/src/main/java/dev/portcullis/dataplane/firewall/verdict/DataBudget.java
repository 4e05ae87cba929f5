package dev.portcullis.dataplane.firewall.verdict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * Bytes a minute to and from each registrable domain, over all clients. They are counted as they pass or when an exchange
 * is over, and asked for before the next one; so an exchange may overdraw a budget, and the next one waits for it. Knows at
 * most {@link DomainRate#DOMAINS} domains; the one unused longest is forgotten first. Thread-safe.
 */
public final class DataBudget {
    private final Cache<String, SlidingMinute> windows =
            Caffeine.newBuilder().maximumSize(DomainRate.DOMAINS).build();
    private final UnaryOperator<String> domain;
    private final LongSupplier nanoClock;

    /**
     * No byte counted yet.
     *
     * @param domain the registrable domain of a host
     */
    public DataBudget(UnaryOperator<String> domain, LongSupplier nanoClock) {
        this.domain = domain;
        this.nanoClock = nanoClock;
    }

    /**
     * True where nothing of the budget of {@code host}'s domain is left.
     *
     * @param limit bytes a minute, 0 for no limit
     */
    public boolean spent(String host, long limit) {
        if (limit == 0) {
            return false;
        }
        var window = windows.getIfPresent(domain.apply(host));
        return window != null && window.reached(nanoClock.getAsLong(), limit);
    }

    /**
     * Counts bytes to or from {@code host}.
     *
     * @param limit the budget in force; nothing is counted where it is 0
     */
    public void spend(String host, long bytes, long limit) {
        if (limit > 0 && bytes > 0) {
            var now = nanoClock.getAsLong();
            windows.get(domain.apply(host), name -> new SlidingMinute(now)).add(now, bytes);
        }
    }
}
