package dev.portcullis.dataplane.firewall.scan.match;

import java.util.regex.Pattern;

/**
 * Lets go of what a regular expression gives back in vain. Where a match may not be followed by a token character and ends
 * in a run of such characters, a shorter run is always followed by one: once the longest fails, all fail.
 */
final class LastRun {
    /** What stands behind an expression whose matches end where a token ends. */
    static final String TOKEN_ENDS = "(?![A-Za-z0-9_-])";

    private static final Pattern RUN = Pattern.compile("(?<!\\\\)\\[([A-Za-z0-9_-]+)]\\{\\d+,\\d*}(?=\\)*$)");

    private LastRun() {}

    /** {@code regex}, or where it ends in a run of token characters and the end of a token, the same without giving back. */
    static String kept(String regex) {
        if (!regex.endsWith(TOKEN_ENDS)) {
            return regex;
        }
        var before = regex.substring(0, regex.length() - TOKEN_ENDS.length());
        var run = RUN.matcher(before);
        if (!run.find() || !ofToken(run.group(1))) {
            return regex;
        }
        return before.substring(0, run.end()) + "+" + before.substring(run.end()) + TOKEN_ENDS;
    }

    /** True where every character of the class is a token character: a range such as {@code A-z} has others. */
    private static boolean ofToken(String characters) {
        var set = Pattern.compile("[" + characters + "]").asMatchPredicate();
        for (var c = 0; c < 256; c++) {
            if (set.test(Character.toString(c)) && !ByteSet.TOKEN.has((byte) c)) {
                return false;
            }
        }
        return true;
    }
}
