package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the shortest time to live among the address records of each name that is being resolved (RFC 1035 section
 * 3.2.1), which the resolver tells nobody but its cache. Keeps no addresses; of names nobody asks for any more at most
 * {@value #NAMES}. Belongs to one event loop.
 */
final class RecordLifetimes implements DnsCache {
    private static final int NAMES = 1000;

    private record Entry(InetAddress address) implements DnsCacheEntry {
        @Override
        public @Nullable Throwable cause() {
            return null;
        }
    }

    private record Failed(Throwable cause) implements DnsCacheEntry {
        @Override
        public @Nullable InetAddress address() {
            return null;
        }
    }

    private final Map<String, Long> shortest = new HashMap<>();

    /** The shortest time to live of {@code host}'s records, with or without a search domain, in seconds; -1 where unknown. Forgets it. */
    long take(String host) {
        var known = shortest.remove(host);
        if (known != null) {
            return known;
        }
        var found = -1L;
        for (var names = shortest.entrySet().iterator(); names.hasNext(); ) {
            var name = names.next();
            if (name.getKey().startsWith(host + ".")) {
                found = found < 0 ? name.getValue() : Math.min(found, name.getValue());
                names.remove();
            }
        }
        return found;
    }

    @Override
    public DnsCacheEntry cache(
            String name, DnsRecord[] additionals, InetAddress address, long seconds, EventLoop loop) {
        if (shortest.size() >= NAMES) {
            shortest.clear();
        }
        shortest.merge(name.endsWith(".") ? name.substring(0, name.length() - 1) : name, seconds, Math::min);
        return new Entry(address);
    }

    @Override
    public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        return new Failed(cause);
    }

    @Override
    public List<? extends DnsCacheEntry> get(String name, DnsRecord[] additionals) {
        return List.of();
    }

    @Override
    public void clear() {
        shortest.clear();
    }

    @Override
    public boolean clear(String name) {
        return shortest.remove(name) != null;
    }
}
