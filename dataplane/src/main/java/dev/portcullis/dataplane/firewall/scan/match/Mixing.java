package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/**
 * Tells tokens, in which digits and letters, or cases, alternate, from words. Counts once what begins at the same place, so
 * that asking about every end of it costs no more than asking about the longest. Not thread-safe.
 */
final class Mixing {
    /** Share of a generated token's characters that are a digit beside a letter, or the other way round, at least. */
    private static final double LEAST_MIXED = 0.08;

    /** Share of changes of case, and of letters that words seldom have, in tokens that have few digits. */
    private static final double LEAST_CASES = 0.2;

    private static final double LEAST_RARE = 0.14;
    private static final ByteSet RARE = ByteSet.of("bjkqvwxyzBJKQVWXYZ");

    private static final int SHORTEST = 128;

    private int begin = -1;
    private int counted;
    /** At twice the distance from {@link #begin}: digits beside letters and changes of case (16 bits each); rare letters. */
    private int[] sums = {};

    /** Forgets what was counted: the bytes change. */
    void forget() {
        begin = -1;
    }

    /** True where {@code [from, to)}, shorter than 65,536 bytes, is mixed as generated tokens are. */
    boolean mixed(byte[] bytes, int from, int to) {
        if (begin != from) {
            begin = from;
            counted = 0;
        }
        if (to - from > counted) {
            count(bytes, from, to - from);
        }
        var length = to - from;
        var last = 2 * (length - 1);
        if (last < 0) {
            return false;
        }
        var digits = sums[last] >>> 16;
        var cases = sums[last] & 0xffff;
        var rare = sums[last + 1];
        return digits > length * LEAST_MIXED || (cases > length * LEAST_CASES && rare > length * LEAST_RARE);
    }

    private void count(byte[] bytes, int from, int length) {
        if (sums.length < 2 * length) {
            sums = Arrays.copyOf(sums, Math.max(2 * SHORTEST, 4 * length));
        }
        var i = Math.max(counted, 1);
        if (counted == 0) {
            sums[0] = 0;
            sums[1] = 0;
        }
        for (; i < length; i++) {
            var kind = kind(bytes[from + i]);
            var before = kind(bytes[from + i - 1]);
            var changes = kind == before ? 0 : kind == 0 || before == 0 ? 0x10001 : 1;
            sums[2 * i] = sums[2 * i - 2] + changes;
            sums[2 * i + 1] = sums[2 * i - 1] + (RARE.has(bytes[from + i]) ? 1 : 0);
        }
        counted = length;
    }

    private static int kind(byte b) {
        return b >= '0' && b <= '9' ? 0 : b >= 'A' && b <= 'Z' ? 1 : 2;
    }
}
