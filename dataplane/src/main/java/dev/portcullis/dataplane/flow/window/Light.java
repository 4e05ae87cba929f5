package dev.portcullis.dataplane.flow.window;

/**
 * The counters of a host without a ring, in three words of its slot: flows and packets of the present block of time in the
 * halves of one, those of the block before in another, the bytes of both blocks in the third. A block is as long as the
 * window, so the two together are never less than the window holds: a host whose two blocks are below what a limit allows
 * cannot be above the limit. Sums stop at {@link #MOST} and {@link #MOST_BYTES}, so that parts of a word never run into one
 * another.
 */
final class Light {
    /** Flows and packets are not counted beyond this; {@link Floors#promotion} never is above. */
    static final int MOST = 1 << 30;

    /** Bytes are not counted beyond this: what 27 Gbit/s are in ten seconds. */
    static final long MOST_BYTES = 1L << 35;

    /** Bytes of the block before are units of 256, rounded up, in so many bits; those of the present block lie above. */
    private static final int BEFORE_BITS = 28;

    private static final int UNIT_BITS = 8;
    private static final long BEFORE = (1L << BEFORE_BITS) - 1;

    /** The highest bit of both halves. */
    private static final long SIGNS = 0x8000_0000_8000_0000L;

    private static final long LOWER = 0xFFFF_FFFFL;

    private Light() {}

    /** Flows and packets, each up to {@link #MOST}, in one word. */
    static long pair(long upper, long lower) {
        return Math.min(MOST, upper) << 32 | Math.min(MOST, lower);
    }

    static long upper(long pair) {
        return pair >>> 32;
    }

    static long lower(long pair) {
        return pair & LOWER;
    }

    /** Bytes of the present block and of the one before, each up to {@link #MOST_BYTES}, in one word. */
    static long bytes(long present, long before) {
        return Math.min(MOST_BYTES, present) << BEFORE_BITS
                | Math.min(MOST_BYTES, before) + (1 << UNIT_BITS) - 1 >>> UNIT_BITS;
    }

    /** The word of {@link #bytes} with more bytes in the present block, which are {@link #small}. */
    static long moreBytes(long bytes, long more) {
        return bytes + (more << BEFORE_BITS);
    }

    static long presentBytes(long bytes) {
        return bytes >>> BEFORE_BITS;
    }

    /** Never less than they were, and less than 256 more. */
    static long bytesBefore(long bytes) {
        return (bytes & BEFORE) << UNIT_BITS;
    }

    /** Whether amounts may be added to their parts of words as they are: those below the most stay in theirs. */
    static boolean small(long flows, long packets, long bytes) {
        return ((flows | packets) >>> 30 | bytes >>> 35) == 0;
    }

    /**
     * For each group the most that a host may have in both blocks, in the form of {@link #below}: flows and packets in one
     * word, bytes in the next.
     */
    static long[] tops(long[] promotion) {
        var groups = promotion.length / Floors.SUMS;
        var tops = new long[2 * groups];
        for (var group = 0; group < groups; group++) {
            var at = group * Floors.SUMS;
            tops[2 * group] = pair(promotion[at] - 1, promotion[at + 1] - 1);
            tops[2 * group + 1] = promotion[at + 2] - 1;
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
        var bytesLeft = tops[2 * group + 1] - bytesBefore(bytes) - presentBytes(bytes);
        return ((left | left - present) & SIGNS | bytesLeft & Long.MIN_VALUE) == 0;
    }

    /** Begins a block: the present one is the one before, where it is that one at all and not an earlier one. */
    static void roll(long[] slots, int at, boolean recent) {
        slots[at + HostTable.BEFORE] = recent ? slots[at + HostTable.PRESENT] : 0;
        slots[at + HostTable.PRESENT] = 0;
        slots[at + HostTable.BYTES] = recent ? bytes(0, presentBytes(slots[at + HostTable.BYTES])) : 0;
    }

    /** What the window holds, were the earlier block's traffic even. {@code past}: whole seconds of the present block. */
    static long estimate(long present, long before, int past, int seconds) {
        return present + before * (seconds - past) / seconds;
    }
}
