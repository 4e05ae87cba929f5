package dev.portcullis.dataplane.firewall.scan.seed;

import java.util.Set;

/**
 * Tells Chinese prose from the characters of a seed phrase without looking into a list. Prose comes in blocks of characters
 * that touch; a phrase is a block of 21 or 24, or has something between all but a quarter of its characters.
 */
final class HanBlocks {
    /** Bytes of a Han character. */
    private static final int WIDTH = 3;

    private static final int FEWEST = SeedPhraseWalk.FEWEST;
    private static final int MOST = SeedPhraseWalk.MOST;

    /** Characters of the longest phrase that may touch the one before them. */
    private static final int MOST_TOUCHING = MOST / 4;

    /** Bits of a count of characters in one direction. */
    private static final int FIELD = 8;

    /** Ideographic full stop and comma, full-width exclamation mark, comma, semicolon and question mark, in UTF-8. */
    private static final Set<Integer> MARKS = Set.of(0xE38082, 0xE38081, 0xEFBC81, 0xEFBC8C, 0xEFBC9B, 0xEFBC9F);

    private HanBlocks() {}

    /** False where surely no phrase with something between its characters has the one at {@code start}, which is a Han character. */
    static boolean spread(byte[] text, int start, int length) {
        var before = before(text, start, length);
        var behind = behind(text, start, length);
        for (var touching = 0; touching <= MOST_TOUCHING; touching++) {
            if (count(before, touching) + 1 + count(behind, MOST_TOUCHING - touching) >= FEWEST) {
                return true;
            }
        }
        return false;
    }

    /**
     * Where the block around {@code start} begins if it may be a phrase: 21 or 24 characters that end no clause of a sentence;
     * -1 where it is none.
     */
    static int whole(byte[] text, int start, int length) {
        var from = blockStart(text, start);
        var end = end(text, start, length);
        var characters = end - from;
        return (characters == SeedPhraseWalk.FEWEST_TOUCHING * WIDTH || characters == MOST * WIDTH)
                        && !clauseEnds(text, end, length)
                ? from
                : -1;
    }

    /** True where a mark stands at {@code at} that goes on with a sentence or ends it: one clause in thirty is that long. */
    private static boolean clauseEnds(byte[] text, int at, int length) {
        if (at >= length) {
            return false;
        }
        if (text[at] > 0) {
            return text[at] == ',' || text[at] == ';' || text[at] == '!' || text[at] == '?';
        }
        return at + 2 < length
                && MARKS.contains((text[at] & 0xff) << 16 | (text[at + 1] & 0xff) << 8 | text[at + 2] & 0xff);
    }

    private static int count(long counts, int touching) {
        return (int) (counts >>> FIELD * touching) & 0xff;
    }

    /** In byte {@code t} how many characters stand in a row behind the one at {@code start} of which no more than {@code t} touch. */
    private static long behind(byte[] text, int start, int length) {
        var counts = 0L;
        var touching = 0;
        var at = start + WIDTH;
        for (var count = 0; count <= MOST; count++) {
            if (!han(text, at, length)) {
                at = SeedWords.next(text, at, length);
                if (at < 0 || !han(text, at, length)) {
                    return counts | rest(count, touching);
                }
            } else {
                counts |= (long) count << FIELD * touching++;
                if (touching > MOST_TOUCHING) {
                    return counts;
                }
            }
            at += WIDTH;
        }
        return counts | rest(MOST, touching);
    }

    /** As {@link #behind}, of those before {@code start}. */
    private static long before(byte[] text, int start, int length) {
        var counts = 0L;
        var touching = 0;
        var at = start;
        for (var count = 0; count <= MOST; count++) {
            if (at < WIDTH || !han(text, at - WIDTH, length)) {
                at = SeedWords.previous(text, at, length);
                if (at < 0 || !han(text, at, length)) {
                    return counts | rest(count, touching);
                }
            } else {
                counts |= (long) count << FIELD * touching++;
                if (touching > MOST_TOUCHING) {
                    return counts;
                }
                at -= WIDTH;
            }
        }
        return counts | rest(MOST, touching);
    }

    /** {@code count} for {@code touching} and more. */
    private static long rest(int count, int touching) {
        var counts = 0L;
        for (var t = touching; t <= MOST_TOUCHING; t++) {
            counts |= (long) count << FIELD * t;
        }
        return counts;
    }

    private static int blockStart(byte[] text, int start) {
        var at = start;
        while (at >= WIDTH && start - at <= MOST * WIDTH && han(text, at - WIDTH, at)) {
            at -= WIDTH;
        }
        return at;
    }

    /** Where the block of Han characters around {@code start} ends. */
    static int end(byte[] text, int start, int length) {
        var at = start;
        while (at - start <= MOST * WIDTH && han(text, at, length)) {
            at += WIDTH;
        }
        return at;
    }

    private static boolean han(byte[] text, int at, int length) {
        return at < length && SeedWords.han(text, at);
    }
}
