package dev.portcullis.dataplane.firewall.scan.seed;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds seed phrases: 12, 15, 18, 21 or 24 words of one list in a row whose checksum is right (BIP-39). Looks at one word
 * in every {@value #STRIDE} bytes, fewer than the shortest phrase has, and around it only where a list has that word; so
 * text without phrases costs next to nothing.
 *
 * <p>Not a phrase: words in the order of their list, which are the list itself, a few words again and again, and Chinese characters without anything
 * between them unless they are exactly 21 or 24, since the lists hold the characters that most of any text is made of.
 */
public final class SeedPhraseWalk implements Rule.Walk {
    /** The name of the rule. */
    public static final String NAME = "bip39-seed-phrase";

    private static final int STRIDE = 32;
    static final int FEWEST = 12;
    static final int MOST = 24;

    /** Bytes behind a probe that belong to the phrase. */
    private static final int WITHIN = 16;

    private static final long ALL_WITHIN = (1L << WITHIN) - 1;

    /** Words looked at before a probe: those of every phrase around it, and some more to see how it begins. */
    private static final int BEFORE = MOST + 8;

    /** Words looked at behind a probe; the next probe is there. */
    private static final int BEHIND = 192;

    /** Fewest Chinese characters in a row, without anything between them, that count. */
    static final int FEWEST_TOUCHING = 21;

    /** Words in a row that a phrase with a few words that are written in another way has on one side of one of them. */
    private static final int IN_A_ROW = 3;

    /** Bits of entropy and checksum that a word stands for. */
    private static final int WORD_BITS = 11;

    /** A block of SHA-256 and what goes into it. */
    private static final long CHECK_COST = 32;

    private final WordLists lists = WordLists.get();

    private SeedPhraseWalk() {
        if (FEWEST * lists.shortestWord() + FEWEST - 1 < STRIDE - 1 + WITHIN) {
            throw new IllegalStateException("the word lists have words of " + lists.shortestWord() + " bytes");
        }
    }

    /** The rule that this walk decides. */
    public static Rule rule() {
        return new Rule(NAME, Severity.critical, false, List.of(), false, new SeedPhraseWalk(), "");
    }

    @Override
    public int shortest() {
        return FEWEST * lists.shortestWord();
    }

    @Override
    public boolean near(byte[] text, int at, int behind, int length) {
        var count = 0;
        var start = at;
        while (count < IN_A_ROW) {
            start = SeedWords.previous(text, start, length);
            if (start < 0) {
                break;
            }
            var end = SeedWords.end(text, start, length);
            // The word that holds the difference is none.
            if (end < at) {
                if (!lists.mayHold(text, start, end)) {
                    break;
                }
                count++;
            }
        }
        if (count == IN_A_ROW) {
            return true;
        }
        count = 0;
        // What holds the end of the difference is half a word.
        start = SeedWords.next(text, behind, length);
        start = start < 0 ? start : SeedWords.next(text, SeedWords.end(text, start, length), length);
        while (start >= 0 && count < IN_A_ROW) {
            var end = SeedWords.end(text, start, length);
            if (!lists.mayHold(text, start, end)) {
                return false;
            }
            count++;
            start = SeedWords.next(text, end, length);
        }
        return count == IN_A_ROW;
    }

    @Override
    public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
        var classes = new ByteClasses();
        classes.read(text, from, to, length);
        walk(text, from, to, length, classes, found);
    }

    @Override
    public void walk(byte[] text, int from, int to, int length, ByteClasses classes, Rule.Found found) {
        @Nullable Run run = null;
        var probe = from + STRIDE - 1;
        while (probe < length && probe - STRIDE < to) {
            var start = likely(text, probe, length, classes);
            var after = 0;
            if (start >= 0 && SeedWords.han(text, start) && !HanBlocks.spread(text, start, length)) {
                var block = HanBlocks.whole(text, start, length);
                if (block >= 0) {
                    run = run == null ? new Run() : run;
                    around(text, block, from, to, HanBlocks.end(text, block, length), run, true, found);
                }
            } else if (start >= 0) {
                if (enough(text, start, length, classes, found)) {
                    run = run == null ? new Run() : run;
                    after = around(text, start, from, to, length, run, false, found);
                }
            }
            probe = Math.max(probe + STRIDE, after);
        }
    }

    /**
     * Where a word starts that may be one of a phrase around {@code probe}; -1 where none is. Of every phrase one probe has
     * {@link #WITHIN} bytes of it behind it, for it is that long beyond the stride where its words have something between
     * them; so each word that starts within them is in a list.
     */
    private int likely(byte[] text, int probe, int length, ByteClasses classes) {
        if (probe + WITHIN > length || !SeedWords.seen(classes, probe, length)) {
            return SeedWords.around(text, probe, length);
        }
        var words = classes.from(ByteClasses.WORD, probe);
        var high = classes.from(ByteClasses.HIGH, probe);
        if ((high & ALL_WITHIN) != 0) {
            return SeedWords.around(text, probe, length);
        }
        var starts = words & ~(words << 1) & ALL_WITHIN - 1;
        if (starts == 0) {
            return SeedWords.around(text, probe, length);
        }
        var letters = words | high;
        // Most of any text has a word of one letter or of two within that, and no list has one.
        if ((starts & ~(letters >>> 1 & letters >>> 2)) != 0) {
            return -1;
        }
        var rest = starts;
        while (rest != 0) {
            var start = Long.numberOfTrailingZeros(rest);
            var end = start + Long.numberOfTrailingZeros(~(words >>> start));
            // Where it goes on above ASCII it is not known where it ends.
            if ((high >>> end & 1) == 0 && !lists.mayHold(text, probe + start, probe + end)) {
                return -1;
            }
            rest &= rest - 1;
        }
        return probe + Long.numberOfTrailingZeros(starts);
    }

    /** True where as many words as the shortest phrase has stand in a row around the one at {@code middle}, each maybe in a list. */
    private boolean enough(byte[] text, int middle, int length, ByteClasses classes, Rule.Found found) {
        var count = 0;
        var start = middle;
        while (start >= 0 && count < FEWEST) {
            var end = SeedWords.end(text, start, length, classes);
            if (!lists.mayHold(text, start, end)) {
                break;
            }
            count++;
            start = SeedWords.next(text, end, length, classes);
        }
        if (count == 0) {
            return false;
        }
        start = SeedWords.previous(text, middle, length, classes);
        while (start >= 0
                && count < FEWEST
                && lists.mayHold(text, start, SeedWords.end(text, start, length, classes))) {
            count++;
            start = SeedWords.previous(text, start, length, classes);
        }
        found.pay(8L * count);
        return count >= FEWEST;
    }

    /**
     * Judges the runs of list words around the one at {@code middle}; the index behind the longest.
     *
     * @param first true where nothing before {@code middle} belongs to them
     */
    private int around(
            byte[] text, int middle, int from, int to, int length, Run run, boolean first, Rule.Found found) {
        var slot = lists.find(text, middle, SeedWords.end(text, middle, length));
        if (slot < 0) {
            return 0;
        }
        var furthest = 0;
        for (var list = 0; list < WordLists.NAMES.size(); list++) {
            if (lists.index(slot, list) < 0) {
                continue;
            }
            var start = middle;
            for (var i = 0; i < BEFORE && !first; i++) {
                var before = SeedWords.previous(text, start, length);
                if (before < 0 || index(text, before, length, list) < 0) {
                    break;
                }
                start = before;
            }
            run.count = 0;
            while (start >= 0 && run.count < run.starts.length) {
                var index = index(text, start, length, list);
                if (index < 0) {
                    break;
                }
                var end = SeedWords.end(text, start, length);
                run.add(start, end, index);
                start = SeedWords.next(text, end, length);
            }
            found.pay(8L * run.count);
            if (run.count >= FEWEST) {
                judge(text, run, from, to, found);
                furthest = Math.max(furthest, run.ends[run.count - 1]);
            }
        }
        return furthest;
    }

    private int index(byte[] text, int start, int length, int list) {
        var slot = lists.find(text, start, SeedWords.end(text, start, length));
        return slot < 0 ? -1 : lists.index(slot, list);
    }

    private void judge(byte[] text, Run run, int from, int to, Rule.Found found) {
        for (var first = 0; first + FEWEST <= run.count; first++) {
            if (run.starts[first] < from || run.starts[first] >= to) {
                continue;
            }
            found.pay(MOST);
            var lengths = lengths(text, run, first);
            for (var words = MOST; words >= FEWEST; words -= 3) {
                if ((lengths >> words & 1) != 0) {
                    found.pay(CHECK_COST);
                    if (run.checksum(first, words)) {
                        found.at(run.starts[first], run.ends[first + words - 1]);
                        return;
                    }
                }
            }
        }
    }

    /** A bit for each number of words that a phrase has which from {@code first} on are no ordinary text. */
    private static int lengths(byte[] text, Run run, int first) {
        var apart = 0;
        for (var words = FEWEST; words <= Math.min(MOST, run.count - first); words += 3) {
            apart |= touches(text, run, first, words) ? 0 : 1 << words;
        }
        if (apart == 0) {
            return 0;
        }
        var ascending = true;
        var distinct = 0;
        var lengths = 0;
        for (var words = 1; words <= Math.min(MOST, run.count - first); words++) {
            var i = first + words - 1;
            distinct += run.same[i] < first ? 1 : 0;
            ascending &= words == 1 || run.indices[i] > run.indices[i - 1];
            if (!ascending && distinct * 3 >= words) {
                lengths |= apart & 1 << words;
            }
        }
        return lengths;
    }

    /** True where Han characters touch as they do in ordinary text. */
    private static boolean touches(byte[] text, Run run, int first, int words) {
        if (run.touching[first + words - 1] - run.touching[first] <= words / 4
                || !SeedWords.han(text, run.starts[first])) {
            return false;
        }
        var last = first + words - 1;
        var exact = (first == 0 || run.starts[first] != run.ends[first - 1])
                && (last == run.count - 1 || run.starts[last + 1] != run.ends[last]);
        return words < FEWEST_TOUCHING || !exact;
    }

    /** Words of one list in a row. */
    private static final class Run {
        private final int[] starts = new int[BEFORE + BEHIND + 1];
        private final int[] ends = new int[BEFORE + BEHIND + 1];
        private final int[] indices = new int[BEFORE + BEHIND + 1];

        /** For each word where it stood last among the {@link #MOST} before it, or -1. */
        private final int[] same = new int[BEFORE + BEHIND + 1];

        /** For each word how many up to it touch the one before them. */
        private final int[] touching = new int[BEFORE + BEHIND + 1];

        private final MessageDigest sha256 = sha256();
        private final byte[] hash = new byte[32];
        private final byte[] bits = new byte[MOST * WORD_BITS / Byte.SIZE + 1];
        private int count;

        void add(int start, int end, int index) {
            var before = count - 1;
            while (before >= 0 && count - before < MOST && indices[before] != index) {
                before--;
            }
            same[count] = before >= 0 && indices[before] == index ? before : -1;
            starts[count] = start;
            ends[count] = end;
            indices[count] = index;
            touching[count] = count == 0 ? 0 : touching[count - 1] + (start == ends[count - 1] ? 1 : 0);
            count++;
        }

        /** True where the bits behind the entropy are the first of its SHA-256. */
        boolean checksum(int first, int words) {
            var length = 0;
            var held = 0;
            var count = 0;
            for (var i = first; i < first + words; i++) {
                held = held << WORD_BITS | indices[i];
                count += WORD_BITS;
                while (count >= Byte.SIZE) {
                    count -= Byte.SIZE;
                    bits[length++] = (byte) (held >>> count);
                }
            }
            bits[length] = (byte) (held << Byte.SIZE - count);
            var entropy = words * 4 / 3;
            sha256.update(bits, 0, entropy);
            try {
                sha256.digest(hash, 0, hash.length);
            } catch (DigestException e) {
                throw new IllegalStateException("SHA-256 has " + hash.length + " bytes", e);
            }
            var mask = 0xff << 8 - words / 3 & 0xff;
            return (hash[0] & mask) == (bits[entropy] & mask);
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }
    }
}
