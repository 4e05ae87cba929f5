package dev.portcullis.dataplane.flow.window;

/**
 * The state of a host in its slot of {@link HostTable}: the second of its last record in the lower half, its group above, and
 * whether it is heavy in the highest bit. Seconds begin above 0, so no host's state is that of a free slot.
 */
final class SlotState {
    private static final long SECOND = 0xFFFF_FFFFL;
    private static final int GROUP_SHIFT = 32;
    private static final long HEAVY = Long.MIN_VALUE;

    private SlotState() {}

    static long of(int group, long second) {
        return (long) group << GROUP_SHIFT | second;
    }

    /** Whether there is a host, and it has light counters. */
    static boolean isLight(long state) {
        return state > 0;
    }

    static boolean isHeavy(long state) {
        return state < 0;
    }

    static long heavy(long state) {
        return state | HEAVY;
    }

    static long light(long state) {
        return state & ~HEAVY;
    }

    static long second(long state) {
        return state & SECOND;
    }

    static long withSecond(long state, long second) {
        return state & ~SECOND | second;
    }

    static int group(long state) {
        return (int) (state >>> GROUP_SHIFT) & Integer.MAX_VALUE;
    }

    static long withGroup(long state, int group) {
        return state & (HEAVY | SECOND) | (long) group << GROUP_SHIFT;
    }
}
