package dev.portcullis.dataplane.firewall.session;

import dev.portcullis.dataplane.firewall.scan.match.Shannon;
import java.util.Arrays;

/** Bits of information sent within a sliding window, added up in {@value #SLOTS} slots. Not thread-safe. */
final class EntropyWindow {
    private static final int SLOTS = 16;

    private final double[] bits = new double[SLOTS];
    private long slot = Long.MIN_VALUE;

    /** Adds the information in {@code bytes[from, to)}: its Shannon entropy times its length. */
    void add(byte[] bytes, int from, int to, long now, long window) {
        advance(now, window);
        bits[Math.floorMod(slot, SLOTS)] += Shannon.bits(bytes, from, to) * (to - from);
    }

    /** Bits within the window. */
    double sum(long now, long window) {
        advance(now, window);
        return Arrays.stream(bits).sum();
    }

    private void advance(long now, long window) {
        var current = Math.floorDiv(now, Math.max(1, window / SLOTS));
        if (slot == Long.MIN_VALUE || current - slot >= SLOTS || current < slot) {
            Arrays.fill(bits, 0);
        } else {
            for (var passed = slot + 1; passed <= current; passed++) {
                bits[Math.floorMod(passed, SLOTS)] = 0;
            }
        }
        slot = current;
    }
}
