package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One {@link UpstreamPool} for each event loop. Thread-safe. */
public final class UpstreamPools {
    private final Map<EventLoop, UpstreamPool> pools = new ConcurrentHashMap<>();
    private final AtomicInteger idle = new AtomicInteger();

    /** The pool of {@code loop}. */
    public UpstreamPool of(EventLoop loop) {
        return pools.computeIfAbsent(loop, owner -> new UpstreamPool(owner, idle));
    }

    /** Idle connections of all pools. */
    public int idle() {
        return idle.get();
    }

    /** Closes what is idle, each pool on its own loop. */
    public void close() {
        pools.forEach((loop, pool) -> loop.execute(pool::close));
    }
}
