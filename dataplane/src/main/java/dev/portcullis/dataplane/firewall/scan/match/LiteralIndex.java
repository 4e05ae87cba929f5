package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Lanes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Every literal of a rule set behind one filter. Each four bytes of the text, case aside, are hashed into a bit set of
 * what a literal may start with; only where the bit is set are the literals with that start compared. Unlike an
 * Aho-Corasick automaton no step waits for the step before it, so a processor works on several bytes at once. Immutable,
 * any thread.
 */
final class LiteralIndex {
    /** Told of each occurrence, in order of its start. */
    interface Hits {
        /** Literal number {@code literal} stands at {@code start}, and a match may begin there as far as is known. */
        void hit(int literal, int start);
    }

    /** Which bytes may follow a literal shorter than four bytes in a match; the filter is as sharp as this says. */
    @FunctionalInterface
    interface Following {
        /** True where a match of literal number {@code literal} may begin with the literal and then {@code next}. */
        boolean possible(int literal, byte[] next);
    }

    private static final int GRAM = 4;
    /** Starts of four bytes in eight. */
    private static final int STARTS = 5;

    private static final int FOLD = 0x20202020;
    private static final int HASH = 0x9E3779B1;
    private static final int FILTER_BITS = 17;
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int VAIN_BITS = 11;
    /** Starts of four bytes that a shorter literal may stand for; more would blunt the filter for all. */
    private static final int MOST_STARTS = 2_048;

    private static final int[] NONE = {};
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] filter = new long[1 << (FILTER_BITS - 6)];

    /**
     * Open hash table from four bytes to the literals that start so: below the four bytes, above a bit for each value
     * that the low five bits of the next byte have in one of them. 0 is an empty slot.
     */
    private final long[] table;

    private final int[][] starting;
    /** For each byte the literals shorter than four bytes that may begin with it: they are asked for at the text's end. */
    private final int[][] shorts;

    private final byte[][] literals;
    private final boolean[] exact;
    /** The first seven bytes of each literal whatever its case, and where it has them. */
    private final long[] heads;

    private final long[] masks;

    /** What else must stand where a literal does; null for nothing. */
    private final @Nullable SecondWords[] starts;

    /**
     * Eight bytes that the filter let through in vain, the first before the place in question. Text repeats itself, and
     * rules begin with words as common as "the": most such places are told by one look here. Threads may overwrite each
     * other's.
     */
    private final long[] vain = new long[1 << VAIN_BITS];

    private LiteralIndex(List<byte[]> words, boolean[] exact, Following following, @Nullable SecondWords[] starts) {
        this.exact = exact;
        this.starts = starts;
        // Eight bytes are only ever looked for in the slot that they hash to, so neither this nor 0 elsewhere is found.
        vain[0] = 1;
        literals = new byte[words.size()][];
        heads = new long[words.size()];
        masks = new long[words.size()];
        var grams = new HashMap<Integer, List<Integer>>();
        var shorter = new ArrayList<Integer>();
        for (var n = 0; n < literals.length; n++) {
            literals[n] = exact[n] ? words.get(n) : lower(words.get(n));
            var eight = Arrays.copyOf(literals[n], Long.BYTES);
            heads[n] = (long) LONG.get(eight, 0) | Lanes.FOLD;
            masks[n] = -1L >>> Long.SIZE - Byte.SIZE * Math.min(Long.BYTES - 1, literals[n].length);
            if (literals[n].length < GRAM) {
                shorter.add(n);
                var extended = new TreeSet<Integer>();
                extend(n, literals[n], extended, following);
                for (var gram : extended) {
                    grams.computeIfAbsent(gram, key -> new ArrayList<>(2)).add(n);
                }
            } else {
                grams.computeIfAbsent(gram(literals[n], 0), key -> new ArrayList<>(2))
                        .add(n);
            }
        }
        shorts = byFirstByte(shorter);
        table = new long[Integer.highestOneBit(Math.max(8, grams.size() * 2)) << 1];
        starting = new int[table.length][];
        Arrays.fill(starting, NONE);
        for (var entry : grams.entrySet()) {
            var gram = entry.getKey();
            var hash = hash(gram);
            filter[hash >>> 6] |= 1L << hash;
            var fifth = 0L;
            for (var literal : entry.getValue()) {
                fifth |= literals[literal].length > GRAM ? 1L << (literals[literal][GRAM] & 31) : 0xFFFFFFFFL;
            }
            var slot = slot(gram);
            table[slot] = fifth << 32 | gram & 0xFFFFFFFFL;
            starting[slot] = ints(entry.getValue());
        }
    }

    /**
     * Indexes {@code words}.
     *
     * @param exact for each word whether its case matters
     * @param starts for each word what else must stand there for it to be told; null for nothing
     */
    static LiteralIndex of(List<byte[]> words, boolean[] exact, Following following, @Nullable SecondWords[] starts) {
        return new LiteralIndex(words, exact, following, starts);
    }

    /** Adds the four-byte starts of a match of a shorter literal. */
    private static void extend(int n, byte[] start, Set<Integer> grams, Following following) {
        if (start.length == GRAM) {
            grams.add(gram(start, 0));
            if (grams.size() > MOST_STARTS) {
                throw new IllegalArgumentException("the literal '" + new String(start, 0, 2, StandardCharsets.US_ASCII)
                        + "' may begin in too many ways: write one of three bytes or more");
            }
            return;
        }
        var longer = Arrays.copyOf(start, start.length + 1);
        for (var b = 0; b < 256; b++) {
            longer[start.length] = (byte) b;
            if (following.possible(n, longer)) {
                extend(n, longer, grams, following);
            }
        }
    }

    /** Bytes of literal number {@code literal}. */
    int length(int literal) {
        return literals[literal].length;
    }

    private static int gram(byte[] text, int at) {
        return (int) INT.get(text, at) | FOLD;
    }

    private int slot(int gram) {
        var mask = table.length - 1;
        var slot = (gram * HASH) >>> 16 & mask;
        while (table[slot] != 0 && (int) table[slot] != gram) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Reports every literal that starts in {@code [from, to)} and lies wholly in {@code [0, length)}. */
    void scan(byte[] text, int from, int to, int length, Hits hits) {
        var last = Math.min(to, length - GRAM + 1);
        var lastFive = Math.min(last - STARTS, length - Long.BYTES);
        var i = likely(text, from, lastFive);
        while (i <= lastFive) {
            five(text, i, length, hits);
            i = likely(text, i + STARTS, lastFive);
        }
        for (; i < last; i++) {
            var gram = gram(text, i);
            if (set(gram) != 0) {
                compare(text, i, gram, length, hits);
            }
        }
        for (i = Math.max(from, last); i < to; i++) {
            for (var literal : shorts[text[i] & 0xff]) {
                if (stands(literal, text, i, length)) {
                    hits.hit(literal, i);
                }
            }
        }
    }

    /** True where surely no literal lies in {@code text[0, length)}, nor the start of one. */
    boolean none(byte[] text, int length) {
        var last = length - GRAM + 1;
        var lastFive = Math.min(last - STARTS, length - Long.BYTES);
        var i = likely(text, 0, lastFive);
        if (i <= lastFive) {
            return false;
        }
        for (; i < last; i++) {
            if (set(gram(text, i)) != 0) {
                return false;
            }
        }
        for (i = Math.max(0, last); i < length; i++) {
            for (var literal : shorts[text[i] & 0xff]) {
                if (stands(literal, text, i, length)) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * The first of {@code from}, {@code from} + 5 and so on up to {@code last} at or up to four bytes behind which a literal
     * may start; more than {@code last} where there is none. Calls nothing, so that it stays one tight loop.
     */
    private int likely(byte[] text, int from, int last) {
        var bits = filter;
        var mask = bits.length - 1;
        var i = from;
        for (; i <= last; i += STARTS) {
            // Eight bytes hold five starts of four bytes. The mask spares the check of the index.
            var eight = (long) LONG.get(text, i) | Lanes.FOLD;
            var h0 = hash((int) eight);
            var h1 = hash((int) (eight >>> 8));
            var h2 = hash((int) (eight >>> 16));
            var h3 = hash((int) (eight >>> 24));
            var h4 = hash((int) (eight >>> 32));
            var set = (bits[h0 >>> 6 & mask] >>> h0
                            | bits[h1 >>> 6 & mask] >>> h1
                            | bits[h2 >>> 6 & mask] >>> h2
                            | bits[h3 >>> 6 & mask] >>> h3
                            | bits[h4 >>> 6 & mask] >>> h4)
                    & 1;
            if (set != 0) {
                break;
            }
        }
        return i;
    }

    private void five(byte[] text, int at, int length, Hits hits) {
        var eight = (long) LONG.get(text, at) | Lanes.FOLD;
        var marked = set((int) eight)
                | set((int) (eight >>> 8)) << 1
                | set((int) (eight >>> 16)) << 2
                | set((int) (eight >>> 24)) << 3
                | set((int) (eight >>> 32)) << 4;
        while (marked != 0) {
            var k = Integer.numberOfTrailingZeros(marked);
            compare(text, at + k, (int) (eight >>> Byte.SIZE * k), length, hits);
            marked &= marked - 1;
        }
    }

    /** 1 where a literal may start with {@code gram}, else 0. */
    private int set(int gram) {
        var hash = hash(gram);
        return (int) (filter[hash >>> 6] >>> hash) & 1;
    }

    private static int hash(int gram) {
        return gram * HASH >>> 32 - FILTER_BITS;
    }

    /** Compares the literals that start with the four bytes {@code gram} at {@code at}, which the filter knows. */
    private void compare(byte[] text, int at, int gram, int length, Hits hits) {
        if (at == 0 || at + Long.BYTES > length) {
            compare(text, at, gram, length, hits, false);
            return;
        }
        var around = (long) LONG.get(text, at - 1);
        var known = (int) (around * MIX >>> Long.SIZE - VAIN_BITS);
        if ((long) LONGS.getOpaque(vain, known) != around && compare(text, at, gram, length, hits, true)) {
            LONGS.setOpaque(vain, known, around);
        }
    }

    /** True where nothing stands here, as the byte before {@code at} and the seven bytes from there on show. */
    private boolean compare(byte[] text, int at, int gram, int length, Hits hits, boolean whole) {
        var slot = slot(gram);
        var entry = table[slot];
        if (entry == 0 || at + GRAM < length && (entry >>> 32 >>> (text[at + GRAM] & 31) & 1) == 0) {
            return whole;
        }
        var eight = whole ? (long) LONG.get(text, at) | Lanes.FOLD : 0;
        var sure = whole;
        for (var literal : starting[slot]) {
            if (whole && ((eight ^ heads[literal]) & masks[literal]) != 0) {
                continue;
            }
            if (!stands(literal, text, at, length)) {
                sure &= literals[literal].length < Long.BYTES;
                continue;
            }
            var start = starts[literal];
            var may = start == null ? SecondWords.POSSIBLE : start.at(text, at, length);
            if (may == SecondWords.POSSIBLE) {
                hits.hit(literal, at);
            }
            sure &= may == SecondWords.NEVER;
        }
        return sure;
    }

    private int[][] byFirstByte(List<Integer> shorter) {
        var buckets = new int[256][];
        for (var b = 0; b < buckets.length; b++) {
            var first = (byte) b;
            buckets[b] = shorter.stream()
                    .mapToInt(Integer::intValue)
                    .filter(n -> literals[n][0] == (exact[n] ? first : fold(first)))
                    .toArray();
        }
        return buckets;
    }

    private boolean stands(int literal, byte[] text, int at, int length) {
        var word = literals[literal];
        if (word.length > length - at) {
            return false;
        }
        if (exact[literal]) {
            for (var k = 0; k < word.length; k++) {
                if (text[at + k] != word[k]) {
                    return false;
                }
            }
        } else {
            for (var k = 0; k < word.length; k++) {
                if (fold(text[at + k]) != word[k]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Bytes of the filter and of the table behind it. */
    long tableBytes() {
        return 8L * (filter.length + vain.length) + 12L * table.length;
    }

    /** True where {@code word}, in lower case, stands at {@code at} in any case; the text must be that long. */
    static boolean standsAt(byte[] text, int at, byte[] word) {
        for (var i = 0; i < word.length; i++) {
            if (fold(text[at + i]) != word[i]) {
                return false;
            }
        }
        return true;
    }

    static byte fold(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    private static byte[] lower(byte[] word) {
        var folded = word.clone();
        for (var i = 0; i < folded.length; i++) {
            folded[i] = fold(folded[i]);
        }
        return folded;
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
