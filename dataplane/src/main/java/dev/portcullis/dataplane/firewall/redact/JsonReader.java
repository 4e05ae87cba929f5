package dev.portcullis.dataplane.firewall.redact;

import java.util.BitSet;

/**
 * Cuts JSON (RFC 8259) that arrives in pieces into parts whose edges are safe places to change it, and refuses what is not
 * JSON. Memory is one bit for each level of nesting. Not thread-safe.
 */
final class JsonReader {
    /** Deepest nesting. */
    static final int DEEPEST = 256;

    /** Longest number. */
    static final int LONGEST_NUMBER = 1024;

    private static final int ESCAPE = 2;
    private static final int UNICODE_ESCAPE = 6;

    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /** What a part is. */
    enum Part {
        /** Not yet known: more bytes are needed. */
        NONE,
        /** Braces, brackets, commas, colons, white space. */
        STRUCTURE,
        OPEN_KEY,
        OPEN_VALUE,
        /** Bytes of a string that stand for themselves; may be a part of a character. */
        TEXT,
        /** One escape sequence of a string, whole. */
        ESCAPED,
        CLOSE,
        /** A number, true, false or null, whole. */
        SCALAR
    }

    private enum Expect {
        VALUE,
        VALUE_OR_END,
        KEY,
        KEY_OR_END,
        COLON,
        COMMA_OR_END,
        NOTHING
    }

    private final boolean many;
    private final BitSet objects = new BitSet(64);
    private int depth;
    private Expect expect = Expect.VALUE;
    private boolean inString;
    private boolean inKey;
    private boolean begun;
    private int marked;
    private int end;

    /**
     * A reader.
     *
     * @param many true where values may follow each other (RFC 7464, NDJSON)
     */
    JsonReader(boolean many) {
        this.many = many;
    }

    /** True inside a string that is a key. */
    boolean inKey() {
        return inString && inKey;
    }

    /** Where the part that {@link #next} found ends. */
    int end() {
        return end;
    }

    /**
     * The part that begins at {@code text[from]}.
     *
     * @param to end of the bytes that are there
     * @param last true where no more will come
     */
    Part next(byte[] text, int from, int to, boolean last) throws MalformedJsonException {
        if (from >= to) {
            return Part.NONE;
        }
        return inString ? inString(text, from, to) : outside(text, from, to, last);
    }

    private Part inString(byte[] text, int from, int to) throws MalformedJsonException {
        var at = from;
        while (at < to && text[at] != '"' && text[at] != '\\') {
            if (text[at] >= 0 && text[at] < ' ') {
                throw malformed("a string has a control character in it");
            }
            at++;
        }
        if (at > from) {
            end = at;
            return Part.TEXT;
        }
        if (text[at] == '"') {
            end = at + 1;
            inString = false;
            expect = inKey ? Expect.COLON : afterValue();
            return Part.CLOSE;
        }
        if (at + 1 >= to) {
            return Part.NONE;
        }
        return escape(text, at, to);
    }

    private Part escape(byte[] text, int at, int to) throws MalformedJsonException {
        switch (text[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> end = at + ESCAPE;
            case 'u' -> {
                for (var i = at + ESCAPE; i < Math.min(to, at + UNICODE_ESCAPE); i++) {
                    if (Character.digit(text[i], 16) < 0) {
                        throw malformed("a string has a wrong escape in it");
                    }
                }
                if (at + UNICODE_ESCAPE > to) {
                    return Part.NONE;
                }
                end = at + UNICODE_ESCAPE;
            }
            default -> throw malformed("a string has a wrong escape in it");
        }
        return Part.ESCAPED;
    }

    private Part outside(byte[] text, int from, int to, boolean last) throws MalformedJsonException {
        end = from + 1;
        expect(marked == 0 || marked == MARK.length || text[from] == MARK[marked]);
        switch (text[from]) {
            case ' ', '\t', '\r', '\n' -> {}
            case 0x1e -> expect(many);
            case (byte) 0xef, (byte) 0xbb, (byte) 0xbf -> mark(text[from]);
            case '{' -> open(true);
            case '[' -> open(false);
            case '}' -> close(true, expect == Expect.KEY_OR_END);
            case ']' -> close(false, expect == Expect.VALUE_OR_END);
            case ':' -> {
                expect(expect == Expect.COLON);
                expect = Expect.VALUE;
            }
            case ',' -> {
                expect(expect == Expect.COMMA_OR_END);
                expect = objects.get(depth) ? Expect.KEY : Expect.VALUE;
            }
            case '"' -> {
                inKey = expect == Expect.KEY || expect == Expect.KEY_OR_END;
                if (!inKey) {
                    value();
                }
                begun = true;
                inString = true;
                return inKey ? Part.OPEN_KEY : Part.OPEN_VALUE;
            }
            default -> {
                return scalar(text, from, to, last);
            }
        }
        begun |= text[from] > ' ';
        return Part.STRUCTURE;
    }

    /** A byte order mark is let pass where it can be one (RFC 8259 section 8.1). */
    private void mark(byte b) throws MalformedJsonException {
        expect(!begun && marked < MARK.length && MARK[marked] == b);
        marked++;
    }

    private void open(boolean object) throws MalformedJsonException {
        value();
        if (depth == DEEPEST) {
            throw new MalformedJsonException("redact-depth", "is nested more than " + DEEPEST + " deep");
        }
        objects.set(++depth, object);
        expect = object ? Expect.KEY_OR_END : Expect.VALUE_OR_END;
    }

    private void close(boolean object, boolean empty) throws MalformedJsonException {
        expect(depth > 0 && objects.get(depth) == object && (empty || expect == Expect.COMMA_OR_END));
        depth--;
        expect = afterValue();
    }

    private Expect afterValue() {
        return depth > 0 ? Expect.COMMA_OR_END : many ? Expect.VALUE : Expect.NOTHING;
    }

    private void value() throws MalformedJsonException {
        expect(expect == Expect.VALUE || expect == Expect.VALUE_OR_END);
    }

    private static void expect(boolean that) throws MalformedJsonException {
        if (!that) {
            throw malformed("something is out of place");
        }
    }

    private Part scalar(byte[] text, int from, int to, boolean last) throws MalformedJsonException {
        var at = from;
        while (at < to && scalar(text[at])) {
            at++;
        }
        if (at - from > LONGEST_NUMBER) {
            throw new MalformedJsonException(
                    "redact-number", "has a number of more than " + LONGEST_NUMBER + " digits");
        }
        if (at == to && !last) {
            return Part.NONE;
        }
        value();
        expect(at > from && (literal(text, from, at) || number(text, from, at)));
        begun = true;
        expect = afterValue();
        end = at;
        return Part.SCALAR;
    }

    private static boolean scalar(byte b) {
        return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b == 'E' || b == '-' || b == '+' || b == '.';
    }

    private static boolean literal(byte[] text, int from, int to) {
        return is(text, from, to, "true") || is(text, from, to, "false") || is(text, from, to, "null");
    }

    private static boolean is(byte[] text, int from, int to, String word) {
        if (to - from != word.length()) {
            return false;
        }
        for (var i = 0; i < word.length(); i++) {
            if (text[from + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean number(byte[] text, int from, int to) {
        var at = text[from] == '-' ? from + 1 : from;
        var whole = digits(text, at, to);
        if (whole == at || text[at] == '0' && whole > at + 1) {
            return false;
        }
        at = whole;
        if (at < to && text[at] == '.') {
            var fraction = digits(text, at + 1, to);
            if (fraction == at + 1) {
                return false;
            }
            at = fraction;
        }
        if (at < to && (text[at] | 0x20) == 'e') {
            at++;
            if (at < to && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            var exponent = digits(text, at, to);
            return exponent > at && exponent == to;
        }
        return at == to;
    }

    private static int digits(byte[] text, int from, int to) {
        var at = from;
        while (at < to && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }

    /** Says that the text is complete. */
    void finish() throws MalformedJsonException {
        if (inString || depth > 0 || expect != (many ? Expect.VALUE : Expect.NOTHING) || many && !begun) {
            throw malformed("it ends too early");
        }
    }

    private static MalformedJsonException malformed(String what) {
        return new MalformedJsonException("redact-malformed", "says it is JSON and is not: " + what);
    }
}
