package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * With which two letters the second word of a match may begin, where its first word and a space stand already. The
 * expression itself is asked, once for each two letters that are seen; most places where a rule's first word stands are
 * ruled out so for less than what the expression costs. Any thread: threads that ask at the same time get the same answer.
 */
final class SecondWords {
    /** Bytes behind the first word that are looked at. */
    static final int SEEN = 3;

    private static final int LETTERS = 26;
    private static final byte[] NONE = {};

    private static final byte POSSIBLE = 1;
    private static final byte IMPOSSIBLE = 2;

    private final byte[] first;
    private final Pattern pattern;

    /** For each two letters the answer, 0 where nobody asked; never longer than that. */
    private byte[] answers = NONE;

    /** What may follow {@code first} in a match of {@code pattern}. */
    SecondWords(byte[] first, Pattern pattern) {
        this.first = first;
        this.pattern = pattern;
    }

    /** False where no match starts at {@code start} of {@code text[0, length)}, at which the first word stands. */
    boolean mayStart(byte[] text, int start, int length) {
        var at = start + first.length;
        if (at + SEEN > length || text[at] != ' ') {
            return true;
        }
        var one = text[at + 1] - 'a';
        var two = text[at + 2] - 'a';
        if (one < 0 || one >= LETTERS || two < 0 || two >= LETTERS) {
            return true;
        }
        var known = answers;
        if (known.length == 0) {
            known = new byte[LETTERS * LETTERS];
            answers = known;
        }
        var answer = known[one * LETTERS + two];
        if (answer == 0) {
            answer = ask(text, at);
            known[one * LETTERS + two] = answer;
        }
        return answer == POSSIBLE;
    }

    /** Whether a match may begin so, whatever follows: it is one already, or more text might make it one. */
    private byte ask(byte[] text, int at) {
        var matcher = pattern.matcher(new String(first, StandardCharsets.ISO_8859_1)
                + new String(text, at, SEEN, StandardCharsets.ISO_8859_1));
        return matcher.lookingAt() || matcher.hitEnd() ? POSSIBLE : IMPOSSIBLE;
    }
}
