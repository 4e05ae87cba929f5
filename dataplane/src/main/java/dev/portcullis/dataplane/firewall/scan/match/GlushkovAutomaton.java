package dev.portcullis.dataplane.firewall.scan.match;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The position automaton (Glushkov 1961) of a regular expression over bytes as ISO 8859-1: a position for each byte class that
 * is written in it, counted repetitions written out, and for each what may follow it. Accepts at least what the expression
 * matches: what it looks behind or ahead for is taken to be there, and what it would not give back is given back. That no
 * byte of a class follows the whole expression is read as one more byte that is none of them. Immutable.
 */
final class GlushkovAutomaton {
    /** Positions at most; what has more is left to the expression. */
    static final int MOST = 4_096;

    private static final int BYTES = 256;

    /** Begins what may not follow. */
    private static final String NOT_A = "(?![";

    private final String regex;
    private final int flags;
    private int at;
    private int depth;
    private final List<BitSet> bytes = new ArrayList<>();
    private final List<BitSet> follow = new ArrayList<>();
    private final BitSet ends = new BitSet();
    private final Map<String, BitSet> classes = new HashMap<>();
    private final Part whole;

    /** An expression says something this does not know, or is too large. */
    private static final class Unknown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unknown() {
            super("unknown syntax", null, false, false);
        }
    }

    /**
     * A part of the expression.
     *
     * @param empty true where it may match nothing
     * @param first positions that it may begin with
     * @param last positions that it may end with
     */
    private record Part(boolean empty, BitSet first, BitSet last) {
        static final Part NOTHING = new Part(true, new BitSet(), new BitSet());
    }

    private GlushkovAutomaton(String regex, int flags) {
        this.regex = regex;
        this.flags = flags;
        this.whole = alternatives();
        if (at < regex.length()) {
            throw new Unknown();
        }
    }

    /** The automaton of {@code pattern}; null where it is too large, matches nothing at all, or is written in a way not known here. */
    static @Nullable GlushkovAutomaton of(Pattern pattern) {
        try {
            var automaton = new GlushkovAutomaton(pattern.pattern(), pattern.flags());
            return automaton.whole.empty ? null : automaton;
        } catch (Unknown e) {
            return null;
        }
    }

    /** Positions. */
    int size() {
        return bytes.size();
    }

    /** Positions that may be first. */
    BitSet first() {
        return whole.first;
    }

    /** Positions with one of which every match ends. */
    BitSet last() {
        return whole.last;
    }

    /** Positions that stand for what follows a match: it may end before them where the text does. */
    BitSet following() {
        return ends;
    }

    /** The bytes of all positions, each set once. */
    Set<BitSet> sets() {
        return new LinkedHashSet<>(bytes);
    }

    /** The bytes that {@code position} stands for. */
    BitSet bytes(int position) {
        return bytes.get(position);
    }

    /** Positions that may follow {@code position}. */
    BitSet follow(int position) {
        return follow.get(position);
    }

    private Part alternatives() {
        var part = sequence();
        while (at < regex.length() && regex.charAt(at) == '|') {
            at++;
            var other = sequence();
            part = new Part(part.empty || other.empty, or(part.first, other.first), or(part.last, other.last));
        }
        return part;
    }

    private Part sequence() {
        var part = Part.NOTHING;
        while (at < regex.length() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
            part = then(part, repeated());
        }
        return part;
    }

    private Part then(Part one, Part two) {
        for (var p = one.last.nextSetBit(0); p >= 0; p = one.last.nextSetBit(p + 1)) {
            follow.get(p).or(two.first);
        }
        return new Part(
                one.empty && two.empty,
                one.empty ? or(one.first, two.first) : one.first,
                two.empty ? or(one.last, two.last) : two.last);
    }

    private Part repeated() {
        var from = at;
        var part = atom();
        if (at >= regex.length()) {
            return part;
        }
        var least = 1;
        var most = 1;
        switch (regex.charAt(at)) {
            case '?' -> least = 0;
            case '*' -> {
                least = 0;
                most = -1;
            }
            case '+' -> most = -1;
            case '{' -> {
                var close = regex.indexOf('}', at);
                var bounds = regex.substring(at + 1, close).split(",", -1);
                least = Integer.parseInt(bounds[0]);
                most = bounds.length == 1 ? least : bounds[1].isEmpty() ? -1 : Integer.parseInt(bounds[1]);
                at = close;
            }
            default -> {
                return part;
            }
        }
        at++;
        if (at < regex.length() && (regex.charAt(at) == '?' || regex.charAt(at) == '+')) {
            at++;
        }
        return times(from, part, least, most);
    }

    /** The {@code part} written at {@code from}, repeated; -1 for any number. */
    private Part times(int from, Part part, int least, int most) {
        var end = at;
        // What may be nothing is there as often as wanted in fewer copies.
        var needed = part.empty ? 0 : least;
        var copies = most < 0 ? Math.max(1, needed) : most;
        if (copies == 0) {
            return Part.NOTHING;
        }
        var last = new BitSet();
        var copy = part;
        for (var n = 1; n <= copies; n++) {
            if (n > 1) {
                at = from;
                var before = copy;
                copy = atom();
                then(before, copy);
            }
            if (n >= needed) {
                last.or(copy.last);
            }
        }
        if (most < 0) {
            then(copy, copy);
        }
        at = end;
        return new Part(needed == 0, part.first, last);
    }

    private Part atom() {
        var from = at;
        var c = regex.charAt(at++);
        return switch (c) {
            case '(' -> group();
            case '[' -> {
                at = CharacterClasses.end(regex, at);
                yield position(named(regex.substring(from, at)));
            }
            case '.' -> position(named("."));
            case '^', '$' -> Part.NOTHING;
            case '\\' -> escape(from);
            case '*', '+', '?', '{' -> throw new Unknown();
            default -> letter(c);
        };
    }

    private Part letter(char c) {
        if (c >= BYTES) {
            throw new Unknown();
        }
        var set = new BitSet(BYTES);
        set.set(c);
        if ((flags & Pattern.CASE_INSENSITIVE) != 0) {
            if (c >= 'a' && c <= 'z') {
                set.set(c - 'a' + 'A');
            } else if (c >= 'A' && c <= 'Z') {
                set.set(c - 'A' + 'a');
            }
        }
        return position(set);
    }

    private Part position(BitSet set) {
        if (bytes.size() == MOST) {
            throw new Unknown();
        }
        var one = new BitSet();
        one.set(bytes.size());
        bytes.add(set);
        follow.add(new BitSet());
        return new Part(false, one, one);
    }

    /** The bytes that the class {@code written} matches, as the library says. */
    private BitSet named(String written) {
        return classes.computeIfAbsent(written, text -> {
            var set = new BitSet(BYTES);
            var matcher = Pattern.compile(text, flags).matcher("");
            for (var c = 0; c < BYTES; c++) {
                set.set(c, matcher.reset(String.valueOf((char) c)).matches());
            }
            return set;
        });
    }

    private Part escape(int from) {
        var c = regex.charAt(at++);
        return switch (c) {
            case 'Q' -> {
                var close = regex.indexOf("\\E", at);
                var quoted = regex.substring(at, close);
                at = close + 2;
                if (at < regex.length() && "?*+{".indexOf(regex.charAt(at)) >= 0) {
                    throw new Unknown();
                }
                var part = Part.NOTHING;
                for (var i = 0; i < quoted.length(); i++) {
                    part = then(part, letter(quoted.charAt(i)));
                }
                yield part;
            }
            case 'b', 'B' -> Part.NOTHING;
            case 'x' -> {
                at += 2;
                yield position(named(regex.substring(from, at)));
            }
            case 'w', 'W', 'd', 'D', 's', 'S', 'n', 't', 'r', 'f' -> position(named(regex.substring(from, at)));
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    throw new Unknown();
                }
                yield letter(c);
            }
        };
    }

    private Part group() {
        if (regex.startsWith("?!", at) || regex.startsWith("?=", at)) {
            var from = at - 1;
            at = groupEnd();
            if (depth == 0 && at == regex.length() && regex.startsWith(NOT_A, from)) {
                at = from + NOT_A.length();
                var end = CharacterClasses.end(regex, at);
                at = regex.length();
                if (end == at - 1) {
                    var others = (BitSet) named(regex.substring(from + NOT_A.length() - 1, end))
                            .clone();
                    others.flip(0, BYTES);
                    ends.set(bytes.size());
                    return position(others);
                }
            }
            return Part.NOTHING;
        }
        if (regex.startsWith("?<=", at) || regex.startsWith("?<!", at)) {
            at = groupEnd();
            return Part.NOTHING;
        }
        if (regex.startsWith("?:", at)) {
            at += 2;
        } else if (regex.startsWith("?<", at)) {
            at = regex.indexOf('>', at) + 1;
        } else if (regex.startsWith("?", at)) {
            throw new Unknown();
        }
        depth++;
        var part = alternatives();
        depth--;
        if (at >= regex.length()) {
            throw new Unknown();
        }
        at++;
        return part;
    }

    /** Index behind the group whose opening bracket was read. */
    private int groupEnd() {
        var open = 1;
        var i = at;
        while (i < regex.length() && open > 0) {
            switch (regex.charAt(i)) {
                case '\\' -> i++;
                case '[' -> i = CharacterClasses.end(regex, i + 1) - 1;
                case '(' -> open++;
                case ')' -> open--;
                default -> {}
            }
            i++;
        }
        return i;
    }

    private static BitSet or(BitSet one, BitSet two) {
        var both = (BitSet) one.clone();
        both.or(two);
        return both;
    }
}
