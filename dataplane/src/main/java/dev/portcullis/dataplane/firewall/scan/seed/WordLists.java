package dev.portcullis.dataplane.firewall.scan.seed;

import dev.portcullis.dataplane.firewall.scan.view.Fold;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;

/**
 * The ten word lists of BIP-39 in one table. Words are known composed, decomposed and with accents taken off; ASCII case
 * does not matter. Immutable, any thread; a look-up allocates nothing.
 */
final class WordLists {
    /** Words of a list. */
    static final int WORDS = 2048;

    static final List<String> NAMES = List.of(
            "english",
            "japanese",
            "korean",
            "spanish",
            "chinese_simplified",
            "chinese_traditional",
            "french",
            "italian",
            "czech",
            "portuguese");

    /** Slots of the table; a power of two, less than a third in use. */
    private static final int SLOTS = 1 << 17;

    private static final int FILTER_BITS = 18;
    private static final int GRAM = 4;
    private static final int FOLD = 0x20202020;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** A bit for each first four bytes and length that a word has, so that most words of a text cost one look. */
    private final long[] filter = new long[1 << FILTER_BITS - 6];

    private final byte[][] words = new byte[SLOTS][];
    private final short[][] indices = new short[SLOTS][];

    private int shortestWord = Integer.MAX_VALUE;

    private WordLists() {
        for (var list = 0; list < NAMES.size(); list++) {
            var lines = read(NAMES.get(list));
            for (var i = 0; i < WORDS; i++) {
                var word = lines.get(i);
                add(Normalizer.normalize(word, Normalizer.Form.NFC), list, i);
                add(Normalizer.normalize(word, Normalizer.Form.NFD), list, i);
                add(folded(word), list, i);
            }
        }
    }

    private static final class Holder {
        static final WordLists LISTS = new WordLists();
    }

    /** The lists, read on the first call. */
    static WordLists get() {
        return Holder.LISTS;
    }

    /** False where no list has the word {@code text[from, to)}, which is quick to say. */
    boolean mayHold(byte[] text, int from, int to) {
        var bit = filterBit(text, from, to);
        return (filter[bit >>> 6] >>> bit & 1) != 0;
    }

    /** The slot of the word {@code text[from, to)}, or -1 where no list has it. */
    int find(byte[] text, int from, int to) {
        if (!mayHold(text, from, to)) {
            return -1;
        }
        var slot = hash(text, from, to) & SLOTS - 1;
        while (words[slot] != null) {
            if (same(words[slot], text, from, to)) {
                return slot;
            }
            slot = slot + 1 & SLOTS - 1;
        }
        return -1;
    }

    /** The index in {@code list} of the word in {@code slot}, or -1 where the list does not have it. */
    int index(int slot, int list) {
        return indices[slot][list];
    }

    /** Bytes of the shortest word of any list. */
    int shortestWord() {
        return shortestWord;
    }

    private void add(String word, int list, int index) {
        var bytes = word.getBytes(StandardCharsets.UTF_8);
        var bit = filterBit(bytes, 0, bytes.length);
        filter[bit >>> 6] |= 1L << bit;
        shortestWord = Math.min(shortestWord, bytes.length);
        var slot = find(bytes, 0, bytes.length);
        if (slot < 0) {
            slot = hash(bytes, 0, bytes.length) & SLOTS - 1;
            while (words[slot] != null) {
                slot = slot + 1 & SLOTS - 1;
            }
            words[slot] = bytes;
            indices[slot] = new short[NAMES.size()];
            Arrays.fill(indices[slot], (short) -1);
        }
        if (indices[slot][list] < 0) {
            indices[slot][list] = (short) index;
        }
    }

    /** {@code word} as the scan's reading of the text has it. */
    private static String folded(String word) {
        var out = new StringBuilder();
        word.codePoints().forEach(c -> {
            var to = c < 0x80 ? c : Fold.of(c);
            if (to != Fold.DROP) {
                out.appendCodePoint(to == Fold.KEEP ? c : to);
            }
        });
        return out.toString();
    }

    private static List<String> read(String name) {
        try (var in = WordLists.class.getResourceAsStream(name + ".txt")) {
            if (in == null) {
                throw new IllegalStateException("the jar has no word list " + name);
            }
            var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (lines.size() != WORDS) {
                throw new IllegalStateException("the word list " + name + " has " + lines.size() + " words");
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean same(byte[] word, byte[] text, int from, int to) {
        if (word.length != to - from) {
            return false;
        }
        for (var i = 0; i < word.length; i++) {
            if (word[i] != lower(text[from + i])) {
                return false;
            }
        }
        return true;
    }

    private static int filterBit(byte[] text, int from, int to) {
        var length = to - from;
        if (from + GRAM <= text.length) {
            return filterBit((int) INT.get(text, from), length);
        }
        var gram = 0;
        for (var i = to - 1; i >= from; i--) {
            gram = gram << 8 | text[i] & 0xff;
        }
        return filterBit(gram, length);
    }

    /** The bit of a word of {@code length} bytes of which {@code gram} has the first four, whatever is behind a shorter one. */
    private static int filterBit(int gram, int length) {
        // Without a branch: how long words are is what a processor guesses worst.
        var word = (gram | FOLD) & (int) ((1L << Byte.SIZE * Math.min(length, GRAM)) - 1);
        return (word ^ length * 0x85EBCA6B) * 0x9E3779B1 >>> 32 - FILTER_BITS;
    }

    private static int hash(byte[] text, int from, int to) {
        var hash = 0x811c9dc5;
        for (var i = from; i < to; i++) {
            hash = (hash ^ lower(text[i])) * 0x01000193;
        }
        return hash ^ hash >>> 15;
    }

    private static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }
}
