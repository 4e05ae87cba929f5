package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Canonical;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * One scan under way: searches blocks of input for every rule, in every reading, and reports each rule at most once.
 * Not thread-safe.
 */
public final class Sweep implements LiteralAutomaton.Hits {
    /** Told of each rule that matches. */
    @FunctionalInterface
    public interface Matches {
        /**
         * {@code rule} matches.
         *
         * @param place bytes from the start of the input to the match or to the run that wraps it
         * @param encoding what it was wrapped in, outermost first, or "plaintext"
         */
        void match(Rule rule, long place, String encoding);
    }

    /** Wrappings removed at most. */
    static final int DEEPEST = 4;

    private final RuleSet rules;
    private final WorkBudget budget;
    private final Matches matches;
    private final ByteText text;
    private final @Nullable Matcher[] matchers;
    private final BitSet reported;
    private final EncodedRuns runs;
    private final @Nullable Canonical[] canonical = new @Nullable Canonical[DEEPEST + 1];
    private final int[] searchedUntil;

    private Block block = Block.raw(new byte[0], 0, 0);
    private int from;
    private int to;

    /** A scan for {@code rules} that pays from {@code budget}. */
    public Sweep(RuleSet rules, WorkBudget budget, Matches matches) {
        this.rules = rules;
        this.budget = budget;
        this.matches = matches;
        this.text = new ByteText(budget);
        this.matchers = new @Nullable Matcher[rules.size()];
        this.reported = new BitSet(rules.size());
        this.runs = new EncodedRuns(this, rules, budget);
        this.searchedUntil = new int[rules.size()];
    }

    /**
     * Finds the matches that start in {@code [start, end)} of {@code bytes}, looking at anything in
     * {@code [0, length)}.
     *
     * @param base place of the first byte in the input
     * @throws WorkBudget.Exhausted when the budget does not suffice
     */
    public void search(byte[] bytes, int start, int end, int length, long base) {
        search(Block.raw(bytes, length, base), start, end);
    }

    void search(Block what, int start, int end) {
        if (start >= end) {
            return;
        }
        if (rules.reading() == RuleSet.Reading.PROSE && !what.folded()) {
            runs.find(what, start, end);
            readAs(what, start, end, Canonical.Mode.PROSE);
            if (mayHoldTags(what.bytes(), start, what.length())) {
                readAs(what, start, end, Canonical.Mode.MARKUP);
            }
            return;
        }
        budget.pay(end - start);
        block = what;
        from = start;
        to = end;
        if (rules.hasUserPatterns()) {
            Arrays.fill(searchedUntil, 0);
        }
        rules.automaton()
                .scan(
                        what.bytes(),
                        start,
                        (int) Math.min(what.length(), (long) end + rules.longestLiteral() - 1),
                        this);
        for (var r : rules.wholeText()) {
            if (!reported.get(r)) {
                searchAround(r, start, end);
            }
        }
        if (rules.reading() == RuleSet.Reading.PROSE) {
            return;
        }
        NumberRuns.find(this, rules, what, start, end);
        runs.find(what, start, end);
        if (what.depth() < DEEPEST) {
            readAs(what, start, end, Canonical.Mode.SECRETS);
        }
    }

    /** Searches {@code what} as {@code mode} reads it, if that differs from what it is. */
    private void readAs(Block what, int start, int end, Canonical.Mode mode) {
        var first = mode == Canonical.Mode.SECRETS
                ? Canonical.firstEscape(what.bytes(), start, what.length(), what.folded())
                : start;
        if (first < 0 || what.depth() > DEEPEST) {
            return;
        }
        var view = canonical[what.depth()];
        if (view == null) {
            view = new Canonical();
            canonical[what.depth()] = view;
        }
        var begin = Math.max(0, first - AnchoredPattern.LONGEST_REACH);
        budget.pay(2L * (what.length() - begin));
        view.read(what.bytes(), begin, what.length(), mode);
        var map = view.map();
        var low = lowerBound(map, view.length(), start);
        var high = end >= what.length() ? view.length() : lowerBound(map, view.length(), end);
        for (var i = 0; i < view.length() && (what.map() != null || what.stride() == 0); i++) {
            map[i] = (int) (what.place(map[i]) - what.base());
        }
        var wrapping = view.seen();
        search(
                new Block(
                        view.bytes(),
                        view.length(),
                        map,
                        what.base(),
                        1,
                        wrapping.isEmpty() ? what.encoding() : what.wrapped(wrapping),
                        what.depth() + 1,
                        true),
                low,
                high);
    }

    private static boolean mayHoldTags(byte[] bytes, int from, int length) {
        for (var i = from; i < length; i++) {
            if (bytes[i] == '<') {
                return true;
            }
        }
        return false;
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

    @Override
    public void hit(int literal, int end) {
        budget.pay(2);
        var start = end - rules.literalLength(literal);
        var r = rules.ruleOfLiteral(literal);
        if (start >= to || reported.get(r) || !rules.caseMatches(literal, block.bytes(), start)) {
            return;
        }
        switch (rules.rule(r).trigger()) {
            case AnchoredPattern pattern -> verify(r, pattern, start);
            case ExactValue value -> {
                budget.pay(value.value().length);
                if (value.matches(block.bytes(), start, block.length())) {
                    report(r, start);
                }
            }
            case UserPattern ignored -> {
                // Hits come in order, so what was searched is never searched again: linear however many hits.
                var low = Math.max(Math.max(from, start - UserPattern.AROUND), searchedUntil[r]);
                var high = Math.min(to, start + 1);
                if (searchedUntil[r] <= start) {
                    searchAround(r, low, high);
                }
            }
            case Rule.Finder ignored -> throw new IllegalStateException("a finder has no literal");
        }
    }

    private void verify(int r, AnchoredPattern pattern, int literalStart) {
        var bytes = block.bytes();
        var start = pattern.start(bytes, literalStart);
        if (pattern.leftBoundary() && !boundary(bytes, start)) {
            return;
        }
        var matcher = matchers[r];
        text.on(bytes, block.length());
        if (matcher == null) {
            matcher = pattern.pattern().matcher(text);
            matchers[r] = matcher;
        } else {
            matcher.reset();
        }
        budget.pay(8);
        matcher.region(start, Math.min(block.length(), literalStart + pattern.reach()));
        if (!matcher.lookingAt()) {
            return;
        }
        var secretStart = pattern.grouped() ? matcher.start("secret") : matcher.start();
        var secretEnd = pattern.grouped() ? matcher.end("secret") : matcher.end();
        budget.pay(4L * (secretEnd - secretStart));
        if (secretStart >= 0 && pattern.check().accepts(bytes, secretStart, secretEnd)) {
            report(r, matcher.start());
        }
    }

    /** True where no token character stands before {@code start}; the letter of an escape such as {@code \n} is none. */
    static boolean boundary(byte[] bytes, int start) {
        if (start == 0 || !ByteSet.TOKEN.has(bytes[start - 1])) {
            return true;
        }
        if (start > 1 && bytes[start - 2] == '\\') {
            return switch (bytes[start - 1]) {
                case 'n', 'r', 't', 'b', 'f' -> true;
                default -> false;
            };
        }
        return false;
    }

    /** Runs a user's pattern for matches that start in {@code [low, high)} and a little before and after. */
    private void searchAround(int r, int low, int high) {
        var pattern = (UserPattern) rules.rule(r).trigger();
        var end = Math.min(block.length(), high + UserPattern.AROUND);
        if (low >= end) {
            return;
        }
        budget.pay((long) UserPattern.COST * (end - low));
        var window = new String(block.bytes(), low, end - low, StandardCharsets.UTF_8);
        var matcher = pattern.pattern().matcher(window);
        searchedUntil[r] = high;
        if (matcher.find()) {
            var before = window.substring(0, matcher.start()).getBytes(StandardCharsets.UTF_8).length;
            if (low + before < to) {
                report(r, low + before);
            }
        }
    }

    /** Reports rule {@code r} at {@code index} of {@code where}, once. */
    void report(int r, Block where, int index) {
        if (reported.get(r)) {
            return;
        }
        reported.set(r);
        matches.match(rules.rule(r), where.place(index), where.encoding().isEmpty() ? "plaintext" : where.encoding());
    }

    private void report(int r, int index) {
        report(r, block, index);
    }

    /** True once rule {@code r} was reported, or where it is -1. */
    boolean settled(int r) {
        return r < 0 || reported.get(r);
    }

    WorkBudget budget() {
        return budget;
    }
}
