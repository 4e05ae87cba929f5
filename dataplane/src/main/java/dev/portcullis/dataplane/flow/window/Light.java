package dev.portcullis.dataplane.flow.window;

/**
 * The counters of a host without a ring: of packets, bytes or flows, one long each with the sum of the present block of
 * time and that of the block before. A block is as long as the window, so the two together are never less than the window
 * holds: a host whose two blocks are below what a limit allows cannot be above the limit. Sums stop at {@link #MOST}.
 */
final class Light {
    /** Sums are not counted beyond this; {@link WindowPlan#promotion} never is above. */
    static final int MOST = 1 << 30;

    private Light() {}

    /** Both blocks. */
    static long bound(long word) {
        return present(word) + before(word);
    }

    static long present(long word) {
        return word >>> 32;
    }

    static long before(long word) {
        return word & 0xFFFF_FFFFL;
    }

    /** The counters a block later. */
    static long rolled(long word) {
        return present(word);
    }

    static long plus(long word, long amount) {
        return Math.min(MOST, present(word) + amount) << 32 | before(word);
    }

    static long of(long amount) {
        return Math.min(MOST, amount) << 32;
    }

    /** What the window holds, were the earlier block's traffic even. {@code past}: whole seconds of the present block. */
    static long estimate(long word, int past, int seconds) {
        return present(word) + before(word) * (seconds - past) / seconds;
    }
}
