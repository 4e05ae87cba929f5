package dev.portcullis.dataplane.firewall.scan.view;

/**
 * Folded text as words with one space between them, whatever marks stand there, and with digits and signs read as the
 * letters they stand for in words ({@code 1gn0r3}). Brackets, commas, colons and the ends of
 * sentences stay: what they part does not belong together.
 * Reusable; not thread-safe.
 */
public final class Words {
    private static final byte OTHER = 0;
    private static final byte LETTER = 1;
    private static final byte DIGIT = 2;
    private static final byte MARK = 3;

    private static final byte[] KIND = new byte[256];
    private static final byte[] MEANT = new byte[256];

    static {
        for (var c = 0; c < 256; c++) {
            KIND[c] = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                    ? LETTER
                    : c >= '0' && c <= '9' ? DIGIT : OTHER;
            MEANT[c] = (byte) c;
        }
        for (var mark : " \t\r\n.*_-~>#|/\\\"'`+^".toCharArray()) {
            KIND[mark] = MARK;
        }
        var pairs = "0o1i3e4a5s7t@a$s";
        for (var i = 0; i < pairs.length(); i += 2) {
            MEANT[pairs.charAt(i)] = (byte) pairs.charAt(i + 1);
        }
        KIND['@'] = DIGIT;
        KIND['$'] = DIGIT;
    }

    private byte[] out = new byte[0];
    private int[] map = new int[0];
    private int length;

    /**
     * Reads {@code in[0, end)}.
     *
     * @return false where the result is the same text
     */
    public boolean read(byte[] in, int end) {
        if (out.length < end) {
            out = new byte[end];
            map = new int[end];
        }
        length = 0;
        var changed = false;
        var start = 0;
        var kinds = 0;
        for (var i = 0; i <= end; i++) {
            var kind = i < end ? KIND[in[i] & 0xff] : MARK;
            if (kind == LETTER || kind == DIGIT) {
                kinds |= 1 << kind;
                put(in[i], i);
                continue;
            }
            if (kinds == (1 << LETTER | 1 << DIGIT)) {
                for (var k = start; k < length; k++) {
                    out[k] = MEANT[out[k] & 0xff];
                }
                changed = true;
            }
            kinds = 0;
            if (kind == OTHER || (i < end && endsSentence(in, i, end))) {
                put(in[i], i);
            } else if (i < end) {
                changed |= in[i] != ' ';
                if (length == 0 || out[length - 1] != ' ') {
                    put((byte) ' ', i);
                } else {
                    changed = true;
                }
            }
            start = length;
        }
        return changed;
    }

    private static boolean endsSentence(byte[] in, int at, int end) {
        return in[at] == '.'
                && at > 0
                && KIND[in[at - 1] & 0xff] != MARK
                && at + 1 < end
                && (in[at + 1] == ' ' || in[at + 1] == '\n');
    }

    private void put(byte b, int at) {
        out[length] = b;
        map[length++] = at;
    }

    /** The result; only the first {@link #length()} bytes count, and only until the next {@link #read}. */
    public byte[] bytes() {
        return out;
    }

    /** For each byte its index in what was read. Callers may overwrite it. */
    public int[] map() {
        return map;
    }

    /** Bytes of the result. */
    public int length() {
        return length;
    }
}
