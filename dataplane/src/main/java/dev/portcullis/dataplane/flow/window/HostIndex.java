package dev.portcullis.dataplane.flow.window;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Open addressing from address to slot: two longs of key and two of state a slot, in one flat array. Owned by one
 * thread. The hash is seeded, so nobody outside can aim addresses at one place; probing is linear and does not wrap (the
 * array has a tail), so a pass from the last slot to the first may delete as it goes and still see every host once.
 */
final class HostIndex {
    static final int ABSENT = -1;

    private static final int SLOT = 4;
    private static final int TAIL = 128;
    private static final int SMALLEST = 1024;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private long[] slots = new long[(SMALLEST + TAIL) * SLOT];
    private int mask = SMALLEST - 1;
    private int size;

    int size() {
        return size;
    }

    /** Slots there are, used or not: the range of a pass. */
    int capacity() {
        return mask + 1 + TAIL;
    }

    long high(int slot) {
        return slots[slot * SLOT];
    }

    long low(int slot) {
        return slots[slot * SLOT + 1];
    }

    /** Volume of a host without rings; any other use is up to the owner. */
    long volume(int slot) {
        return slots[slot * SLOT + 2];
    }

    void volume(int slot, long volume) {
        slots[slot * SLOT + 2] = volume;
    }

    /** State of the host; 0 means the slot is free. */
    long state(int slot) {
        return slots[slot * SLOT + 3];
    }

    void state(int slot, long state) {
        slots[slot * SLOT + 3] = state;
    }

    /** The slot of a host, or {@link #ABSENT}. */
    int find(long high, long low) {
        var local = slots;
        for (var at = home(high, low) * SLOT; ; at += SLOT) {
            if (local[at + 1] == low && local[at] == high && local[at + 3] != 0) {
                return at / SLOT;
            }
            if (local[at + 3] == 0) {
                return ABSENT;
            }
        }
    }

    /** A slot for a host that is not in the table, with {@code state}, which is not 0. Grows the table when needed. */
    int insert(long high, long low, long state) {
        if (size >= (mask + 1) / 4 * 3) {
            grow();
        }
        while (true) {
            var slot = freeFrom(home(high, low));
            // The last slot stays free: it ends every probe.
            if (slot < capacity() - 1) {
                var at = slot * SLOT;
                slots[at] = high;
                slots[at + 1] = low;
                slots[at + 2] = 0;
                slots[at + 3] = state;
                size++;
                return slot;
            }
            grow();
        }
    }

    /** Frees a slot and closes the gap with hosts from behind it, which a descending pass has seen already. */
    void remove(int slot) {
        var gap = slot;
        for (var next = slot + 1; state(next) != 0; next++) {
            if (home(high(next), low(next)) <= gap) {
                System.arraycopy(slots, next * SLOT, slots, gap * SLOT, SLOT);
                gap = next;
            }
        }
        slots[gap * SLOT + 3] = 0;
        size--;
    }

    private int freeFrom(int slot) {
        while (slot < capacity() - 1 && state(slot) != 0) {
            slot++;
        }
        return slot;
    }

    private void grow() {
        var old = slots;
        mask = mask * 2 + 1;
        slots = new long[(mask + 1 + TAIL) * SLOT];
        size = 0;
        for (var at = 0; at < old.length; at += SLOT) {
            if (old[at + 3] != 0) {
                var slot = insert(old[at], old[at + 1], old[at + 3]);
                volume(slot, old[at + 2]);
            }
        }
    }

    private int home(long high, long low) {
        var hash = (high ^ seed) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ hash >>> 32 ^ low) * 0xD6E8FEB86659FD93L;
        hash ^= hash >>> 32;
        return (int) (hash * 0xD6E8FEB86659FD93L >>> 32) & mask;
    }
}
