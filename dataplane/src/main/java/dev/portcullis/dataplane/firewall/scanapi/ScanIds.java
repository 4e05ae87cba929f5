package dev.portcullis.dataplane.firewall.scanapi;

import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Names for scans: {@code scan-} and 16 hex digits, no two alike in a process's life. Thread-safe. */
final class ScanIds {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final AtomicLong state;

    ScanIds(RandomGenerator random) {
        state = new AtomicLong(random.nextLong());
    }

    /** The next name. */
    String next() {
        // SplitMix64 (Steele, Lea, Flood 2014): one to one, so that the counter's values stay distinct.
        var z = state.addAndGet(GOLDEN);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return "scan-" + HexFormat.of().toHexDigits(z ^ (z >>> 31));
    }
}
