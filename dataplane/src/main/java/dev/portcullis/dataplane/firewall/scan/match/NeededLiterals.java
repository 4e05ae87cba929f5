package dev.portcullis.dataplane.firewall.scan.match;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a regular expression for texts that every match holds: sets of which each match has one member at least. Knows
 * the syntax that the rule packs use; what it does not know, it promises nothing about.
 */
final class NeededLiterals {
    /** Bytes of a text that is worth looking for. */
    private static final int SHORTEST = 4;

    private static final int MOST = 96;

    private final String regex;
    private int at;

    private NeededLiterals(String regex) {
        this.regex = regex;
    }

    /**
     * What a part of an expression matches.
     *
     * @param exact every text it matches, null where they are too many
     * @param needed of each set one member is in every match, in order; empty where {@code exact} says it all
     * @param starts with one of these every match begins; null where they are not known
     */
    private record Part(
            @Nullable Set<String> exact,
            List<Set<String>> needed,
            @Nullable Set<String> starts) {
        static final Part ANYTHING = new Part(null, List.of(), null);
        static final Part NOTHING = of(Set.of(""));

        static Part of(Set<String> exact) {
            return new Part(exact, List.of(), exact);
        }

        @Nullable
        Set<String> best(int from) {
            if (exact != null) {
                return from == 0 ? useful(exact) : null;
            }
            Set<String> best = null;
            for (var set : needed.subList(Math.min(from, needed.size()), needed.size())) {
                if (useful(set) != null && (best == null || shortest(set) >= shortest(best))) {
                    best = set;
                }
            }
            return best;
        }
    }

    /**
     * Literals of four bytes or more in lower case of which one follows the start in every match of {@code regex};
     * empty where none is certain.
     */
    static Set<String> afterStart(String regex) {
        var reader = new NeededLiterals(regex);
        var alternatives = reader.alternatives(true);
        if (reader.at < regex.length()) {
            return Set.of();
        }
        var all = new TreeSet<String>();
        for (var alternative : alternatives) {
            var best = alternative.best(1);
            if (best == null) {
                return Set.of();
            }
            all.addAll(best);
        }
        return all.size() > MOST ? Set.of() : all;
    }

    /** Texts in lower case with one of which every match begins; empty where that is not certain. */
    static Set<String> starts(String regex) {
        var reader = new NeededLiterals(regex);
        var alternatives = reader.alternatives(true);
        if (reader.at < regex.length()) {
            return Set.of();
        }
        var all = new TreeSet<String>();
        for (var alternative : alternatives) {
            if (alternative.starts == null) {
                return Set.of();
            }
            all.addAll(alternative.starts);
        }
        return all.contains("") ? Set.of() : all;
    }

    private static int shortest(Set<String> set) {
        var shortest = Integer.MAX_VALUE;
        for (var word : set) {
            shortest = Math.min(shortest, word.length());
        }
        return shortest;
    }

    private static @Nullable Set<String> useful(Set<String> set) {
        return set.size() <= MOST && shortest(set) >= SHORTEST ? set : null;
    }

    private List<Part> alternatives(boolean start) {
        var list = new ArrayList<Part>();
        list.add(sequence(start));
        while (at < regex.length() && regex.charAt(at) == '|') {
            at++;
            list.add(sequence(start));
        }
        return list;
    }

    private Part either() {
        var list = alternatives(false);
        if (list.size() == 1) {
            return list.getFirst();
        }
        var exact = new LinkedHashSet<String>();
        var needed = new LinkedHashSet<String>();
        var starts = new LinkedHashSet<String>();
        var allExact = true;
        var allNeeded = true;
        var allStart = true;
        for (var part : list) {
            if (part.exact != null) {
                exact.addAll(part.exact);
            } else {
                allExact = false;
            }
            if (part.starts != null) {
                starts.addAll(part.starts);
            } else {
                allStart = false;
            }
            var best = part.best(0);
            if (best != null) {
                needed.addAll(best);
            } else {
                allNeeded = false;
            }
        }
        if (allExact && exact.size() <= MOST) {
            return Part.of(exact);
        }
        return new Part(
                null,
                allNeeded && needed.size() <= MOST ? List.of(needed) : List.of(),
                allStart && starts.size() <= MOST ? starts : null);
    }

    /**
     * Reads up to the next bar or bracket.
     *
     * @param start true where what comes first is to be the first set, whatever it says
     */
    private Part sequence(boolean start) {
        Set<String> run = Set.of("");
        var needed = new ArrayList<Set<String>>();
        var whole = true;
        Set<String> starts = null;
        while (at < regex.length() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
            var part = repeated();
            var joined = part.exact == null ? null : product(run, part.exact);
            if (joined != null) {
                run = joined;
                continue;
            }
            if (whole) {
                starts = !run.contains("") || part.exact != null
                        ? run
                        : part.starts == null ? null : product(run, part.starts);
                whole = false;
            } else if (open(starts)) {
                starts = instead(starts, run);
                if (open(starts) && part.exact == null) {
                    starts = part.starts == null ? null : instead(starts, part.starts);
                }
            }
            var first = start && needed.isEmpty() && run.equals(Set.of(""));
            flush(run, needed);
            run = Set.of("");
            if (first) {
                continue;
            }
            if (part.exact != null) {
                run = part.exact;
            } else {
                needed.addAll(part.needed);
            }
        }
        if (whole) {
            return Part.of(run);
        }
        flush(run, needed);
        return new Part(null, List.copyOf(needed), open(starts) ? instead(starts, run) : starts);
    }

    /** True where what was read so far may be nothing, so that a match may begin with what follows. */
    private static boolean open(@Nullable Set<String> starts) {
        return starts != null && starts.contains("");
    }

    private static Set<String> instead(@Nullable Set<String> starts, Set<String> following) {
        var all = new LinkedHashSet<>(starts == null ? Set.<String>of() : starts);
        all.remove("");
        all.addAll(following);
        return all;
    }

    private static void flush(Set<String> run, List<Set<String>> needed) {
        if (useful(run) != null || needed.isEmpty()) {
            needed.add(run);
        }
    }

    private static @Nullable Set<String> product(Set<String> left, Set<String> right) {
        if ((long) left.size() * right.size() > MOST) {
            return null;
        }
        var all = new LinkedHashSet<String>();
        for (var l : left) {
            for (var r : right) {
                all.add(l + r);
            }
        }
        return all;
    }

    private Part repeated() {
        var part = atom();
        if (at >= regex.length()) {
            return part;
        }
        var optional = false;
        var repeats = false;
        switch (regex.charAt(at)) {
            case '?' -> optional = true;
            case '*' -> {
                optional = true;
                repeats = true;
            }
            case '+' -> repeats = true;
            case '{' -> {
                var close = regex.indexOf('}', at);
                var bounds = regex.substring(at + 1, close).split(",", -1);
                optional = bounds[0].equals("0");
                repeats = bounds.length > 1 || !bounds[0].equals("1");
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
        if (optional) {
            if (repeats || part.exact == null) {
                return part.starts == null || repeats
                        ? Part.ANYTHING
                        : new Part(null, List.of(), instead(part.starts, Set.of("")));
            }
            var exact = new LinkedHashSet<>(part.exact);
            exact.add("");
            return Part.of(exact);
        }
        if (!repeats || part.exact == null) {
            return part;
        }
        var set = useful(part.exact);
        return new Part(null, set == null ? List.of() : List.of(set), part.exact);
    }

    private Part atom() {
        var c = regex.charAt(at++);
        return switch (c) {
            case '(' -> group();
            case '[' -> {
                at = CharacterClasses.end(regex, at);
                yield Part.ANYTHING;
            }
            case '.' -> Part.ANYTHING;
            case '^', '$' -> Part.NOTHING;
            case '\\' -> escape();
            default -> text(c);
        };
    }

    private static Part text(char c) {
        return Part.of(Set.of(String.valueOf(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c)));
    }

    private Part escape() {
        var c = regex.charAt(at++);
        return switch (c) {
            case 'Q' -> {
                var close = regex.indexOf("\\E", at);
                var quoted = regex.substring(at, close);
                at = close + 2;
                var folded = new StringBuilder();
                for (var i = 0; i < quoted.length(); i++) {
                    folded.append((char) (LiteralIndex.fold((byte) quoted.charAt(i)) & 0xff));
                }
                yield Part.of(Set.of(folded.toString()));
            }
            case 'b', 'B' -> Part.NOTHING;
            case 'n' -> text('\n');
            case 't' -> text('\t');
            case 'p', 'P' -> {
                at = regex.charAt(at) == '{' ? regex.indexOf('}', at) + 1 : at + 1;
                yield Part.ANYTHING;
            }
            case 'x' -> {
                at += 2;
                yield Part.ANYTHING;
            }
            case 'u' -> {
                at += 4;
                yield Part.ANYTHING;
            }
            default -> Character.isLetterOrDigit(c) ? Part.ANYTHING : text(c);
        };
    }

    private Part group() {
        var looks = false;
        if (regex.startsWith("?:", at)) {
            at += 2;
        } else if (regex.startsWith("?=", at) || regex.startsWith("?!", at)) {
            looks = true;
            at += 2;
        } else if (regex.startsWith("?<=", at) || regex.startsWith("?<!", at)) {
            looks = true;
            at += 3;
        } else if (regex.startsWith("?<", at)) {
            at = regex.indexOf('>', at) + 1;
        } else if (regex.startsWith("?", at)) {
            // Flags and the like: say nothing about the whole expression.
            at = regex.length();
            return Part.ANYTHING;
        }
        var part = either();
        at++;
        return looks ? Part.NOTHING : part;
    }
}
