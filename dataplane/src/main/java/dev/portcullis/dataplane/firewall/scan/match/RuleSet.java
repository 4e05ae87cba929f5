package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rules compiled for matching together. Immutable, any thread. */
public final class RuleSet {
    /** How the text is read before it is matched. */
    public enum Reading {
        /** As it stands, then with escapes resolved, then with encoded runs decoded. */
        SECRETS,
        /** As a person or a model reads it: folded to lower case, white space collapsed, invisible characters gone. */
        PROSE
    }

    private final Reading reading;
    private final Rule[] rules;
    private final LiteralIndex index;
    private final int[] ruleOfLiteral;
    /** For each literal true where it only says that a match of its rule may end near. */
    private final boolean[] onlyNeeded;

    private final int[] finders = new int[Rule.Finder.values().length];
    private final int[] wholeText;
    private final int[] walks;
    private final int shortestWalk;
    private final boolean userPatterns;
    private final boolean wordsByChanges;
    private final int beforeLastWord;
    private final Set<String> prefixes;
    private final AtomicReferenceArray<@Nullable LazyDfa> dfas;

    private RuleSet(Reading reading, List<Rule> list) {
        this.reading = reading;
        rules = list.toArray(new Rule[0]);
        dfas = new AtomicReferenceArray<>(rules.length);
        Arrays.fill(finders, -1);
        var words = new ArrayList<byte[]>();
        var exact = new BitSet();
        var needed = new BitSet();
        var owners = new ArrayList<Integer>();
        var whole = new ArrayList<Integer>();
        var walking = new ArrayList<Integer>();
        for (var r = 0; r < rules.length; r++) {
            var rule = rules[r];
            for (var literal : rule.literals()) {
                exact.set(words.size(), !rule.folded());
                words.add(literal);
                owners.add(r);
            }
            if (rule.trigger() instanceof AnchoredPattern pattern) {
                for (var need : pattern.needed()) {
                    needed.set(words.size());
                    words.add(need.getBytes(StandardCharsets.ISO_8859_1));
                    owners.add(r);
                }
            }
            if (rule.trigger() instanceof Rule.Finder finder) {
                finders[finder.ordinal()] = r;
            } else if (rule.trigger() instanceof Rule.Walk) {
                walking.add(r);
            } else if (rule.literals().isEmpty()) {
                if (!(rule.trigger() instanceof UserPattern)) {
                    throw new IllegalArgumentException("rule '" + rule.name() + "' has no literal");
                }
                whole.add(r);
            }
        }
        ruleOfLiteral = owners.stream().mapToInt(Integer::intValue).toArray();
        onlyNeeded = flags(needed, words.size());
        index = LiteralIndex.of(
                words,
                flags(exact, words.size()),
                this::mayFollow,
                reading == Reading.PROSE ? second(words) : new @Nullable SecondWords[words.size()]);
        userPatterns = list.stream().anyMatch(rule -> rule.trigger() instanceof UserPattern);
        wordsByChanges = reading == Reading.PROSE
                && list.stream()
                        .allMatch(
                                rule -> rule.trigger() instanceof AnchoredPattern pattern && pattern.before() == null);
        beforeLastWord = words.stream().mapToInt(RuleSet::beforeLastWord).max().orElse(0);
        prefixes = words.stream()
                .map(word -> new String(word, StandardCharsets.ISO_8859_1))
                .filter(word -> word.length() > 2 && "-_.".indexOf(word.charAt(word.length() - 1)) >= 0)
                .collect(Collectors.toUnmodifiableSet());
        wholeText = whole.stream().mapToInt(Integer::intValue).toArray();
        walks = walking.stream().mapToInt(Integer::intValue).toArray();
        shortestWalk = list.stream()
                .map(Rule::trigger)
                .filter(Rule.Walk.class::isInstance)
                .mapToInt(trigger -> ((Rule.Walk) trigger).shortest())
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    /** For each literal that starts a match in prose what may stand around it; null where that is not known. */
    private @Nullable SecondWords[] second(List<byte[]> words) {
        var all = new @Nullable SecondWords[words.size()];
        for (var n = 0; n < all.length; n++) {
            if (!onlyNeeded[n]
                    && rules[ruleOfLiteral[n]].trigger() instanceof AnchoredPattern pattern
                    && pattern.before() == null
                    && pattern.reach() >= words.get(n).length + SecondWords.SEEN) {
                all[n] = new SecondWords(words.get(n), pattern.pattern(), pattern.leftBoundary());
            }
        }
        return all;
    }

    /** Bytes of a literal before its last word, or before a space at its end; 0 where it is never all words. */
    private static int beforeLastWord(byte[] literal) {
        var before = 0;
        for (var i = 0; i < literal.length; i++) {
            if (literal[i] != ' ' && Words.isMark(literal[i])) {
                return 0;
            }
            if (i < literal.length - 1 && !Words.isWord(literal[i])) {
                before = i + 1;
            } else if (literal[i] == ' ') {
                before = i;
            }
        }
        return before;
    }

    private static boolean[] flags(BitSet set, int size) {
        var flags = new boolean[size];
        set.stream().forEach(i -> flags[i] = true);
        return flags;
    }

    /** True where a match may begin with {@code next}, which begins with a short literal. */
    private boolean mayFollow(int literal, byte[] next) {
        if (onlyNeeded[literal]
                || !(rules[ruleOfLiteral[literal]].trigger() instanceof AnchoredPattern pattern)
                || pattern.before() != null) {
            return next[next.length - 1] > ' ';
        }
        var matcher = pattern.pattern().matcher(new String(next, StandardCharsets.ISO_8859_1));
        return matcher.lookingAt() || matcher.hitEnd();
    }

    /**
     * Compiles {@code rules}.
     *
     * @throws IllegalArgumentException when a rule could never be found
     */
    public static RuleSet of(Reading reading, List<Rule> rules) {
        return new RuleSet(reading, rules);
    }

    /** The rules, in the order given. */
    public List<Rule> rules() {
        return List.of(rules);
    }

    /** Memory of the filter and of the table of literals, in bytes. */
    public long tableBytes() {
        return index.tableBytes();
    }

    Reading reading() {
        return reading;
    }

    int size() {
        return rules.length;
    }

    Rule rule(int index) {
        return rules[index];
    }

    /** Says quickly where {@code pattern}, which rule {@code r} has, does not match. */
    LazyDfa dfa(int r, AnchoredPattern pattern) {
        var dfa = dfas.get(r);
        if (dfa == null) {
            dfa = LazyDfa.of(pattern.pattern());
            dfas.set(r, dfa);
        }
        return dfa;
    }

    LiteralIndex index() {
        return index;
    }

    int ruleOfLiteral(int literal) {
        return ruleOfLiteral[literal];
    }

    boolean onlyNeeded(int literal) {
        return onlyNeeded[literal];
    }

    /** True where {@code text[from, to)} is all of what the tokens of a class begin with, such as {@code ghp_}. */
    boolean isPrefix(byte[] text, int from, int to) {
        return prefixes.contains(new String(text, from, to - from, StandardCharsets.ISO_8859_1));
    }

    /** Index of the rule that {@code finder} serves, or -1. */
    int ruleOf(Rule.Finder finder) {
        return finders[finder.ordinal()];
    }

    boolean hasUserPatterns() {
        return userPatterns;
    }

    /** True where the literals in the words of a text are told by those in the text and by what changed. */
    boolean wordsByChanges() {
        return wordsByChanges;
    }

    /** Bytes that a literal has before its last word at most. */
    int beforeLastWord() {
        return beforeLastWord;
    }

    /** Rules whose expression is searched everywhere, because it has no literal. */
    int[] wholeText() {
        return wholeText;
    }

    /** Rules that are a {@link Rule.Walk}. */
    int[] walks() {
        return walks;
    }

    /** Bytes of the shortest text that a walk finds something in. */
    int shortestWalk() {
        return shortestWalk;
    }

    /** The rule named {@code name}, or null. */
    public @Nullable Rule named(String name) {
        for (var rule : rules) {
            if (rule.name().equals(name)) {
                return rule;
            }
        }
        return null;
    }
}
