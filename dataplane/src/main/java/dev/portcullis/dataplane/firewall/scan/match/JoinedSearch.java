package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Searches pieces that were put in a row. A match counts when it reaches over a seam, which nobody's ordinary values do
 * by chance in a way that also looks generated. Belongs to one {@link Sweep}; not thread-safe.
 */
final class JoinedSearch implements LiteralIndex.Hits, Anchors.Checks {
    /** Ends that are tried for one match: the seams before the rule's reach is over. */
    private static final int ENDS = 100;

    private final Sweep sweep;
    private final RuleSet rules;
    private final WorkBudget budget;
    private final ByteText text;
    private final @Nullable Matcher[] matchers;

    private @Nullable Anchors anchors;
    private Fragments pieces = new Fragments();
    private Block where = Block.raw(new byte[0], 0, 0);
    private int endPlace;
    private final Mixing mixing = new Mixing();

    /** For each byte behind a start whether a match may end there. */
    private byte[] ends = {};

    JoinedSearch(Sweep sweep, RuleSet rules, WorkBudget budget) {
        this.sweep = sweep;
        this.rules = rules;
        this.budget = budget;
        this.text = new ByteText(budget, 1);
        this.matchers = new @Nullable Matcher[rules.size()];
    }

    /** Finds matches in {@code joined} that start before index {@code end} of {@code origin}. */
    void search(Fragments joined, Block origin, int end) {
        if (joined.length() < 8) {
            return;
        }
        budget.pay(joined.length());
        on(joined, origin);
        endPlace = end;
        rules.index().scan(joined.bytes(), 0, joined.length(), joined.length(), this);
        if (anchors != null) {
            // All literals were seen, so what still waits for one waits in vain.
            anchors.clear();
        }
        SplitKeys.find(sweep, rules, budget, pieces, where, endPlace);
        for (var r : rules.walks()) {
            var walk = (Rule.Walk) rules.rule(r).trigger();
            if (joined.length() >= walk.shortest() && !sweep.settled(r)) {
                walk(r, walk, origin);
            }
        }
    }

    /** Walks over the pieces with spaces between them: what is found in a row of words is found in a row of values. */
    private void walk(int r, Rule.Walk walk, Block origin) {
        var most = 2 * pieces.length();
        var text = Views.ofThread().spacedText(most);
        var map = Views.ofThread().spacedMap(most);
        var places = where.map() == null ? pieces.map() : where.map();
        var length = 0;
        for (var piece = 0; piece < pieces.count(); piece++) {
            var first = pieces.start(piece);
            if (piece > 0) {
                map[length] = places[first];
                text[length++] = ' ';
            }
            var count = pieces.start(piece + 1) - first;
            System.arraycopy(pieces.bytes(), first, text, length, count);
            System.arraycopy(places, first, map, length, count);
            length += count;
        }
        budget.pay(2L * length);
        var spaced = new Block(
                text,
                length,
                map,
                origin.base(),
                origin.end(),
                origin.run(),
                where.encoding(),
                origin.depth() + 1,
                true);
        var end = lengthBefore(map, length, endPlace);
        var classes = Views.ofThread().classes(spaced.depth());
        classes.read(text, 0, end, length);
        walk.walk(text, 0, end, length, classes, new Rule.Found() {
            @Override
            public void at(int start, int stop) {
                sweep.report(r, spaced, start, stop);
            }

            @Override
            public void pay(long units) {
                budget.pay(units);
            }
        });
    }

    private static int lengthBefore(int[] map, int length, int place) {
        var end = length;
        while (end > 0 && map[end - 1] >= place) {
            end--;
        }
        return end;
    }

    /**
     * True where {@code pattern} matches from a start around {@code literal} in {@code joined}, or might if more
     * followed.
     */
    boolean wantsMore(int r, AnchoredPattern pattern, Fragments joined, int literal) {
        var dfa = rules.dfa(r, pattern);
        var limit = Math.min(joined.length(), literal + pattern.reach());
        for (var start = pattern.start(joined.bytes(), literal); start <= literal; start++) {
            if (dfa.failsAt(joined.bytes(), start, limit, budget) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Looks for rule {@code r} in {@code joined}, whose literal stands at {@code literal}. */
    void around(int r, Fragments joined, int literal, Block origin) {
        budget.pay(joined.length());
        on(joined, origin);
        endPlace = Integer.MAX_VALUE;
        if (rules.rule(r).trigger() instanceof AnchoredPattern pattern) {
            verify(r, pattern, literal);
        }
    }

    private void on(Fragments joined, Block origin) {
        pieces = joined;
        mixing.forget();
        var encoding = origin.encoding().isEmpty() ? "split" : origin.encoding() + "+split";
        where = new Block(
                joined.bytes(),
                joined.length(),
                placed(joined, origin),
                origin.base(),
                origin.end(),
                origin.run(),
                encoding,
                origin.depth() + 1,
                true);
    }

    private static int[] placed(Fragments joined, Block origin) {
        if (origin.map() == null) {
            return joined.map();
        }
        var map = new int[joined.length()];
        for (var i = 0; i < map.length; i++) {
            map[i] = (int) (origin.start(joined.map()[i]) - origin.base());
        }
        return map;
    }

    @Override
    public void hit(int literal, int start) {
        budget.pay(2);
        var r = rules.ruleOfLiteral(literal);
        if (sweep.settled(r) || pieces.map()[start] >= endPlace) {
            return;
        }
        switch (rules.rule(r).trigger()) {
            case AnchoredPattern pattern -> {
                if (pattern.needed().isEmpty()) {
                    verify(r, pattern, start);
                } else {
                    anchors().await(this, r, pattern, start, rules.onlyNeeded(literal));
                }
            }
            case ExactValue value -> {
                budget.pay(value.value().length);
                if (value.matches(pieces.bytes(), start, pieces.length())) {
                    sweep.report(r, where, start, start + value.value().length);
                }
            }
            default -> {
                // Users' patterns and finders are about text as it stands.
            }
        }
    }

    private Anchors anchors() {
        var waiting = anchors;
        if (waiting == null) {
            waiting = new Anchors(rules.size());
            anchors = waiting;
        }
        return waiting;
    }

    @Override
    public boolean settled(int r) {
        return sweep.settled(r);
    }

    @Override
    public void verify(int r, AnchoredPattern pattern, int literalStart) {
        for (var start = pattern.start(pieces.bytes(), literalStart); start <= literalStart; start++) {
            if (verifyAt(r, pattern, start, literalStart)) {
                return;
            }
        }
    }

    private boolean verifyAt(int r, AnchoredPattern pattern, int start, int literalStart) {
        var bytes = pieces.bytes();
        if (pattern.leftBoundary() && !pieces.startsAt(start) && !Sweep.boundary(bytes, start)) {
            return false;
        }
        var limit = Math.min(pieces.length(), literalStart + pattern.reach());
        var seam = start + 1;
        while (seam < limit && !pieces.startsAt(seam)) {
            seam++;
        }
        if (seam >= limit) {
            return false;
        }
        if (ends.length <= limit - start) {
            ends = new byte[limit - start + 1];
        }
        var failed = rules.dfa(r, pattern).ends(bytes, start, limit, ends, budget);
        if (failed >= 0 && failed <= seam) {
            return false;
        }
        text.on(pieces.bytes(), pieces.length());
        var matcher = pattern.matcher(matchers, r, text);
        var last = failed < 0 ? limit - 1 : failed;
        if (failed < 0 && mayBeMixed(pattern, start, limit)) {
            text.forgetReads();
            if (match(r, pattern, matcher, start, seam, limit)) {
                return true;
            }
            // An end that the expression did not come to changes nothing about its answer.
            last = matcher.hitEnd() ? last : Math.min(last, text.furthest());
        }
        var tries = 0;
        for (var end = last; end > seam && tries < ENDS; end--) {
            if (ends[end - start] != 0 && pieces.startsAt(end)) {
                tries++;
                if (mayBeMixed(pattern, start, end) && match(r, pattern, matcher, start, seam, end)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** False where a match from {@code start} could only end at {@code end}, and what is matched then is no generated token. */
    private boolean mayBeMixed(AnchoredPattern pattern, int start, int end) {
        if (pattern.grouped() || ends[end - start] != LazyDfa.HERE) {
            return true;
        }
        budget.pay(2);
        return mixing.mixed(pieces.bytes(), start, end);
    }

    private boolean match(int r, AnchoredPattern pattern, Matcher matcher, int start, int seam, int end) {
        budget.pay(8);
        // The expression does not look beyond its region, so the seam at its end is a boundary.
        matcher.region(start, end);
        if (!matcher.lookingAt() || matcher.end() <= seam) {
            return false;
        }
        var from = pattern.grouped() ? matcher.start("secret") : matcher.start();
        var to = pattern.grouped() ? matcher.end("secret") : matcher.end();
        if (from < 0
                || !mixing.mixed(pieces.bytes(), from, to)
                || !pattern.check().accepts(pieces.bytes(), from, to, pieces.length())
                || listsPrefixes(from, to)) {
            return false;
        }
        sweep.report(r, where, from, to);
        return true;
    }

    /** True where one of the pieces is what the tokens of a class begin with: a list of prefixes, and no token cut up. */
    private boolean listsPrefixes(int from, int to) {
        var start = from + 1;
        while (start < to) {
            if (!pieces.startsAt(start)) {
                start++;
                continue;
            }
            var end = start + 1;
            while (end < pieces.length() && !pieces.startsAt(end)) {
                end++;
            }
            if (end <= to && rules.isPrefix(pieces.bytes(), start, end)) {
                return true;
            }
            start = end;
        }
        return false;
    }

    /** True where {@code [from, to)} alternates as generated tokens do. */
    static boolean mixed(byte[] bytes, int from, int to) {
        return new Mixing().mixed(bytes, from, to);
    }
}
