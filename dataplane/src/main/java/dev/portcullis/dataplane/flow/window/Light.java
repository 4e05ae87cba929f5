package dev.portcullis.dataplane.flow.window;

/**
 * The counters of a host without a ring, in three words of its slot: flows and packets of the present block of time in the
 * halves of one, those of the block before in another, the bytes of both blocks in the third. A block is as long as the
 * window, so the two together are never less than the window holds: a host whose two blocks are below what a limit allows
 * cannot be above the limit. Sums stop at {@link #MOST}, so that halves never run into one another.
 */
final class Light {
    /** Sums are not counted beyond this; {@link Floors#promotion} never is above. */
    static final int MOST = 1 << 30;

    /** The highest bit of both halves. */
    private static final long SIGNS = 0x8000_0000_8000_0000L;

    private static final long LOWER = 0xFFFF_FFFFL;

    private Light() {}

    /** Two numbers up to {@link #MOST} in one word: flows and packets, or bytes of the present block and the one before. */
    static long pair(long upper, long lower) {
        return Math.min(MOST, upper) << 32 | Math.min(MOST, lower);
    }

    static long upper(long pair) {
        return pair >>> 32;
    }

    static long lower(long pair) {
        return pair & LOWER;
    }

    /** Whether amounts may be added to halves as they are: three below {@link #MOST} stay in theirs. */
    static boolean small(long flows, long packets, long bytes) {
        return (flows | packets | bytes) >>> 30 == 0;
    }

    /**
     * For each group the most that a host may have in both blocks, in the form of {@link #below}: flows and packets in one
     * word, bytes in the next.
     */
    static long[] tops(int[] promotion) {
        var groups = promotion.length / Floors.SUMS;
        var tops = new long[2 * groups];
        for (var group = 0; group < groups; group++) {
            var at = group * Floors.SUMS;
            tops[2 * group] = pair(promotion[at] - 1L, promotion[at + 1] - 1L);
            tops[2 * group + 1] = promotion[at + 2] - 1L;
        }
        return tops;
    }

    /**
     * Whether no sum is above the group's top, all three at once: what is left below a top is negative where a sum is above
     * it, and a half that borrows from the other is negative itself. Looked at after each of the two subtractions, because
     * both together may come to more than a half can say.
     */
    static boolean below(long[] tops, int group, long present, long before, long bytes) {
        var left = tops[2 * group] - before;
        var bytesLeft = tops[2 * group + 1] - (bytes & LOWER) - (bytes >>> 32);
        return ((left | left - present | bytesLeft) & SIGNS) == 0;
    }

    /** Begins a block: the present one is the one before, where it is that one at all and not an earlier one. */
    static void roll(long[] slots, int at, boolean recent) {
        slots[at + HostTable.BEFORE] = recent ? slots[at + HostTable.PRESENT] : 0;
        slots[at + HostTable.PRESENT] = 0;
        slots[at + HostTable.BYTES] = recent ? upper(slots[at + HostTable.BYTES]) : 0;
    }

    /** What the window holds, were the earlier block's traffic even. {@code past}: whole seconds of the present block. */
    static long estimate(long present, long before, int past, int seconds) {
        return present + before * (seconds - past) / seconds;
    }
}
