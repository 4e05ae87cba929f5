package dev.portcullis.dataplane.firewall.verdict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.net.InternetDomainName;
import java.util.function.LongSupplier;

/**
 * Requests a minute to each registrable domain, over all clients. Knows at most {@link #DOMAINS} domains; the one unused
 * longest is forgotten first. Counts survive a change of policy. Thread-safe.
 */
public final class DomainRate {
    /** Most domains, and most host names, remembered. */
    public static final int DOMAINS = 10_000;

    private final Cache<String, String> domainOfHost =
            Caffeine.newBuilder().maximumSize(DOMAINS).build();
    private final Cache<String, SlidingMinute> windows =
            Caffeine.newBuilder().maximumSize(DOMAINS).build();
    private final LongSupplier nanoClock;

    public DomainRate(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Counts a request to {@code host} unless {@code limit} requests of the last minute went to its registrable domain
     * already; a refused request is not counted.
     *
     * @param limit requests a minute, 0 for no limit
     */
    public boolean take(String host, int limit) {
        if (limit == 0) {
            return true;
        }
        var now = nanoClock.getAsLong();
        return windows.get(domain(host), name -> new SlidingMinute(now)).take(now, 1, limit);
    }

    /** Whether {@link #take} would refuse now; counts nothing. */
    public boolean full(String host, int limit) {
        if (limit == 0) {
            return false;
        }
        var window = windows.getIfPresent(domain(host));
        return window != null && window.reached(nanoClock.getAsLong(), limit);
    }

    /** The registrable domain of {@code host} by the public suffix list, or the host itself where it has none. */
    public String domain(String host) {
        return domainOfHost.get(host, DomainRate::registrable);
    }

    private static String registrable(String host) {
        if (!InternetDomainName.isValid(host)) {
            return host;
        }
        var name = InternetDomainName.from(host);
        return name.isUnderPublicSuffix() ? name.topPrivateDomain().toString() : host;
    }
}
