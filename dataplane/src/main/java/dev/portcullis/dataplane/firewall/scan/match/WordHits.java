package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Words;

/**
 * The literals in the words of a folded text, told by those in the text itself: between two changes they are the same,
 * around a change they are looked for. What a change can make a literal of ends behind it and begins before it by no more
 * than the words of a literal that stand before its last; and what stands behind a mark may begin a match where it could
 * not behind the mark.
 */
final class WordHits {
    /** Starts between two changes that are looked at again, because telling them apart costs as much. */
    private static final int NEAR = 8;

    private final NotedHits noted;
    private final LiteralIndex.Hits told;
    private int next;

    private WordHits(NotedHits noted, LiteralIndex.Hits told) {
        this.noted = noted;
        this.told = told;
    }

    /** Tells {@code told} the literals that start in {@code [start, end)} of {@code what}, which are {@code words}, in order. */
    static void scan(
            RuleSet rules, Block what, Words words, NotedHits noted, int start, int end, LiteralIndex.Hits told) {
        var hits = new WordHits(noted, told);
        var before = rules.beforeLastWord();
        var changes = words.changeCount();
        var done = start;
        // Index in the folded text less the index in its words, behind the changes looked at.
        var shift = 0;
        var n = 0;
        while (n < changes && words.changeStart(n) - before < end) {
            var low = Math.max(done, words.changeStart(n) - before);
            hits.same(done, low, shift);
            var high = low;
            do {
                high = Math.max(high, Math.min(end, words.changeEnd(n) + 1));
                shift = words.readAfterChange(n) - words.changeEnd(n);
                n++;
            } while (n < changes && words.changeStart(n) - before <= high + NEAR);
            if (high > low) {
                rules.index().scan(what.bytes(), low, high, what.length(), told);
            }
            done = high;
        }
        hits.same(done, end, shift);
    }

    /** Tells those noted literals that start in {@code [from, to)} of the words, a place {@code shift} further on in the text. */
    private void same(int from, int to, int shift) {
        while (next < noted.count() && noted.start(next) < from + shift) {
            next++;
        }
        while (next < noted.count() && noted.start(next) < to + shift) {
            told.hit(noted.literal(next), noted.start(next) - shift);
            next++;
        }
    }
}
