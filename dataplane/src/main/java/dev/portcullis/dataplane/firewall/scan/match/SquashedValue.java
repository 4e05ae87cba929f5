package dev.portcullis.dataplane.firewall.scan.match;

import java.util.Arrays;

/**
 * Finds a value whatever its case and whatever stands between its characters: dots, slashes, spaces, dashes, quotes. One
 * pass with the table of Knuth, Morris and Pratt. Immutable.
 */
public final class SquashedValue implements Rule.Walk {
    private static final ByteSet BETWEEN = ByteSet.of(" \t\r\n./+,;|_:&='\"\\-");

    private final byte[] value;
    private final int[] back;

    /**
     * A walk for {@code value}.
     *
     * @throws IllegalArgumentException where fewer than {@code least} of its bytes are not separators
     */
    public SquashedValue(byte[] value, int least) {
        this.value = squashed(value);
        if (this.value.length < least) {
            throw new IllegalArgumentException("fewer than " + least + " letters and digits");
        }
        back = table(this.value);
    }

    @Override
    public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
        var matched = 0;
        for (var i = from; i < length; i++) {
            var b = text[i];
            if (BETWEEN.has(b)) {
                continue;
            }
            b = LiteralIndex.fold(b);
            while (matched > 0 && value[matched] != b) {
                matched = back[matched - 1];
            }
            if (value[matched] == b) {
                matched++;
            }
            if (matched == 0 && i >= to) {
                return;
            }
            if (matched == value.length) {
                var start = start(text, i);
                if (start < to) {
                    found.at(start, i + 1);
                }
                matched = back[matched - 1];
            }
        }
    }

    /** Where the match that ends at {@code last} starts. */
    private int start(byte[] text, int last) {
        var left = value.length;
        var i = last;
        while (true) {
            if (!BETWEEN.has(text[i]) && --left == 0) {
                return i;
            }
            i--;
        }
    }

    private static byte[] squashed(byte[] value) {
        var out = new byte[value.length];
        var length = 0;
        for (var b : value) {
            if (!BETWEEN.has(b)) {
                out[length++] = LiteralIndex.fold(b);
            }
        }
        return Arrays.copyOf(out, length);
    }

    private static int[] table(byte[] value) {
        var table = new int[value.length];
        var matched = 0;
        for (var i = 1; i < value.length; i++) {
            while (matched > 0 && value[matched] != value[i]) {
                matched = table[matched - 1];
            }
            if (value[matched] == value[i]) {
                matched++;
            }
            table[i] = matched;
        }
        return table;
    }
}
