package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What may follow the first word of a match: which byte, and behind a space with which two letters the second word may
 * begin. The expression itself is asked, once for each that is seen; most places where a rule's first word stands are
 * ruled out so for less than what the expression costs. Any thread: threads that ask at the same time get the same answer.
 */
final class SecondWords {
    /** Bytes behind the first word that are looked at. */
    static final int SEEN = 3;

    private static final int LETTERS = 26;
    private static final int BYTES = 256;
    private static final byte[] NONE = {};

    /** A match may start here. */
    static final byte POSSIBLE = 1;

    /** No match starts here. */
    static final byte IMPOSSIBLE = 2;

    /** No match starts here, nor anywhere with the same byte before and the same seven bytes from there on. */
    static final byte NEVER = 3;

    private static final int NEAR = 7;

    private final byte[] first;
    private final Pattern pattern;
    private final boolean leftBoundary;

    /** For each byte, and then for each two letters, the answer; 0 where nobody asked. */
    private byte[] answers = NONE;

    /**
     * What may follow {@code literal} in a match of {@code pattern}.
     *
     * @param literal the first word, or that and a space
     * @param leftBoundary true where a match may not follow a token character
     */
    SecondWords(byte[] literal, Pattern pattern, boolean leftBoundary) {
        this.first = literal[literal.length - 1] == ' ' ? Arrays.copyOf(literal, literal.length - 1) : literal;
        this.pattern = pattern;
        this.leftBoundary = leftBoundary;
    }

    /** Whether a match starts at {@code start} of {@code text[0, length)}, at which the literal stands. */
    byte at(byte[] text, int start, int length) {
        if (leftBoundary && !Sweep.boundary(text, start)) {
            // Behind the letter of an escape it would be one.
            return Sweep.escapeLetter(text[start - 1]) ? IMPOSSIBLE : NEVER;
        }
        var at = start + first.length;
        if (at + SEEN > length) {
            return POSSIBLE;
        }
        var seen = 1;
        var which = text[at] & 0xff;
        if (which == ' ') {
            var one = text[at + 1] - 'a';
            var two = text[at + 2] - 'a';
            if (one < 0 || one >= LETTERS || two < 0 || two >= LETTERS) {
                return POSSIBLE;
            }
            seen = SEEN;
            which = BYTES + one * LETTERS + two;
        }
        var known = answers;
        if (known.length == 0) {
            known = new byte[BYTES + LETTERS * LETTERS];
            answers = known;
        }
        var answer = known[which];
        if (answer == 0) {
            answer = ask(text, at, seen);
            known[which] = answer;
        }
        return answer;
    }

    /** Whether a match may begin so, whatever follows, if only where a mark is read as a space. */
    private byte ask(byte[] text, int at, int seen) {
        if (mayGoOn(new String(text, at, seen, StandardCharsets.ISO_8859_1))
                || seen == 1 && Words.isMark(text[at]) && mayGoOn(" ")) {
            return POSSIBLE;
        }
        return first.length + seen <= NEAR ? NEVER : IMPOSSIBLE;
    }

    /** True where a match may begin with the first word and {@code behind}: it is one already, or more text might make it one. */
    private boolean mayGoOn(String behind) {
        var matcher = pattern.matcher(new String(first, StandardCharsets.ISO_8859_1) + behind);
        return matcher.lookingAt() || matcher.hitEnd();
    }
}
