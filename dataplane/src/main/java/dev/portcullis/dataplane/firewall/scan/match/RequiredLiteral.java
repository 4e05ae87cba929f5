package dev.portcullis.dataplane.firewall.scan.match;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds a text that every match of an RE2 expression contains, so that the automaton can look for it first. */
public final class RequiredLiteral {
    private static final int SHORTEST = 3;

    private static final Pattern REPEAT = Pattern.compile("\\{[0-9]+(?:,[0-9]*)?\\}");

    private RequiredLiteral() {}

    /** The longest such text of three ASCII characters or more, whatever its case; null where none is certain. */
    public static @Nullable String of(String regex) {
        var best = "";
        var run = new StringBuilder();
        var i = 0;
        while (i < regex.length()) {
            var c = regex.charAt(i);
            var literal = -1;
            var next = i + 1;
            switch (c) {
                case '|', ')' -> {
                    return null;
                }
                case '(' -> next = closing(regex, i);
                case '[' -> next = classEnd(regex, i);
                case '.', '^', '$' -> {}
                case '\\' -> {
                    if (i + 1 >= regex.length()) {
                        return null;
                    }
                    var escaped = regex.charAt(i + 1);
                    next = i + 2;
                    if (escaped == 'Q'
                            || escaped == 'x'
                            || escaped == 'p'
                            || escaped == 'P'
                            || Character.isDigit(escaped)) {
                        return null;
                    }
                    if (!Character.isLetter(escaped)) {
                        literal = escaped;
                    }
                }
                default -> literal = c;
            }
            if (next < 0) {
                return null;
            }
            var quantifier = next < regex.length() ? regex.charAt(next) : ' ';
            if (quantifier == '{'
                    && !REPEAT.matcher(regex).region(next, regex.length()).lookingAt()) {
                // RE2 takes such a brace for a character.
                return null;
            }
            var repeated = quantifier == '*' || quantifier == '?' || quantifier == '+' || quantifier == '{';
            var required = !repeated || quantifier == '+' || (quantifier == '{' && !regex.startsWith("{0", next));
            if (literal >= 0x80) {
                return null;
            }
            if (literal >= 0 && required) {
                run.append((char) literal);
            }
            if (literal < 0 || repeated) {
                best = longer(best, run);
                run.setLength(0);
            }
            if (repeated) {
                next = quantifier == '{' ? regex.indexOf('}', next) + 1 : next + 1;
                if (next <= 0) {
                    return null;
                }
                if (next < regex.length() && regex.charAt(next) == '?') {
                    next++;
                }
            }
            i = next;
        }
        best = longer(best, run);
        return best.length() < SHORTEST ? null : best;
    }

    private static String longer(String best, StringBuilder run) {
        return run.length() > best.length() ? run.toString() : best;
    }

    /** Index after the group that opens at {@code open}, or -1. */
    private static int closing(String regex, int open) {
        var depth = 0;
        for (var i = open; i < regex.length(); i++) {
            switch (regex.charAt(i)) {
                case '\\' -> i++;
                case '[' -> {
                    var end = classEnd(regex, i);
                    if (end < 0) {
                        return -1;
                    }
                    i = end - 1;
                }
                case '(' -> depth++;
                case ')' -> {
                    if (--depth == 0) {
                        return i + 1;
                    }
                }
                default -> {}
            }
        }
        return -1;
    }

    /** Index after the class that opens at {@code open}, or -1. */
    private static int classEnd(String regex, int open) {
        var i = open + 1;
        if (i < regex.length() && regex.charAt(i) == '^') {
            i++;
        }
        if (i < regex.length() && regex.charAt(i) == ']') {
            i++;
        }
        for (; i < regex.length(); i++) {
            var c = regex.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[' && regex.startsWith("[:", i)) {
                i = regex.indexOf(":]", i);
                if (i < 0) {
                    return -1;
                }
                i++;
            } else if (c == ']') {
                return i + 1;
            }
        }
        return -1;
    }
}
