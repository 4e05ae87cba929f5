package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Canonical;
import dev.portcullis.dataplane.firewall.scan.view.SpacedOut;
import org.jspecify.annotations.Nullable;

/**
 * Searches a text as its reader has it, escapes resolved. Only where that differs from the text as it stands, with as much
 * around it as a rule may need; the rest was searched before. Belongs to one {@link Sweep}; not thread-safe.
 */
final class SecondReading {
    /** Bytes around a difference that are always read: the longest number with its spaces, and what stands before a literal. */
    static final int NEAR = 128;

    /** Bytes around a difference that are read where a rule needs more. */
    private static final int FAR = AnchoredPattern.LONGEST_REACH;

    /** So many differences in {@link #NEAR} bytes are a way to write all of the text around them. */
    private static final int MANY = 4;

    /** Bytes that the beginning of an escape takes at most, as far as it matters here. */
    private static final int ESCAPE = 12;

    /** Bytes around a match that differ nowhere where it is no news. */
    private static final int SAME = 64;

    /** Bytes before a stretch that say whether a match may begin there. */
    private static final int BEFORE = AnchoredPattern.LONGEST_WALK + Tried.BEFORE;

    private static final int LOOK = 16;
    private static final ByteSet RUN = ByteSet.of("A-Za-z0-9+/_=-");
    private static final ByteSet ESCAPED = ByteSet.of("\\%&#;");

    private final Sweep sweep;
    private final RuleSet rules;
    private final WorkBudget budget;
    private final int near;
    private final @Nullable Examined[] examined = new @Nullable Examined[Sweep.DEEPEST];

    /** The text that is searched now as part of a longer one, and the index behind its last difference. */
    private @Nullable Block cut;

    private int behindDifferences;
    private boolean tooShort;

    /** Second readings of one scan; {@code near} is {@link #NEAR} or, to read everything behind a difference, as long as any text. */
    SecondReading(Sweep sweep, RuleSet rules, WorkBudget budget, int near) {
        this.sweep = sweep;
        this.rules = rules;
        this.budget = budget;
        this.near = near;
    }

    /** Where rules note what of {@code what} they look at, or null where nobody asks. */
    @Nullable
    Examined examined(Block what) {
        if (what.depth() >= Sweep.DEEPEST || what.noise() || wholly()) {
            return null;
        }
        var parts = examined[what.depth()];
        if (parts == null) {
            parts = new Examined();
            examined[what.depth()] = parts;
        }
        parts.clear(what.length());
        return parts;
    }

    private boolean wholly() {
        return near == Integer.MAX_VALUE || rules.hasUserPatterns();
    }

    /** Notes that a rule that looked at {@code text} from {@code start} on would have looked behind its end. */
    void wantsMore(Block text, int start) {
        tooShort |= text == cut && start <= behindDifferences;
    }

    /** True where {@code [start, end)} of {@code text} and what is next to it stand so in the longer text, which was searched before. */
    boolean same(Block text, int start, int end) {
        var map = text.map();
        if (text != cut || map == null) {
            return false;
        }
        var from = Math.max(0, start - SAME);
        var to = Math.min(text.length(), end + SAME) - 1;
        return map[to] - map[from] == to - from;
    }

    /** Notes that a literal which a match may need stands at {@code [start, end)} of {@code text}. */
    void needed(Block text, int start, int end) {
        var map = text.map();
        tooShort |= text == cut && map != null && map[end - 1] - map[start] != end - 1 - start;
    }

    /**
     * Searches {@code what} for matches that start in {@code [start, end)} and show only where escapes are resolved.
     *
     * @param first index of the first escape
     * @param parts what rules looked at; null to read everything behind the first
     */
    void search(Block what, int start, int end, int first, @Nullable Examined parts) {
        if (what.noise()) {
            texts(what, start, end);
            return;
        }
        if (parts == null) {
            stretch(what, Math.max(0, first - FAR), what.length(), start, end, what.length());
            return;
        }
        var bytes = what.bytes();
        var length = what.length();
        var classes = Views.ofThread().classes(what.depth());
        var at = first;
        while (at >= 0) {
            var far = false;
            var from = length;
            var to = 0;
            var before = new int[MANY];
            var count = 0;
            var last = at;
            while (at >= 0) {
                last = Math.min(length, at + ESCAPE);
                before[count++ % MANY] = at;
                far = far || count >= MANY && at - before[count % MANY] <= NEAR || wide(bytes, at, last, length);
                var around = far ? FAR : near;
                from = Math.min(from, Math.min(at - around, parts.from(at, last)));
                to = Math.max(to, Math.max(last + around, parts.to(at, last)));
                var next = far
                        ? Canonical.firstEscape(bytes, Math.min(length, at + FAR / 2), length, what.folded(), classes)
                        : -1;
                if (next >= 0 && next < to) {
                    // Of differences that all have this much around them each one need not be looked at.
                    from = Math.min(from, parts.from(at, next));
                    to = Math.max(to, parts.to(at, next));
                    at = next;
                    continue;
                }
                at = Canonical.firstEscape(bytes, at + 1, length, what.folded(), classes);
                if (at >= to + near) {
                    break;
                }
            }
            from = Math.max(0, from);
            to = Math.min(length, to);
            // Whatever begins or ends at a border does so in the whole text too.
            from = runStart(bytes, from);
            to = runEnd(bytes, to, length);
            if (from >= end) {
                return;
            }
            if (stretch(what, from, to, start, end, last) && !far && to - from < length) {
                from = runStart(bytes, Math.max(0, from - FAR));
                to = runEnd(bytes, Math.min(length, to + FAR), length);
                stretch(what, from, to, start, end, last);
            }
        }
    }

    /** True where more than what is near the difference {@code [at, behind)} may belong to one secret with it. */
    private boolean wide(byte[] bytes, int at, int behind, int length) {
        return runStart(bytes, at) <= at - LOOK
                || runEnd(bytes, behind, length) >= behind + LOOK
                || SpacedOut.near(bytes, at, behind, length)
                || walksNear(bytes, at, behind, length);
    }

    private boolean walksNear(byte[] bytes, int at, int behind, int length) {
        for (var r : rules.walks()) {
            if (!sweep.settled(r) && ((Rule.Walk) rules.rule(r).trigger()).near(bytes, at, behind, length)) {
                return true;
            }
        }
        return false;
    }

    private static int runStart(byte[] bytes, int at) {
        var start = at;
        while (start > 0 && RUN.has(bytes[start - 1])) {
            start--;
        }
        return start;
    }

    private static int runEnd(byte[] bytes, int at, int length) {
        var end = at;
        while (end < length && (RUN.has(bytes[end]) || ESCAPED.has(bytes[end]))) {
            end++;
        }
        return end;
    }

    /**
     * Searches {@code [from, to)} of {@code what} with its escapes resolved.
     *
     * @param last index behind the last difference
     * @return true where a rule would have looked behind the end
     */
    private boolean stretch(Block what, int from, int to, int start, int end, int last) {
        var view = Views.ofThread().canonical(what.depth());
        var begin = Math.max(0, from - BEFORE);
        budget.pay(2L * (to - begin));
        view.read(what.bytes(), begin, to, Canonical.Mode.SECRETS);
        var outerCut = cut;
        var outerBehind = behindDifferences;
        var outerShort = tooShort;
        tooShort = false;
        var low = lowerBound(view.map(), view.length(), Math.max(start, from));
        var high = end >= to ? view.length() : lowerBound(view.map(), view.length(), end);
        behindDifferences = lowerBound(view.map(), view.length(), last);
        var read = placed(what, view);
        cut = to < what.length() || outerCut == what ? read : null;
        sweep.search(read, low, high);
        var wanted = tooShort;
        cut = outerCut;
        behindDifferences = outerBehind;
        tooShort = outerShort || wanted;
        return wanted;
    }

    /** Searches what {@code what}, which is noise, has of texts with escapes in them. */
    private void texts(Block what, int start, int end) {
        var view = Views.ofThread().canonical(what.depth());
        budget.pay(what.length() / 4);
        view.readTexts(what.bytes(), what.length());
        budget.pay(view.length());
        if (view.length() < EncodedRuns.SHORTEST && sweep.holdsNothing(view.bytes(), view.length(), true)) {
            return;
        }
        var low = lowerBound(view.map(), view.length(), start);
        var high = behind(what, end, view.map(), view.length());
        sweep.search(placed(what, view), low, high);
    }

    /** Searches all of {@code what} as {@code mode}, which is one for prose, reads it, and as nothing but words. */
    void prose(Block what, int start, int end, Canonical.Mode mode) {
        if (what.depth() > Sweep.DEEPEST) {
            return;
        }
        var view = Views.ofThread().canonical(what.depth());
        var begin = Math.max(0, start - FAR);
        budget.pay(2L * (what.length() - begin));
        view.read(what.bytes(), begin, what.length(), mode);
        var low = lowerBound(view.map(), view.length(), start);
        var high = behind(what, end, view.map(), view.length());
        var read = placed(what, view);
        if (mode != Canonical.Mode.PAGE) {
            sweep.search(read, low, high);
            return;
        }
        var hits = rules.wordsByChanges() ? Views.ofThread().hits() : null;
        sweep.searchFolded(read, hits, low, high);
        words(read, hits, low, high);
    }

    /** Searches folded text as nothing but words; {@code hits} are the literals in it, null where they were not noted. */
    private void words(Block what, @Nullable NotedHits hits, int start, int end) {
        budget.pay(what.length());
        var words = Views.ofThread().words();
        if (!words.read(what.bytes(), what.length())) {
            return;
        }
        var map = words.map();
        var low = lowerBound(map, words.length(), start);
        var high = behind(what, end, map, words.length());
        var read = new Block(
                words.bytes(),
                words.length(),
                map,
                what.map(),
                what.base(),
                what.end(),
                what.run(),
                what.wrapped("words"),
                what.depth() + 1,
                true);
        if (hits == null || hits.overflowed()) {
            sweep.search(read, low, high);
        } else {
            sweep.searchWords(read, words, hits, low, high);
        }
    }

    /** What {@code view} read of {@code what}, with places in the input; overwrites the view's map. */
    private static Block placed(Block what, Canonical view) {
        var map = view.map();
        for (var i = 0; i < view.length() && what.map() != null; i++) {
            map[i] = (int) (what.start(map[i]) - what.base());
        }
        var wrapping = view.seen();
        return new Block(
                view.bytes(),
                view.length(),
                map,
                what.base(),
                what.end(),
                what.run(),
                wrapping.isEmpty() ? what.encoding() : what.wrapped(wrapping),
                what.depth() + 1,
                true);
    }

    /** Index behind what was read of {@code what} before {@code end}. */
    private static int behind(Block what, int end, int[] map, int length) {
        return end >= what.length() ? length : lowerBound(map, length, end);
    }

    private static int lowerBound(int[] map, int length, int place) {
        var low = 0;
        var high = length;
        while (low < high) {
            var middle = (low + high) >>> 1;
            if (map[middle] < place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
