package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Canonical;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import dev.portcullis.dataplane.firewall.scan.view.SpacedOut;
import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * One scan under way: searches blocks of input for every rule, in every reading. Reports each rule once, or every match
 * where asked to. Not thread-safe.
 */
public final class Sweep implements LiteralIndex.Hits, Anchors.Checks {
    /** Told of each rule that matches. */
    @FunctionalInterface
    public interface Matches {
        /**
         * {@code rule} matches.
         *
         * @param start bytes from the start of the input to the match or to the run that wraps it
         * @param end bytes from the start of the input to the end of the match or of the run that wraps it; what the
         *     rule's group {@code secret} matched where it has one, so {@code start} may lie before the secret
         * @param encoding what it was wrapped in, outermost first, or "plaintext"
         */
        void match(Rule rule, long start, long end, String encoding);
    }

    private static final int[] NONE = {};

    /**
     * Units that a char costs which a regular expression reads: it takes five to ten nanoseconds, as many plain bytes do. Code
     * that is full of names of secrets has the most read in ordinary requests.
     */
    private static final int CHAR_READ = 2;

    private static final int CHAR_READ_IN_PROSE = 3;

    /** Bytes around a match that a {@link Check} looks at. */
    private static final int CHECKED = 256;

    /** Wrappings removed at most. */
    static final int DEEPEST = 4;

    private final RuleSet rules;
    private final WorkBudget budget;
    private final Matches matches;
    private final boolean every;
    private final ByteText text;
    private final @Nullable Matcher[] matchers;
    private final BitSet reported;
    private final EncodedRuns runs;
    private final SecondReading second;
    private @Nullable JoinedSearch joined;
    private final Fragments pieces = new Fragments();
    private final int[] searchedUntil;

    /** Rules whose expression is asked itself, since their automaton forgets states that this text needs again. */
    private final BitSet tooMany = new BitSet();

    private @Nullable Anchors anchors;
    private @Nullable Tried tried;
    private @Nullable CutUpTokens cutUp;
    private @Nullable Examined examined;

    private Block block = Block.raw(new byte[0], 0, 0);
    private int from;
    private int to;
    /** Where literals are noted, while a folded text is searched whose words are searched next. */
    private @Nullable NotedHits noted;

    /** A scan for {@code rules} that pays from {@code budget} and reports each rule once. */
    public Sweep(RuleSet rules, WorkBudget budget, Matches matches) {
        this(rules, budget, matches, false);
    }

    /**
     * A scan that reports every match, for what is to be removed. One that several readings of the text show is
     * reported as often; the places are the same.
     */
    public static Sweep ofEveryMatch(RuleSet rules, WorkBudget budget, Matches matches) {
        return new Sweep(rules, budget, matches, true);
    }

    private Sweep(RuleSet rules, WorkBudget budget, Matches matches, boolean every) {
        this(rules, budget, matches, every, SecondReading.NEAR);
    }

    /** A scan whose second reading has at least {@code near} bytes around each difference. */
    Sweep(RuleSet rules, WorkBudget budget, Matches matches, boolean every, int near) {
        this.rules = rules;
        this.budget = budget;
        this.matches = matches;
        this.every = every;
        this.text = new ByteText(budget, rules.reading() == RuleSet.Reading.PROSE ? CHAR_READ_IN_PROSE : CHAR_READ);
        this.matchers = new @Nullable Matcher[rules.size()];
        this.reported = new BitSet(rules.size());
        this.runs = new EncodedRuns(this, rules, budget);
        this.second = new SecondReading(this, rules, budget, near);
        this.searchedUntil = rules.hasUserPatterns() ? new int[rules.size()] : NONE;
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
            second.prose(what, start, end, Canonical.Mode.PAGE);
            if (what.depth() <= DEEPEST
                    && Views.ofThread().canonical(what.depth()).leftOutTags()) {
                second.prose(what, start, end, Canonical.Mode.TAGS);
            }
            return;
        }
        if (rules.reading() == RuleSet.Reading.PROSE) {
            searchAsItStands(what, start, end);
            return;
        }
        var classes = Views.ofThread().classes(what.depth());
        classes.read(what.bytes(), start, end, what.length());
        var first = what.depth() < DEEPEST
                ? Canonical.firstEscape(what.bytes(), start, what.length(), what.folded(), classes)
                : -1;
        var parts = first < 0 ? null : second.examined(what);
        examined = parts;
        searchAsItStands(what, start, end);
        examined = null;
        for (var r : rules.walks()) {
            if (!settled(r)) {
                ((Rule.Walk) rules.rule(r).trigger())
                        .walk(what.bytes(), start, end, what.length(), classes, new Walked(r, what));
            }
        }
        NumberRuns.find(this, rules, what, start, end, classes);
        runs.find(what, start, end);
        if (what.depth() < DEEPEST) {
            DecimalCodes.find(this, what, start, end, classes);
        }
        if (what.depth() < 2) {
            SpacedOut.find(
                    what.bytes(), start, end, what.length(), classes, pieces, (from, to, run) -> spaced(what, run));
        }
        if (first >= 0) {
            second.search(what, start, end, first, parts);
        }
    }

    /** Searches what was decoded and is no text, as it stands and where texts in it are escaped, however short. */
    void searchNoise(Block what) {
        searchAsItStands(what, 0, what.length());
        if (rules.reading() == RuleSet.Reading.SECRETS && what.depth() < DEEPEST) {
            var first = Canonical.firstEscape(what.bytes(), 0, what.length(), what.folded());
            if (first >= 0) {
                second.search(what, 0, what.length(), first, null);
            }
        }
    }

    /** As {@link #search}, of folded text; notes the literals in it where {@code hits} is not null. */
    void searchFolded(Block what, @Nullable NotedHits hits, int start, int end) {
        if (hits != null) {
            hits.clear();
        }
        noted = hits;
        search(what, start, end);
        noted = null;
    }

    /**
     * Searches the words of folded text, which was searched before. Where they are the same text, so are the literals in
     * it; only around changes they are looked for again.
     *
     * @param hits the literals in the folded text
     */
    void searchWords(Block what, Words words, NotedHits hits, int start, int end) {
        if (start >= end) {
            return;
        }
        begin(what, start, end);
        WordHits.scan(rules, what, words, hits, start, end, this);
        verifyWaiting(end);
    }

    private void begin(Block what, int start, int end) {
        block = what;
        if (tried != null) {
            tried.forget();
        }
        from = start;
        to = end;
    }

    /** Searches {@code what} for what has a literal or is a user's, not for what is wrapped in it. */
    private void searchAsItStands(Block what, int start, int end) {
        budget.pay(end - start);
        begin(what, start, end);
        if (rules.hasUserPatterns()) {
            Arrays.fill(searchedUntil, 0);
        }
        rules.index().scan(what.bytes(), start, end, what.length(), this);
        verifyWaiting(end);
        for (var r : rules.wholeText()) {
            if (!reported.get(r)) {
                searchAround(r, start, end);
            }
        }
    }

    /**
     * True where a search of {@code text[0, length)}, too short for a run of encoded text, surely finds nothing. Much
     * quicker than that: paths and names are decoded at every alignment, and next to none of it says anything.
     *
     * @param folded as {@link Block#folded}
     */
    boolean holdsNothing(byte[] text, int length, boolean folded) {
        return length < rules.shortestWalk()
                && rules.wholeText().length == 0
                && rules.reading() == RuleSet.Reading.SECRETS
                && rules.index().none(text, length)
                && NumberRuns.none(text, length)
                && Canonical.firstEscape(text, 0, length, folded) < 0;
    }

    /** Searches {@code text[0, length)}, which {@code [start, end)} of {@code what} stands for in the encoding {@code by}. */
    void searchDecoded(Block what, int start, int end, byte[] text, int length, String by) {
        budget.pay(length);
        search(what.decoded(start, end, by, text, length, false), 0, length);
    }

    @Override
    public void hit(int literal, int start) {
        budget.pay(2);
        var r = rules.ruleOfLiteral(literal);
        if (reported.get(r)) {
            return;
        }
        if (noted != null) {
            noted.add(literal, start);
        }
        if (rules.onlyNeeded(literal)) {
            second.needed(block, start, start + rules.index().length(literal));
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
                looked(start, start + value.value().length);
                if (start + value.value().length > block.length()) {
                    second.wantsMore(block, start);
                }
                if (value.matches(block.bytes(), start, block.length())) {
                    report(r, block, start, start + value.value().length);
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
            case Rule.Walk ignored -> throw new IllegalStateException("a walk has no literal");
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

    private Tried tried() {
        var places = tried;
        if (places == null) {
            places = new Tried(rules.size(), budget);
            tried = places;
        }
        return places;
    }

    /** Checks the starts whose needed literal may lie beyond {@code end}, and forgets all of them. */
    private void verifyWaiting(int end) {
        var waiting = anchors;
        if (waiting == null || !waiting.used()) {
            return;
        }
        for (var r = 0; r < rules.size(); r++) {
            if (rules.rule(r).trigger() instanceof AnchoredPattern pattern) {
                waiting.check(this, r, pattern, end);
            }
        }
        waiting.clear();
    }

    @Override
    public void verify(int r, AnchoredPattern pattern, int literalStart) {
        var bytes = block.bytes();
        if (tried != null && tried.again(r, bytes, literalStart, block.length())) {
            looked(literalStart - AnchoredPattern.LONGEST_WALK, literalStart + tried.ahead());
            return;
        }
        text.on(bytes, block.length());
        Matcher matcher = null;
        var matched = false;
        var hitEnd = false;
        var furthest = -1;
        var dfa = tooMany.get(r) ? LazyDfa.NONE : rules.dfa(r, pattern);
        var end = Math.min(block.length(), literalStart + pattern.reach());
        for (var start = pattern.start(bytes, literalStart); start <= literalStart; start++) {
            var inside = pattern.leftBoundary() && !boundary(bytes, start);
            if (inside && !LengthPrefix.mayStandBefore(bytes, start)) {
                continue;
            }
            var failed = dfa.failsAt(bytes, start, end, budget);
            if (failed >= 0) {
                furthest = Math.max(furthest, failed);
                continue;
            }
            if (failed == LazyDfa.TOO_MANY) {
                tooMany.set(r);
            }
            budget.pay(8);
            matcher = matcher == null ? pattern.matcher(matchers, r, text) : matcher;
            matcher.region(start, end);
            if (!matcher.lookingAt()) {
                hitEnd |= matcher.hitEnd();
                continue;
            }
            if (inside && !LengthPrefix.is(bytes, start, matcher.end())) {
                continue;
            }
            matched = true;
            var secretStart = pattern.grouped() ? matcher.start("secret") : matcher.start();
            var secretEnd = pattern.grouped() ? matcher.end("secret") : matcher.end();
            budget.pay(4L * (secretEnd - secretStart));
            if (secretStart >= 0
                    && pattern.check().accepts(bytes, secretStart, secretEnd, block.length())
                    && !second.same(block, start, matcher.end())) {
                report(r, block, secretStart, secretEnd);
                return;
            }
        }
        var start = pattern.start(bytes, literalStart);
        if (matched) {
            looked(start - CHECKED, end + CHECKED);
            return;
        }
        if (hitEnd && end == block.length()) {
            second.wantsMore(block, start);
        }
        var tokens = cutUp();
        furthest = Math.max(furthest, text.furthest());
        if (tokens.mayGoOn(r, pattern, block, start, literalStart, hitEnd ? block.length() : furthest)) {
            tokens.follow(r, pattern, block, start, literalStart);
            looked(start - Tried.BEFORE, tokens.lookedTo());
            if (tokens.lookedTo() >= block.length()) {
                second.wantsMore(block, start);
            }
            // Where every match is asked for, the same match is reported at every place.
            if (!every && !reported.get(r) && tokens.followedTo() <= block.length()) {
                tried().failed(r, start, literalStart, tokens.followedTo());
            }
        } else {
            furthest = Math.max(furthest, tokens.furthest());
            looked(start - Tried.BEFORE, hitEnd ? end : furthest + 1);
            if (!hitEnd) {
                tried().failed(r, start, literalStart, furthest + 1);
            }
        }
    }

    private void looked(int start, int end) {
        if (examined != null) {
            examined.add(start, end);
        }
    }

    private CutUpTokens cutUp() {
        var tokens = cutUp;
        if (tokens == null) {
            tokens = new CutUpTokens(rules, budget, joined());
            cutUp = tokens;
        }
        return tokens;
    }

    private JoinedSearch joined() {
        var search = joined;
        if (search == null) {
            search = new JoinedSearch(this, rules, budget);
            joined = search;
        }
        return search;
    }

    /** Searches a run that was spaced out, as it stands and decoded. */
    private void spaced(Block what, Fragments run) {
        budget.pay(run.length());
        joined().search(run, what, Integer.MAX_VALUE);
        var bytes = Arrays.copyOf(run.bytes(), run.length());
        var end = run.map()[run.length() - 1] + 1;
        runs.find(what.decoded(run.map()[0], end, "split", bytes, bytes.length, true), 0, bytes.length);
    }

    /**
     * Finds matches over the seams of {@code values}, which were taken out of {@code bytes}.
     *
     * @param end matches that start at or behind this index do not count
     * @param base place of the first of {@code bytes} in the input
     * @throws WorkBudget.Exhausted when the budget does not suffice
     */
    public void searchJoined(Fragments values, byte[] bytes, int length, int end, long base) {
        joined().search(values, Block.raw(bytes, length, base), end);
    }

    /**
     * Finds matches in what the parts of a multipart body that start in {@code [start, end)} are coded in.
     *
     * @throws WorkBudget.Exhausted when the budget does not suffice
     */
    public void searchParts(byte[] bytes, int start, int end, int length, long base) {
        PartCodings.search(this, Block.raw(bytes, length, base), start, end);
    }

    /** True where no token character stands before {@code start}; the letter of an escape such as {@code \n} is none. */
    static boolean boundary(byte[] bytes, int start) {
        if (start == 0 || !ByteSet.TOKEN.has(bytes[start - 1])) {
            return true;
        }
        return start > 1 && bytes[start - 2] == '\\' && escapeLetter(bytes[start - 1]);
    }

    /** True for the letter of an escape that stands for a character that parts words. */
    static boolean escapeLetter(byte b) {
        return switch (b) {
            case 'n', 'r', 't', 'b', 'f' -> true;
            default -> false;
        };
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
        var chars = 0;
        var at = low;
        while (matcher.find() && !settled(r)) {
            at += utf8Length(window, chars, matcher.start());
            if (at >= to) {
                break;
            }
            var length = utf8Length(window, matcher.start(), matcher.end());
            report(r, block, at, at + length);
            at += length;
            chars = matcher.end();
        }
    }

    private static int utf8Length(String text, int from, int to) {
        return text.substring(from, to).getBytes(StandardCharsets.UTF_8).length;
    }

    /** Reports a match of rule {@code r} at {@code [start, end)} of {@code where}. */
    void report(int r, Block where, int start, int end) {
        if (settled(r)) {
            return;
        }
        var rule = rules.rule(r);
        if (!every) {
            reported.set(r);
        }
        var encoding = rule.encoding().isEmpty() ? where.encoding() : where.wrapped(rule.encoding());
        matches.match(rule, where.start(start), where.end(end), encoding.isEmpty() ? "plaintext" : encoding);
    }

    /** True once rule {@code r} was reported, or where it is -1. */
    @Override
    public boolean settled(int r) {
        return r < 0 || reported.get(r);
    }

    WorkBudget budget() {
        return budget;
    }

    /** Where a walk over {@code where} reports. */
    private final class Walked implements Rule.Found {
        private final int rule;
        private final Block where;

        Walked(int rule, Block where) {
            this.rule = rule;
            this.where = where;
        }

        @Override
        public void at(int start, int end) {
            report(rule, where, start, end);
        }

        @Override
        public void pay(long units) {
            budget.pay(units);
        }
    }
}
