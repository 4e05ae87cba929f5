package dev.portcullis.dataplane.firewall.scan.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final LiteralAutomaton automaton;
    private final byte[][] literals;
    private final boolean[] exactCase;
    private final int[] ruleOfLiteral;
    private final int[] finders = new int[Rule.Finder.values().length];
    private final int[] wholeText;
    private final int[] walks;
    private final int longestLiteral;
    private final boolean userPatterns;

    private RuleSet(Reading reading, List<Rule> list) {
        this.reading = reading;
        rules = list.toArray(new Rule[0]);
        Arrays.fill(finders, -1);
        var words = new ArrayList<byte[]>();
        var exact = new ArrayList<Boolean>();
        var owners = new ArrayList<Integer>();
        var whole = new ArrayList<Integer>();
        var walking = new ArrayList<Integer>();
        for (var r = 0; r < rules.length; r++) {
            var rule = rules[r];
            for (var literal : rule.literals()) {
                words.add(literal);
                exact.add(!rule.folded());
                owners.add(r);
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
        literals = words.toArray(new byte[0][]);
        automaton = LiteralAutomaton.of(words);
        exactCase = new boolean[literals.length];
        ruleOfLiteral = new int[literals.length];
        userPatterns = list.stream().anyMatch(rule -> rule.trigger() instanceof UserPattern);
        var longest = 1;
        for (var i = 0; i < literals.length; i++) {
            exactCase[i] = exact.get(i);
            ruleOfLiteral[i] = owners.get(i);
            longest = Math.max(longest, literals[i].length);
        }
        longestLiteral = longest;
        wholeText = whole.stream().mapToInt(Integer::intValue).toArray();
        walks = walking.stream().mapToInt(Integer::intValue).toArray();
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

    /** Memory of the automaton's table in bytes. */
    public long tableBytes() {
        return automaton.tableBytes();
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

    LiteralAutomaton automaton() {
        return automaton;
    }

    int longestLiteral() {
        return longestLiteral;
    }

    int literalLength(int literal) {
        return literals[literal].length;
    }

    int ruleOfLiteral(int literal) {
        return ruleOfLiteral[literal];
    }

    /** True where the bytes at {@code start} are the literal in its own case, or case does not matter. */
    boolean caseMatches(int literal, byte[] text, int start) {
        if (!exactCase[literal]) {
            return true;
        }
        var word = literals[literal];
        return Arrays.equals(text, start, start + word.length, word, 0, word.length);
    }

    /** Index of the rule that {@code finder} serves, or -1. */
    int ruleOf(Rule.Finder finder) {
        return finders[finder.ordinal()];
    }

    boolean hasUserPatterns() {
        return userPatterns;
    }

    /** Rules whose expression is searched everywhere, because it has no literal. */
    int[] wholeText() {
        return wholeText;
    }

    /** Rules that are a {@link Rule.Walk}. */
    int[] walks() {
        return walks;
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
