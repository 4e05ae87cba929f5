package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;

/**
 * Open addressing from key to slot: 48 bytes a slot in flat arrays, so that a host without a ring costs one line or two
 * of cache. Owned by one thread. The hash is seeded, so nobody outside can aim addresses at one place.
 *
 * <p>There are {@value #SEGMENTS} tables, each of which grows alone, so that no record ever waits for a large copy. In each,
 * probing is linear and does not wrap (the array has a tail), so a walk from the last slot to the first may delete as it
 * goes and still see every host once.
 *
 * <p>A slot is the key (two longs), a state of the owner's making (0 while free) and three words, the {@link Light} counters
 * of most hosts. Its number stays what it is until a host of the same segment comes or goes.
 */
final class HostTable {
    static final int ABSENT = -1;

    /** Segments; one of a million hosts has some 16,000. */
    static final int SEGMENTS = 1 << 6;

    /** Word of a slot with half of the key; the other half and the state follow. */
    static final int HIGH = 0;

    static final int LOW = 1;
    static final int STATE = 2;

    /** Word of a slot with what {@link Light} counts in the present block; the block before and the bytes of both follow. */
    static final int PRESENT = 3;

    static final int BEFORE = 4;
    static final int BYTES = 5;

    /** Words of a slot. */
    static final int SLOT = 6;

    private static final int TAIL = 32;
    private static final int SMALLEST = 32;
    private static final int SEGMENT_BITS = 6;
    private static final int LOCAL_BITS = 25;
    private static final int LOCAL = (1 << LOCAL_BITS) - 1;

    // Bits of a hash that choose the place in a segment lie below those that choose the segment.
    private static final int SEGMENT_SHIFT = Long.SIZE - SEGMENT_BITS;
    private static final int HOME_SHIFT = SEGMENT_SHIFT - LOCAL_BITS;

    private final long seed;
    private final Slabs slabs;
    private final long[][] segments = new long[SEGMENTS][];

    /** Where in its array each segment begins. */
    private final int[] bases = new int[SEGMENTS];

    private final int[] masks = new int[SEGMENTS];
    private final int[] sizes = new int[SEGMENTS];
    private int size;

    /**
     * @param seed of the hash: nobody outside may know it, and tables with the same one agree on it
     * @param slabs where the memory comes from
     */
    HostTable(long seed, Slabs slabs) {
        this.seed = seed;
        this.slabs = slabs;
        Arrays.fill(masks, SMALLEST - 1);
        for (var segment = 0; segment < SEGMENTS; segment++) {
            place(segment);
        }
    }

    /** Gives a segment empty memory of the size it is to have. */
    private void place(int segment) {
        bases[segment] = slabs.take(slots(segment) * SLOT);
        segments[segment] = slabs.array();
    }

    int size() {
        return size;
    }

    /** How many hosts a segment has. */
    int size(int segment) {
        return sizes[segment];
    }

    /** The bytes of all slots, used or not. */
    long bytes() {
        var bytes = 0L;
        for (var segment = 0; segment < SEGMENTS; segment++) {
            bytes += (long) slots(segment) * SLOT * Long.BYTES;
        }
        return bytes;
    }

    /** The last slot of a segment, used or not; the others are the numbers below it, as many as {@link #slots} says. */
    int lastSlot(int segment) {
        return segment << LOCAL_BITS | slots(segment) - 1;
    }

    /** Slots of a segment, used or not. */
    int slots(int segment) {
        return masks[segment] + 1 + TAIL;
    }

    /** The array that holds a slot, for whoever reads several words of it. Valid as long as the slot's number is. */
    long[] array(int slot) {
        return segments[slot >>> LOCAL_BITS];
    }

    /** Where in {@link #array} a slot begins. */
    int start(int slot) {
        return bases[slot >>> LOCAL_BITS] + (slot & LOCAL) * SLOT;
    }

    long high(int slot) {
        return word(slot, HIGH);
    }

    long low(int slot) {
        return word(slot, LOW);
    }

    /** State of the host; 0 means the slot is free. */
    long state(int slot) {
        return word(slot, STATE);
    }

    void state(int slot, long state) {
        word(slot, STATE, state);
    }

    /** One of the words of a slot. */
    long word(int slot, int word) {
        return array(slot)[start(slot) + word];
    }

    void word(int slot, int word, long value) {
        array(slot)[start(slot) + word] = value;
    }

    /** What says where a host is, or would be. */
    long hash(long high, long low) {
        var hash = (high ^ seed) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ hash >>> 32 ^ low) * 0xD6E8FEB86659FD93L;
        hash ^= hash >>> 32;
        return hash * 0xD6E8FEB86659FD93L;
    }

    /**
     * Reads where a search begins, so that it is in the cache by then: reads that do not wait for one another take little
     * longer than one of them. The result means nothing but must be used, or the compiler leaves the reads out.
     */
    long touch(long hash) {
        var segment = segmentOf(hash);
        var at = bases[segment] + home(hash, segment) * SLOT;
        // A slot may lie across two lines of cache.
        return segments[segment][at] ^ segments[segment][at + SLOT - 1];
    }

    /** The array in which a search for a host takes place. */
    long[] segment(long hash) {
        return segments[segmentOf(hash)];
    }

    /** Where in {@link #segment} it begins. It ends at the first slot whose state is 0; there always is one. */
    int start(long hash) {
        var segment = segmentOf(hash);
        return bases[segment] + home(hash, segment) * SLOT;
    }

    /** The slot of a host, or {@link #ABSENT}. */
    int find(long high, long low) {
        var hash = hash(high, low);
        var segment = segmentOf(hash);
        var slots = segments[segment];
        for (var at = start(hash); slots[at + STATE] != 0; at += SLOT) {
            if (slots[at + LOW] == low && slots[at + HIGH] == high) {
                return segment << LOCAL_BITS | (at - bases[segment]) / SLOT;
            }
        }
        return ABSENT;
    }

    /** A slot for a host that is not in the table, with {@code state}, which is not 0. Its segment grows when needed. */
    int insert(long hash, long high, long low, long state) {
        var segment = segmentOf(hash);
        if (sizes[segment] >= (masks[segment] + 1) / 8 * 5) {
            grow(segment);
        }
        int slot;
        while ((slot = free(segment, home(hash, segment))) == ABSENT) {
            grow(segment);
        }
        var slots = segments[segment];
        var at = bases[segment] + slot * SLOT;
        slots[at + HIGH] = high;
        slots[at + LOW] = low;
        slots[at + STATE] = state;
        slots[at + PRESENT] = 0;
        slots[at + BEFORE] = 0;
        slots[at + BYTES] = 0;
        sizes[segment]++;
        size++;
        return segment << LOCAL_BITS | slot;
    }

    /** Frees a slot and closes the gap with hosts from behind it, which a descending walk has seen already. */
    void remove(int slot) {
        var segment = slot >>> LOCAL_BITS;
        var slots = segments[segment];
        var gap = start(slot);
        for (var next = gap + SLOT; slots[next + STATE] != 0; next += SLOT) {
            if (start(hash(slots[next + HIGH], slots[next + LOW])) <= gap) {
                System.arraycopy(slots, next, slots, gap, SLOT);
                gap = next;
            }
        }
        slots[gap + STATE] = 0;
        sizes[segment]--;
        size--;
    }

    /** The slot where a search for a host begins. */
    int home(long hash) {
        var segment = segmentOf(hash);
        return segment << LOCAL_BITS | home(hash, segment);
    }

    /** The slot after one; the first of the next segment after the last of one, in a circle. */
    int next(int slot) {
        var segment = slot >>> LOCAL_BITS;
        return slot == lastSlot(segment) ? (segment + 1) % SEGMENTS << LOCAL_BITS : slot + 1;
    }

    /** The segment that a host with this hash is in. */
    static int segmentOf(long hash) {
        return (int) (hash >>> SEGMENT_SHIFT);
    }

    private int home(long hash, int segment) {
        return (int) (hash >>> HOME_SHIFT) & masks[segment];
    }

    /** The first free place from one on, or {@link #ABSENT}: the last place stays free, it ends every probe. */
    private int free(int segment, int from) {
        var slots = segments[segment];
        var base = bases[segment];
        var last = slots(segment) - 1;
        for (var place = from; place < last; place++) {
            if (slots[base + place * SLOT + STATE] == 0) {
                return place;
            }
        }
        return ABSENT;
    }

    private void grow(int segment) {
        var old = segments[segment];
        var at = bases[segment];
        var end = at + slots(segment) * SLOT;
        masks[segment] = masks[segment] * 2 + 1;
        place(segment);
        for (; at < end; at += SLOT) {
            if (old[at + STATE] != 0) {
                int slot;
                while ((slot = free(segment, home(hash(old[at + HIGH], old[at + LOW]), segment))) == ABSENT) {
                    // Hardly ever: many hosts at the very end of the table. Those moved so far move once more.
                    grow(segment);
                }
                System.arraycopy(old, at, segments[segment], bases[segment] + slot * SLOT, SLOT);
            }
        }
    }
}
