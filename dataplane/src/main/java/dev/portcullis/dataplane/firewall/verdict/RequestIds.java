package dev.portcullis.dataplane.firewall.verdict;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Names for requests: unique in this process's life, and very likely among the processes whose logs are read together. */
public final class RequestIds {
    private static final long PREFIXES = 36L * 36 * 36 * 36 * 36;

    private final String prefix;
    private final AtomicLong next = new AtomicLong();

    /** Draws the part that tells processes apart. */
    public RequestIds(RandomGenerator random) {
        prefix = "req-" + Long.toString(random.nextLong(PREFIXES), 36) + "-";
    }

    /** The next name. */
    public String next() {
        return prefix + next.incrementAndGet();
    }
}
