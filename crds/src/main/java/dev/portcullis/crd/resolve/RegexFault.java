package dev.portcullis.crd.resolve;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;

/** Where in an RE2 expression the fault is, which RE2/J tells only by quoting a part of it. */
final class RegexFault {
    private RegexFault() {}

    /** Index of the fault in {@code text}, whose compilation threw {@code fault}. */
    static int at(String text, PatternSyntaxException fault) {
        var part = fault.getPattern() == null ? "" : fault.getPattern();
        if (part.isEmpty() || part.equals(text)) {
            // All of it is quoted: for want of a closing parenthesis, or one too many.
            return parenthesis(text);
        }
        var first = text.indexOf(part);
        for (var at = first; at >= 0; at = text.indexOf(part, at + 1)) {
            if (breaks(text.substring(0, at + part.length()), fault.getDescription())) {
                return at;
            }
        }
        return Math.max(first, 0);
    }

    private static boolean breaks(String beginning, String description) {
        try {
            var unused = Pattern.compile(beginning + ")".repeat(open(beginning).size()));
            return false;
        } catch (PatternSyntaxException e) {
            return e.getDescription().equals(description);
        }
    }

    private static int parenthesis(String text) {
        var open = open(text);
        return open.isEmpty() ? 0 : open.peekLast();
    }

    /** Indexes of the parentheses that are open at the end, or of the first that closes none. */
    private static ArrayDeque<Integer> open(String text) {
        var open = new ArrayDeque<Integer>();
        var inClass = false;
        for (var i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case '[' -> inClass = true;
                case ']' -> inClass = false;
                case '(' -> {
                    if (!inClass) {
                        open.addLast(i);
                    }
                }
                case ')' -> {
                    if (!inClass && open.pollLast() == null) {
                        open.addLast(i);
                        return open;
                    }
                }
                default -> {
                    // Nothing that opens or closes.
                }
            }
        }
        return open;
    }
}
