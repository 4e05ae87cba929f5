package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What may follow the first word of a match: which byte, and behind a space or a line break with which two letters, and
 * then which four bytes, the second word may begin. The expression itself is asked, once for each that is seen; most
 * places where a rule's first word stands are ruled out so for less than what the expression costs. Any thread: threads
 * that ask at the same time get the same answer.
 */
final class SecondWords {
    /** Bytes behind the first word that are looked at. */
    static final int SEEN = 3;

    private static final int LETTERS = 26;
    private static final int BYTES = 256;
    private static final byte[] NONE = {};
    private static final long[] NO_LONGS = {};

    /** A match may start here. */
    static final byte POSSIBLE = 1;

    /** No match starts here. */
    static final byte IMPOSSIBLE = 2;

    /** No match starts here, nor anywhere with the same byte before and the same seven bytes from there on. */
    static final byte NEVER = 3;

    private static final int NEAR = 7;

    /** Bytes behind the first word that are looked at where fewer do not rule a match out, and how many such are remembered. */
    private static final int LONG_SEEN = 5;

    private static final int LONG_BITS = 7;
    private static final int LONG_ANSWERS = 1 << LONG_BITS;
    private static final int HASH = 0x9E3779B1;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final byte[] first;
    private final Pattern pattern;
    private final boolean leftBoundary;

    /** For each byte, and then for each two letters, the answer; 0 where nobody asked. */
    private byte[] answers = NONE;

    /** Four bytes and the answer for them; 0 where nobody asked. */
    private long[] longAnswers = NO_LONGS;

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
        if (which == ' ' || which == '\n') {
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
        return answer == POSSIBLE
                        && seen == SEEN
                        && at + LONG_SEEN <= length
                        && plain(text[at + SEEN])
                        && plain(text[at + SEEN + 1])
                ? longer(text, at)
                : answer;
    }

    /** True for what the words of a text have as the text has it. */
    private static boolean plain(byte b) {
        return b >= 'a' && b <= 'z' || b == ' ';
    }

    /** The same for a space and four bytes, as far as there is room to remember it. */
    private byte longer(byte[] text, int at) {
        var known = longAnswers;
        if (known.length == 0) {
            known = new long[LONG_ANSWERS];
            longAnswers = known;
        }
        var four = (int) INT.get(text, at + 1);
        var slot = four * HASH >>> Integer.SIZE - LONG_BITS;
        var kept = (long) LONGS.getOpaque(known, slot);
        if (kept == 0) {
            // None makes room for another: so many questions are asked and no more, whatever the texts.
            var answer = ask(text, at, LONG_SEEN);
            LONGS.setOpaque(known, slot, four & 0xFFFFFFFFL | (long) answer << Integer.SIZE);
            return answer;
        }
        return (int) kept == four ? (byte) (kept >>> Integer.SIZE) : POSSIBLE;
    }

    /** Whether a match may begin so, whatever follows, if only where a mark is read as a space or a line break. */
    private byte ask(byte[] text, int at, int seen) {
        var behind = new String(text, at + 1, seen - 1, StandardCharsets.ISO_8859_1);
        if (mayGoOn((char) (text[at] & 0xff) + behind)
                || Words.isMark(text[at]) && (mayGoOn(' ' + behind) || mayGoOn('\n' + behind))) {
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
