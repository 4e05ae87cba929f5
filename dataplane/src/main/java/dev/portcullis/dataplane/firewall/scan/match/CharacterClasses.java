package dev.portcullis.dataplane.firewall.scan.match;

/**
 * Writes the ranges of a regular expression's character classes out, {@code [a-f_]} as {@code [abcdef_]}: {@link
 * java.util.regex.Pattern} answers a class of single characters from one table, and one of ranges through a chain of calls,
 * which is most of what a near miss costs.
 */
final class CharacterClasses {
    private static final String DIGITS = "0123456789";
    private static final String WORD = DIGITS + "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String SPACE = "\\x20\\t\\n\\x0B\\f\\r";

    private final String regex;
    private final StringBuilder written;
    private int at;

    private CharacterClasses(String regex) {
        this.regex = regex;
        this.written = new StringBuilder(regex.length() * 2);
    }

    /**
     * An expression that matches what {@code regex} does. Ranges between two small letters, two capitals or two digits are
     * written out, and {@code \\d}, {@code \\s} and {@code \\w}; everything else stays. Not for UNICODE_CASE and
     * UNICODE_CHARACTER_CLASS.
     */
    static String writtenOut(String regex) {
        return new CharacterClasses(regex).read();
    }

    /** Index behind the class whose opening bracket is before {@code from}; the expression's length where it is not closed. */
    static int end(String regex, int from) {
        var depth = 1;
        var i = from;
        if (i < regex.length() && regex.charAt(i) == '^') {
            i++;
        }
        if (i < regex.length() && regex.charAt(i) == ']') {
            i++;
        }
        while (i < regex.length() && depth > 0) {
            switch (regex.charAt(i)) {
                case '\\' -> i++;
                case '[' -> depth++;
                case ']' -> depth--;
                default -> {}
            }
            i++;
        }
        return i;
    }

    private String read() {
        var depth = 0;
        while (at < regex.length()) {
            var c = regex.charAt(at);
            if (c == '\\' && depth > 0 && isPredefined()) {
                var name = regex.charAt(at + 1);
                written.append(name == 'd' ? DIGITS : name == 's' ? SPACE : WORD);
                at += 2;
            } else if (c == '\\') {
                escape();
            } else if (depth > 0 && isRange()) {
                for (var each = c; each <= regex.charAt(at + 2); each++) {
                    written.append(each);
                }
                at += 3;
            } else {
                if (c == '[') {
                    depth++;
                } else if (c == ']' && depth > 0) {
                    depth--;
                }
                take(1);
            }
        }
        return written.toString();
    }

    /** False where a hyphen follows that is not the last of its class: behind a letter it would make a range. */
    private boolean isPredefined() {
        return at + 1 < regex.length()
                && "dsw".indexOf(regex.charAt(at + 1)) >= 0
                && (!regex.startsWith("-", at + 2) || regex.startsWith("-]", at + 2));
    }

    private boolean isRange() {
        if (at + 2 >= regex.length() || regex.charAt(at + 1) != '-') {
            return false;
        }
        var first = regex.charAt(at);
        var last = regex.charAt(at + 2);
        return first <= last && kind(first) != 0 && kind(first) == kind(last);
    }

    private static int kind(char c) {
        if (c >= 'a' && c <= 'z') {
            return 1;
        }
        if (c >= 'A' && c <= 'Z') {
            return 2;
        }
        return c >= '0' && c <= '9' ? 3 : 0;
    }

    /** Takes an escape whole, so that nothing in it is read as a range, with the range it begins. */
    private void escape() {
        if (regex.startsWith("\\Q", at)) {
            var end = regex.indexOf("\\E", at);
            take(end < 0 ? regex.length() - at : end + 2 - at);
            return;
        }
        var name = at + 1 < regex.length() ? regex.charAt(at + 1) : ' ';
        take(Math.min(2, regex.length() - at));
        if (at < regex.length() && regex.charAt(at) == '{') {
            var end = regex.indexOf('}', at);
            // A quantifier behind an escape is taken whole as well.
            take(end < 0 ? regex.length() - at : end + 1 - at);
        } else if (name == 'x' || name == 'u' || name == '0') {
            var most = name == 'x' ? 2 : name == 'u' ? 4 : 3;
            while (most-- > 0 && at < regex.length() && Character.digit(regex.charAt(at), 16) >= 0) {
                take(1);
            }
        } else if ((name == 'p' || name == 'P' || name == 'c') && at < regex.length()) {
            take(1);
        }
        if (at + 1 < regex.length() && regex.charAt(at) == '-') {
            take(1);
            if (regex.charAt(at) != '\\' && regex.charAt(at) != ']' && regex.charAt(at) != '[') {
                take(1);
            }
        }
    }

    private void take(int length) {
        written.append(regex, at, at + length);
        at += length;
    }
}
