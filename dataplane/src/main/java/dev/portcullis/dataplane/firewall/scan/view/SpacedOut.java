package dev.portcullis.dataplane.firewall.scan.view;

/**
 * Text written in very short pieces with the same thing between them: {@code g h p _}, {@code 67:68:70}, {@code 0x67,
 * 0x68}. Reads it without what is between.
 */
public final class SpacedOut {
    private static final int PROBE = 32;
    private static final int LOOK = 16;

    /** Pieces in {@link #LOOK} bytes from which on text counts as spaced out. */
    private static final int DENSE = 4;

    private static final int LONGEST_PIECE = 3;
    private static final int LONGEST_GAP = 4;

    /** Pieces that a run has at least. */
    private static final int FEWEST = 8;

    private static final byte[] TOKEN = new byte[256];

    private static final int ALL = (1 << LOOK) - 1;
    private static final int ALL_BUT_LAST = (1 << LOOK - 1) - 1;

    /** Prefixes of hex digits in {@link #LOOK} bytes from which on text counts as spaced out. */
    private static final int PREFIXES = 2;

    static {
        for (var c = 0; c < 128; c++) {
            TOKEN[c] = (byte) (Character.isLetterOrDigit(c) || c == '_' || c == '-' ? 1 : 0);
        }
    }

    private SpacedOut() {}

    /** Told of each run. */
    @FunctionalInterface
    public interface Runs {
        /** {@code pieces} is what the run {@code [start, end)} says. */
        void run(int start, int end, Fragments pieces);
    }

    /**
     * Finds the runs that reach into {@code [from, to)} of {@code in[0, length)}.
     *
     * @param classes those of {@code in} from {@code from} to {@code to} and a little further
     * @param pieces holds each run while it is told of
     */
    public static void find(byte[] in, int from, int to, int length, ByteClasses classes, Fragments pieces, Runs runs) {
        var lowest = from;
        for (var probe = from; probe + LOOK <= length && probe < to; probe += PROBE) {
            if (!dense(in, probe, (int) classes.from(ByteClasses.TOKEN, probe) & ALL)) {
                continue;
            }
            var start = backward(in, probe, lowest);
            var end = forward(in, probe, length);
            if (end - start >= 2 * FEWEST && pieces(in, start, end) >= FEWEST) {
                read(in, start, end, pieces);
                // Pieces that are letters of escapes say nothing: blank lines in a JSON string are eight of them.
                if (pieces.length() >= FEWEST) {
                    runs.run(start, end, pieces);
                }
            }
            lowest = Math.max(lowest, end);
            probe = Math.max(probe, end - PROBE);
        }
    }

    /** True where a run may go on before or behind {@code in[at, behind)}. */
    public static boolean near(byte[] in, int at, int behind, int length) {
        return at >= LOOK && dense(in, at - LOOK) || behind + LOOK <= length && dense(in, behind);
    }

    /** True where {@code in[at, at + LOOK)} is full of short pieces. */
    static boolean dense(byte[] in, int at) {
        var tokens = 0;
        for (var i = 0; i < LOOK; i++) {
            tokens |= TOKEN[in[at + i] & 0xff] << i;
        }
        return dense(in, at, tokens);
    }

    /** The same where {@code tokens} has a bit for each byte that is part of a token. */
    private static boolean dense(byte[] in, int at, int tokens) {
        // Pieces that end within the look, and those of them that are two bytes long.
        var pieces = Integer.bitCount(tokens & ~(tokens >>> 1) & ALL_BUT_LAST);
        var low = Lanes.of(in, at);
        var high = Lanes.of(in, at + Long.BYTES);
        var prefixes = Long.bitCount(Lanes.exactly(low, 'x')) + Long.bitCount(Lanes.exactly(high, 'x'));
        // Few looks come further, whatever the text is: a processor guesses that.
        if (pieces < DENSE & prefixes < PREFIXES) {
            return false;
        }
        var pairs = tokens & tokens >>> 1 & ~(tokens >>> 2) & ~(tokens << 1) & ALL_BUT_LAST >>> 1;
        return prefixes >= PREFIXES
                || Lanes.atLeast(low, 'A') != 0
                || Lanes.atLeast(high, 'A') != 0
                || Integer.bitCount(pairs) >= DENSE - 1;
    }

    private static int longest(byte[] in, int start, int end) {
        return start < end && in[start] == '0' && start + 1 < end && in[start + 1] == 'x'
                ? LONGEST_PIECE + 2
                : LONGEST_PIECE;
    }

    private static int forward(byte[] in, int at, int length) {
        var i = at;
        var end = at;
        while (i < length) {
            var start = i;
            while (i < length && TOKEN[in[i] & 0xff] != 0) {
                i++;
            }
            if (i - start > longest(in, start, i)) {
                return end;
            }
            end = i;
            while (i < length && i - end <= LONGEST_GAP && TOKEN[in[i] & 0xff] == 0) {
                i++;
            }
            if (i - end > LONGEST_GAP) {
                return end;
            }
        }
        return end;
    }

    private static int backward(byte[] in, int at, int lowest) {
        var start = at;
        var i = at;
        while (true) {
            var end = i;
            while (i > lowest && TOKEN[in[i - 1] & 0xff] != 0) {
                i--;
            }
            if (end - i > longest(in, i, end)) {
                return start;
            }
            start = i;
            var gap = i;
            while (i > lowest && gap - i <= LONGEST_GAP && TOKEN[in[i - 1] & 0xff] == 0) {
                i--;
            }
            if (i == gap || gap - i > LONGEST_GAP) {
                return start;
            }
        }
    }

    private static int pieces(byte[] in, int start, int end) {
        var pieces = 0;
        var before = 0;
        for (var i = start; i < end; i++) {
            var token = TOKEN[in[i] & 0xff];
            pieces += token & ~before;
            before = token;
        }
        return pieces;
    }

    /** Reads the pieces; what is between them beyond the run's shortest gap is part of them. */
    private static void read(byte[] in, int start, int end, Fragments out) {
        out.clear();
        var first = start;
        while (first < end && TOKEN[in[first] & 0xff] == 0) {
            first++;
        }
        var shortest = shortestGap(in, first, end);
        var gapLength = TOKEN.length;
        if (shortest >= 0) {
            gapLength = afterGap(in, shortest, end) - shortest;
        }
        var i = first;
        while (i < end) {
            var from = i;
            while (i < end && TOKEN[in[i] & 0xff] != 0) {
                i++;
            }
            out.add(
                    in,
                    i - from > 2 && in[from] == '0' && in[from + 1] == 'x'
                            ? from + 2
                            : Escapes.letter(in, from) ? from + 1 : from,
                    i);
            var gap = i;
            i = afterGap(in, gap, end);
            if (i - gap > gapLength) {
                extra(in, gap, i, shortest, gapLength, out);
            }
        }
    }

    /** Appends what the gap {@code [from, to)} holds beside the usual gap before and after it, without spaces. */
    private static void extra(byte[] in, int from, int to, int usual, int length, Fragments out) {
        var a = same(in, from, usual, length) ? from + length : from;
        var b = to - a > length && same(in, to - length, usual, length) ? to - length : to;
        for (var i = a; i < b; i++) {
            if (in[i] > ' ') {
                out.add(in, i, i + 1);
            }
        }
    }

    private static int shortestGap(byte[] in, int first, int end) {
        var shortest = -1;
        var length = Integer.MAX_VALUE;
        for (var i = first; i < end; i++) {
            if (TOKEN[in[i] & 0xff] == 0) {
                var after = afterGap(in, i, end);
                if (after - i < length && after < end) {
                    length = after - i;
                    shortest = i;
                }
                i = after;
            }
        }
        return shortest;
    }

    private static int afterGap(byte[] in, int at, int end) {
        var i = at;
        while (i < end && TOKEN[in[i] & 0xff] == 0) {
            i++;
        }
        return i;
    }

    private static boolean same(byte[] in, int a, int b, int length) {
        for (var i = 0; i < length; i++) {
            if (in[a + i] != in[b + i]) {
                return false;
            }
        }
        return true;
    }
}
