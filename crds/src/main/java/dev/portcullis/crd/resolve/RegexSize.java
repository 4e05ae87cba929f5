package dev.portcullis.crd.resolve;

import java.util.ArrayDeque;

/**
 * How many states an RE2 expression has once its repetitions are written out, which is what memory and the time for each byte
 * grow with: RE2/J would write {@code ((a{1000}){1000}){1000}} out as a thousand million. Counted from the text; RE2/J builds
 * at most three for each of these. Any thread.
 */
public final class RegexSize {
    /** States that an expression may have. */
    public static final int MOST = 2_000;

    private final String regex;
    private int at;

    /** Index of the character that takes the expression over {@link #MOST}; -1 where none does. */
    private int fault = -1;

    private RegexSize(String regex) {
        this.regex = regex;
    }

    /** Index in {@code regex}, which need not be valid, of what makes it too large; -1 where it is not. */
    public static int fault(String regex) {
        var size = new RegexSize(regex);
        size.read();
        return size.fault;
    }

    /** Reads on with a stack of its own, so that no nesting is too deep. */
    private void read() {
        // What stands before each open parenthesis.
        var outer = new ArrayDeque<Long>();
        var all = 0L;
        var last = 0L;
        while (at < regex.length() && fault < 0) {
            var c = regex.charAt(at);
            var begin = at++;
            switch (c) {
                case '(' -> {
                    outer.push(all);
                    all = 2;
                    last = 0;
                }
                case ')' -> {
                    last = all;
                    all += outer.isEmpty() ? 0 : outer.pop();
                }
                case '{' -> {
                    var times = times(begin);
                    if (times >= 0) {
                        var more = last * Math.max(0, times - 1);
                        all += more;
                        last += more;
                    } else {
                        last = 1;
                        all++;
                    }
                }
                case '[' -> {
                    at = afterClass(at);
                    last = 1;
                    all++;
                }
                case '\\' -> {
                    var end = regex.startsWith("Q", at) ? regex.indexOf("\\E", at) : at;
                    var quoted = end != at;
                    last = 1;
                    all += quoted ? (end < 0 ? regex.length() : end) - at : 1;
                    at = quoted ? end < 0 ? regex.length() : end + 2 : afterEscape(at);
                }
                case '*', '+', '?', '|' -> all++;
                default -> {
                    last = 1;
                    all++;
                }
            }
            if (all > MOST) {
                fault = begin;
            }
        }
    }

    /** The higher number of the repetition at {@code begin}, behind which reading goes on; -1 where there is none. */
    private long times(int begin) {
        var i = begin + 1;
        var number = 0L;
        var highest = 0L;
        var digits = 0;
        for (; i < regex.length(); i++) {
            var c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(MOST * 10L, number * 10 + c - '0');
                highest = Math.max(highest, number);
                digits++;
            } else if (c == ',' && digits > 0) {
                number = 0;
            } else {
                break;
            }
        }
        if (digits == 0 || i == regex.length() || regex.charAt(i) != '}') {
            return -1;
        }
        at = i + 1;
        return highest;
    }

    private int afterClass(int from) {
        var i = from;
        if (i < regex.length() && regex.charAt(i) == '^') {
            i++;
        }
        for (var first = i; i < regex.length(); i++) {
            switch (regex.charAt(i)) {
                case '\\' -> i++;
                case '[' -> {
                    var end = regex.startsWith("[:", i) ? regex.indexOf(":]", i) : -1;
                    i = end < 0 ? i : end + 1;
                }
                case ']' -> {
                    if (i > first) {
                        return i + 1;
                    }
                }
                default -> {
                    // One more of the class.
                }
            }
        }
        return regex.length();
    }

    /** Behind {@code \x}, {@code \pL}, {@code \p{Greek}}, {@code \x{10FFFF}}. */
    private int afterEscape(int from) {
        if (from >= regex.length()) {
            return from;
        }
        var c = regex.charAt(from);
        if ((c == 'p' || c == 'P' || c == 'x') && from + 1 < regex.length() && regex.charAt(from + 1) == '{') {
            var end = regex.indexOf('}', from);
            return end < 0 ? regex.length() : end + 1;
        }
        return c == 'p' || c == 'P' ? Math.min(regex.length(), from + 2) : from + 1;
    }
}
