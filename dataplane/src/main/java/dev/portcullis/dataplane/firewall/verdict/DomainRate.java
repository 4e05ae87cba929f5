package dev.portcullis.dataplane.firewall.verdict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.net.InternetDomainName;
import java.util.function.LongSupplier;

/**
 * Requests a minute to each registrable domain, over all clients: a sliding window of sixty seconds, estimated from the
 * count of this minute and the part of the last one that still lies inside. Knows at most {@link #DOMAINS} domains; the one
 * unused longest is forgotten first. Counts survive a change of policy. Thread-safe.
 */
public final class DomainRate {
    /** Most domains, and most host names, remembered. */
    public static final int DOMAINS = 10_000;

    private static final long MINUTE = 60_000_000_000L;

    private static final class Window {
        private final long origin;
        private long minute;
        private int current;
        private int previous;

        Window(long origin) {
            this.origin = origin;
        }

        synchronized boolean full(long nanos, int limit) {
            var elapsed = nanos - origin;
            var now = elapsed / MINUTE;
            if (now != minute) {
                previous = now == minute + 1 ? current : 0;
                current = 0;
                minute = now;
            }
            var stillInside = 1 - (double) (elapsed % MINUTE) / MINUTE;
            return previous * stillInside + current >= limit;
        }

        synchronized boolean take(long nanos, int limit) {
            if (full(nanos, limit)) {
                return false;
            }
            current++;
            return true;
        }
    }

    private final Cache<String, String> domainOfHost =
            Caffeine.newBuilder().maximumSize(DOMAINS).build();
    private final Cache<String, Window> windows =
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
        return windows.get(domain(host), name -> new Window(now)).take(now, limit);
    }

    /** Whether {@link #take} would refuse now; counts nothing. */
    public boolean full(String host, int limit) {
        if (limit == 0) {
            return false;
        }
        var window = windows.getIfPresent(domain(host));
        return window != null && window.full(nanoClock.getAsLong(), limit);
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
