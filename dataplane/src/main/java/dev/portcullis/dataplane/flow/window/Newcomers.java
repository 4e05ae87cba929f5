package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Packets of hosts that found the table full, in a count-min sketch with conservative update: two rows, the lesser of which
 * is at least a host's true sum. A newcomer whose sum exceeds a tracked host's takes its place, so one with real volume is
 * in after a few records however many made-up addresses come with it. Forgotten once a window. Owned by one thread.
 */
final class Newcomers {
    /** Slots looked at for a lighter host to replace. */
    private static final int LOOK = 16;

    /** The same where all of those have rings. */
    private static final int MOST_LOOK = 256;

    private static final int BITS = 14;
    private static final int ROW = 1 << BITS;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final int[] packets = new int[2 * ROW];
    private boolean dirty;

    /** Notes {@code amount} packets more of a host; what it comes to. */
    long add(long high, long low, long amount) {
        dirty = true;
        var hash = ((high ^ seed) * 0x9E3779B97F4A7C15L ^ low) * 0xD6E8FEB86659FD93L;
        hash = (hash ^ hash >>> 29) * 0xA0761D6478BD642FL;
        var first = (int) (hash >>> 64 - BITS);
        var second = ROW + ((int) (hash >>> 64 - 2 * BITS) & ROW - 1);
        var sum = (int) Math.min(Integer.MAX_VALUE, Math.min(packets[first], packets[second]) + amount);
        packets[first] = Math.max(packets[first], sum);
        packets[second] = Math.max(packets[second], sum);
        return sum;
    }

    /**
     * The lightest of some hosts without a ring from a slot on, as good as any random few, where it has fewer packets than
     * {@code sum}; else {@link HostTable#ABSENT}. Goes on in the next segment, or there would be no place for a newcomer behind
     * the last host of its own.
     */
    static int lighterNear(HostTable table, int home, long sum) {
        var lightest = HostTable.ABSENT;
        var least = Long.MAX_VALUE;
        var slot = home;
        for (var looked = 0; looked < MOST_LOOK && (looked < LOOK || lightest == HostTable.ABSENT); looked++) {
            if (SlotState.isLight(table.state(slot))) {
                var packets = Light.lower(table.word(slot, HostTable.PRESENT))
                        + Light.lower(table.word(slot, HostTable.BEFORE));
                if (packets < least) {
                    lightest = slot;
                    least = packets;
                }
            }
            slot = table.next(slot);
        }
        return least < sum ? lightest : HostTable.ABSENT;
    }

    void forget() {
        if (dirty) {
            Arrays.fill(packets, 0);
            dirty = false;
        }
    }
}
