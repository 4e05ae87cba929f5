package dev.portcullis.dataplane.firewall.scan.view;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What names of one to eight bytes stand for, looked up by the name as one number. Immutable, any thread. */
final class PackedNames {
    /** There is no such name. */
    static final int NONE = -1;

    private static final long MIX = 0x9E3779B97F4A7C15L;

    /** Open hash table of names; 0 is an empty slot. */
    private final long[] names;

    private final int[] values;
    private final int shift;

    /** Holds {@code meanings}, of which none is {@link #NONE}. */
    PackedNames(Map<String, Integer> meanings) {
        var size = Integer.highestOneBit(meanings.size()) << 2;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(size);
        names = new long[size];
        values = new int[size];
        meanings.forEach((name, value) -> {
            var bytes = name.getBytes(StandardCharsets.US_ASCII);
            var slot = slot(packed(bytes, 0, bytes.length));
            names[slot] = packed(bytes, 0, bytes.length);
            values[slot] = value;
        });
    }

    /** What the name {@code packed} stands for, or {@link #NONE}. */
    int of(long packed) {
        var slot = slot(packed);
        return packed != 0 && names[slot] == packed ? values[slot] : NONE;
    }

    private int slot(long packed) {
        var slot = (int) (packed * MIX >>> shift);
        while (names[slot] != 0 && names[slot] != packed) {
            slot = slot + 1 & names.length - 1;
        }
        return slot;
    }

    /** {@code name[from, to)} as one number, the last byte lowest. */
    static long packed(byte[] name, int from, int to) {
        var packed = 0L;
        for (var i = from; i < to; i++) {
            packed = packed << 8 | name[i] & 0xff;
        }
        return packed;
    }
}
