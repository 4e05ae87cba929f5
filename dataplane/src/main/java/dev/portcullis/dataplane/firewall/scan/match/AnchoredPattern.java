package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that starts at the literal, or at a place up to which only {@code before} stands before it. It is
 * never searched for: it matches there or not at all.
 *
 * @param pattern bounded; its group {@code secret}, if any, is what {@code check} sees
 * @param before bytes that may stand between the match's start and the literal, or null where the literal starts it
 * @param mostBefore longest walk back, in bytes
 * @param leftBoundary true where a match may not follow a token character
 * @param reach bytes after the literal's start that the expression may look at
 * @param grouped true where the expression has a group {@code secret}
 * @param needed in lower case, a byte a char: one of these follows the start of every match; empty where none is certain
 */
public record AnchoredPattern(
        Pattern pattern,
        @Nullable ByteSet before,
        int mostBefore,
        boolean leftBoundary,
        int reach,
        boolean grouped,
        Set<String> needed,
        Check check)
        implements Rule.Trigger {
    /** Longest reach of a rule in bytes. */
    public static final int LONGEST_REACH = 1024;

    /** Longest walk back of a rule in bytes. */
    public static final int LONGEST_WALK = 64;

    /** The same, beginning behind any character. */
    public AnchoredPattern withoutLeftBoundary() {
        return new AnchoredPattern(pattern, before, mostBefore, false, reach, grouped, needed, check);
    }

    /** The matcher at {@code index} of those {@code kept} for {@code text}, made where there is none yet, to be begun anew. */
    Matcher matcher(@Nullable Matcher[] kept, int index, CharSequence text) {
        var matcher = kept[index];
        if (matcher == null) {
            matcher = pattern.matcher(text);
            kept[index] = matcher;
        } else {
            matcher.reset();
        }
        return matcher;
    }

    /** The first place where a match around a literal at {@code literalStart} may start. */
    int start(byte[] text, int literalStart) {
        var start = literalStart;
        if (before != null) {
            var lowest = Math.max(0, literalStart - mostBefore);
            while (start > lowest && before.has(text[start - 1])) {
                start--;
            }
        }
        return start;
    }
}
