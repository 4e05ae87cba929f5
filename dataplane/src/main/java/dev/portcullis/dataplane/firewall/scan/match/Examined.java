package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/**
 * Parts of a text that decided whether a rule matches. Where one of them reads otherwise once escapes are resolved, the rule
 * is asked again; what lies outside of all of them was answered for good. Not thread-safe.
 */
final class Examined {
    /** Bytes that share one answer; a power of two. */
    private static final int GRANULE_BITS = 6;

    private static final int GRANULE = 1 << GRANULE_BITS;

    private int[] first = new int[0];
    private int[] last = new int[0];
    private int length;

    /** Forgets everything, for a text of {@code bytes} bytes. */
    void clear(int bytes) {
        var granules = (bytes >>> GRANULE_BITS) + 1;
        if (first.length < granules) {
            first = new int[granules];
            last = new int[granules];
        }
        Arrays.fill(first, 0, granules, Integer.MAX_VALUE);
        Arrays.fill(last, 0, granules, 0);
        length = bytes;
    }

    /** Notes that a rule looked at {@code [from, to)} of the text and no further. */
    void add(int from, int to) {
        var start = Math.max(0, from);
        var end = Math.min(length, to);
        for (var at = start & -GRANULE; at < end; at += GRANULE) {
            var granule = at >>> GRANULE_BITS;
            first[granule] = Math.min(first[granule], start);
            last[granule] = Math.max(last[granule], end);
        }
    }

    /** The first byte of all that was looked at together with something in {@code [at, behind)}; {@link Integer#MAX_VALUE} for nothing. */
    int from(int at, int behind) {
        var from = Integer.MAX_VALUE;
        for (var granule = at >>> GRANULE_BITS; granule <= behind - 1 >>> GRANULE_BITS; granule++) {
            from = Math.min(from, first[granule]);
        }
        return from;
    }

    /** The end of all that was looked at together with something in {@code [at, behind)}; 0 for nothing. */
    int to(int at, int behind) {
        var to = 0;
        for (var granule = at >>> GRANULE_BITS; granule <= behind - 1 >>> GRANULE_BITS; granule++) {
            to = Math.max(to, last[granule]);
        }
        return to;
    }
}
