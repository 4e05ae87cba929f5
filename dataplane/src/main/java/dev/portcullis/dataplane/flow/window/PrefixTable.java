package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.IpBits;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Longest-prefix match at a cost that does not depend on how many prefixes there are: one trie a family, a root of
 * 2^16 entries and then nodes of 16 entries (four bits a step), at most 5 reads for IPv4 and 29 for IPv6. Entries are
 * pushed down to the leaves when the table is built, so a lookup never goes back up. Immutable, any thread may read.
 */
public final class PrefixTable {
    /** Nothing matches. */
    public static final int NONE = -1;

    private static final int ROOT_BITS = 16;
    private static final int ROOT = 1 << ROOT_BITS;
    private static final int STEP = 4;
    private static final int NODE = 1 << STEP;

    // An entry above 0 is a value plus 1, 0 is no match, below 0 is minus the start of a node.
    private final int[] v4;
    private final int[] v6;

    /** A prefix and what a lookup of an address in it gives, 0 or more. */
    public record Entry(Cidr prefix, int value) {}

    private PrefixTable(int[] v4, int[] v6) {
        this.v4 = v4;
        this.v6 = v6;
    }

    /** The table of {@code entries}; of two equal prefixes the later one counts. */
    public static PrefixTable of(List<Entry> entries) {
        var sorted = entries.stream()
                .sorted(Comparator.comparingInt(entry -> entry.prefix().length()))
                .toList();
        var v4 = new Builder();
        var v6 = new Builder();
        for (var entry : sorted) {
            var prefix = entry.prefix();
            if (prefix.v4()) {
                v4.add(prefix.low() << 32, 0, prefix.length() - 96, entry.value());
            } else {
                v6.add(prefix.high(), prefix.low(), prefix.length(), entry.value());
            }
        }
        return new PrefixTable(v4.build(), v6.build());
    }

    /** The value of the longest prefix that holds the address, or {@link #NONE}. */
    public int lookup(long high, long low) {
        return IpBits.isV4(high, low) ? find(v4, low << 32, 0) : find(v6, high, low);
    }

    /** False where no prefix holds the address, found out in one read; true says nothing. */
    boolean mayHold(long high, long low) {
        var v4Address = IpBits.isV4(high, low);
        var entries = v4Address ? v4 : v6;
        return entries.length != 0 && entries[(int) ((v4Address ? low << 32 : high) >>> 64 - ROOT_BITS)] != 0;
    }

    private static int find(int[] entries, long high, long low) {
        if (entries.length == 0) {
            return NONE;
        }
        var entry = entries[(int) (high >>> 64 - ROOT_BITS)];
        for (var bit = ROOT_BITS; entry < 0; bit += STEP) {
            entry = entries[-entry + nibble(high, low, bit)];
        }
        return entry - 1;
    }

    private static int nibble(long high, long low, int bit) {
        return (int) (bit < 64 ? high >>> 60 - bit : low >>> 124 - bit) & NODE - 1;
    }

    /** Takes prefixes from the shortest to the longest. */
    private static final class Builder {
        private int[] entries = {};
        private int used;

        void add(long high, long low, int length, int value) {
            if (used == 0) {
                entries = new int[ROOT];
                used = ROOT;
            }
            var root = (int) (high >>> 64 - ROOT_BITS);
            if (length <= ROOT_BITS) {
                Arrays.fill(entries, root, root + (1 << ROOT_BITS - length), value + 1);
                return;
            }
            var at = root;
            var bit = ROOT_BITS;
            while (true) {
                var node = node(at);
                at = node + nibble(high, low, bit);
                bit += STEP;
                if (length <= bit) {
                    Arrays.fill(entries, at, at + (1 << bit - length), value + 1);
                    return;
                }
            }
        }

        private int node(int at) {
            if (entries[at] < 0) {
                return -entries[at];
            }
            if (used + NODE > entries.length) {
                entries = Arrays.copyOf(entries, entries.length + Math.max(NODE, entries.length / 2));
            }
            var node = used;
            used += NODE;
            Arrays.fill(entries, node, used, entries[at]);
            entries[at] = -node;
            return node;
        }

        int[] build() {
            return Arrays.copyOf(entries, used);
        }
    }
}
