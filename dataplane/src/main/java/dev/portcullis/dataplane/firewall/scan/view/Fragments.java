package dev.portcullis.dataplane.firewall.scan.view;

import java.util.Arrays;

/**
 * Pieces of a text put in a row: what a receiver has who takes values out of their syntax and appends them to each
 * other. Reusable; not thread-safe.
 */
public final class Fragments {
    /** Of a value longer than this, or with white space in it, only what could continue in a neighbour is taken. */
    private static final int WHOLE = 128;

    private static final int SMALLEST = 256;

    private byte[] out = new byte[0];
    private int[] map = new int[0];
    private int length;

    /** Where each piece starts that does not go on where the one before it ended. */
    private int[] starts = new int[SMALLEST / Integer.BYTES];

    private int count;

    /** Forgets everything. */
    public void clear() {
        length = 0;
        count = 0;
    }

    /** Appends {@code in[from, to)}. */
    public void add(byte[] in, int from, int to) {
        var added = to - from;
        if (added <= 0) {
            return;
        }
        if (length + added > out.length) {
            var size = Math.max(Math.max(SMALLEST, out.length * 2), length + added);
            out = Arrays.copyOf(out, size);
            map = Arrays.copyOf(map, size);
        }
        if (length == 0 || map[length - 1] != from - 1) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
            }
            starts[count++] = length;
        }
        System.arraycopy(in, from, out, length, added);
        for (var i = 0; i < added; i++) {
            map[length + i] = from + i;
        }
        length += added;
    }

    /** Appends the value {@code in[from, to)}, or of a long one its first and last word. */
    public void addValue(byte[] in, int from, int to) {
        var first = from;
        while (first < to && first - from < WHOLE && (in[first] & 0xff) > ' ') {
            first++;
        }
        add(in, from, first);
        if (first < to) {
            var last = to;
            while (last > first && to - last < WHOLE && (in[last - 1] & 0xff) > ' ') {
                last--;
            }
            add(in, last, to);
        }
    }

    /** The pieces; only the first {@link #length()} bytes count, and only until the next change. */
    public byte[] bytes() {
        return out;
    }

    /** For each byte its index in what was added. */
    public int[] map() {
        return map;
    }

    /** Bytes of all pieces. */
    public int length() {
        return length;
    }

    /** How many pieces there are; what was taken from one place after the other is one. */
    public int count() {
        return count;
    }

    /** The index at which piece {@code piece} starts; {@link #length()} behind the last. */
    public int start(int piece) {
        return piece < count ? starts[piece] : length;
    }

    /** True where a piece starts at {@code index}. */
    public boolean startsAt(int index) {
        return index == 0 || index >= length || map[index] != map[index - 1] + 1;
    }
}
