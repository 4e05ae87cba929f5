package dev.portcullis.dataplane.firewall.scan.match;

import com.google.re2j.Pattern;

/**
 * A user's own expression, run by RE2/J (linear time) around a hit of a literal that every match contains, or over
 * everything where there is no such literal.
 */
public record UserPattern(Pattern pattern) implements Rule.Trigger {
    /** Bytes before and after the literal in which a match is looked for. */
    public static final int AROUND = 1024;

    /** Work of RE2/J for one byte, in budget units. */
    static final int COST = 8;
}
