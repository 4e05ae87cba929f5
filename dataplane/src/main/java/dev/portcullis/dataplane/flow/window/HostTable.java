package dev.portcullis.dataplane.flow.window;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Open addressing from key to slot: 48 bytes a slot in one flat array, so that a host without a ring costs one line or two
 * of cache. Owned by one thread. The hash is seeded, so nobody outside can aim addresses at one place; probing is linear
 * and does not wrap (the array has a tail), so a walk from the last slot to the first may delete as it goes and still see
 * every host once.
 *
 * <p>A slot is the key (two longs), a state of the owner's making (0 while free) and three words of {@link Light} counters.
 */
final class HostTable {
    static final int ABSENT = -1;

    /** Word of a slot with light packets; bytes and flows follow. */
    static final int PACKETS = 3;

    static final int BYTES = 4;
    static final int FLOWS = 5;

    private static final int SLOT = 6;
    private static final int TAIL = 128;
    private static final int SMALLEST = 1024;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private long[] slots = new long[(SMALLEST + TAIL) * SLOT];
    private int mask = SMALLEST - 1;
    private int size;

    int size() {
        return size;
    }

    /** Slots there are, used or not: the range of a walk. */
    int capacity() {
        return mask + 1 + TAIL;
    }

    long high(int slot) {
        return slots[slot * SLOT];
    }

    long low(int slot) {
        return slots[slot * SLOT + 1];
    }

    /** State of the host; 0 means the slot is free. */
    long state(int slot) {
        return slots[slot * SLOT + 2];
    }

    void state(int slot, long state) {
        slots[slot * SLOT + 2] = state;
    }

    /** One of the words {@link #PACKETS}, {@link #BYTES} and {@link #FLOWS}. */
    long word(int slot, int word) {
        return slots[slot * SLOT + word];
    }

    void word(int slot, int word, long value) {
        slots[slot * SLOT + word] = value;
    }

    /** The slot of a host, or {@link #ABSENT}. */
    int find(long high, long low) {
        var local = slots;
        for (var at = home(high, low) * SLOT; ; at += SLOT) {
            if (local[at + 1] == low && local[at] == high && local[at + 2] != 0) {
                return at / SLOT;
            }
            if (local[at + 2] == 0) {
                return ABSENT;
            }
        }
    }

    /** A slot for a host that is not in the table, with {@code state}, which is not 0. Grows the table when needed. */
    int insert(long high, long low, long state) {
        if (size >= (mask + 1) / 8 * 5) {
            grow();
        }
        while (true) {
            var slot = freeFrom(home(high, low));
            // The last slot stays free: it ends every probe.
            if (slot < capacity() - 1) {
                var at = slot * SLOT;
                slots[at] = high;
                slots[at + 1] = low;
                slots[at + 2] = state;
                slots[at + PACKETS] = 0;
                slots[at + BYTES] = 0;
                slots[at + FLOWS] = 0;
                size++;
                return slot;
            }
            grow();
        }
    }

    /** Frees a slot and closes the gap with hosts from behind it, which a descending walk has seen already. */
    void remove(int slot) {
        var gap = slot;
        for (var next = slot + 1; state(next) != 0; next++) {
            if (home(high(next), low(next)) <= gap) {
                System.arraycopy(slots, next * SLOT, slots, gap * SLOT, SLOT);
                gap = next;
            }
        }
        slots[gap * SLOT + 2] = 0;
        size--;
    }

    /** Where a search for a host begins. */
    int home(long high, long low) {
        var hash = (high ^ seed) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ hash >>> 32 ^ low) * 0xD6E8FEB86659FD93L;
        hash ^= hash >>> 32;
        return (int) (hash * 0xD6E8FEB86659FD93L >>> 32) & mask;
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
            if (old[at + 2] != 0) {
                var slot = insert(old[at], old[at + 1], old[at + 2]);
                System.arraycopy(old, at + PACKETS, slots, slot * SLOT + PACKETS, SLOT - PACKETS);
            }
        }
    }
}
