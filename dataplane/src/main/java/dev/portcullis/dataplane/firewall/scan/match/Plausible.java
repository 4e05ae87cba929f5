package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tells values that look generated from placeholders: {@code xxxx}, {@code EXAMPLE}, {@code your-token}, {@code ${VAR}},
 * one repeated letter, low entropy. A word such as {@code example} excuses what is made of words, and not a generated value
 * that it stands in or beside.
 */
public final class Plausible implements Check {
    /** Words of a value that stands for another. What is around them may still be a secret. */
    private static final byte[][][] WORDS = byFirst(Stream.of(
            "example",
            "xxxxx",
            "your-",
            "your_",
            "your+",
            "your%",
            "yourtoken",
            "yourapi",
            "placeholder",
            "changeme",
            "change_me",
            "change-me",
            "redacted",
            "insert",
            "dummy",
            "000000000",
            "*****",
            "....."));

    /** What begins a reference to a value that is elsewhere. */
    private static final byte[][][] REFERENCES =
            byFirst(Stream.of("<", "${", "$(", "{{", "%24", "%7b%7b", "process.env", "os.environ"));

    /** Characters, and bits for each of them, that what is left beside such words has at least where it is a secret. */
    private static final int SECRET_LENGTH = 16;

    private static final double SECRET_BITS = 3;

    /** Values that vendors print in their own documentation: whole values only, so that no ending excuses a real one. */
    private static final Set<String> DOCUMENTED = Set.of(
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAI44QH8DHBEXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");

    /** Above a short prefix followed by one letter, below any token with four different letters. */
    private static final double FILLER_BITS = 1.6;

    private final double leastBits;

    /** Accepts values of at least {@code leastBits} bits a character that hold no placeholder. */
    public Plausible(double leastBits) {
        this.leastBits = leastBits;
    }

    /**
     * Accepts all but filler of one or two letters. For what must never leave: a made-up token in the vendor's own format
     * is refused rather than guessed at.
     */
    public static Check unlessFiller() {
        return (text, start, end, length) ->
                Shannon.bits(text, start, end) >= FILLER_BITS && !DOCUMENTED.contains(latin1(text, start, end));
    }

    @Override
    public boolean accepts(byte[] text, int start, int end, int length) {
        return !placeholder(text, start, end)
                && !variable(text, start, end)
                && Shannon.bits(text, start, end) >= leastBits
                && !DOCUMENTED.contains(latin1(text, start, end));
    }

    /** True where nothing between the words of a placeholder looks generated, or the value is only a reference. */
    private static boolean placeholder(byte[] text, int start, int end) {
        var words = false;
        var from = start;
        for (var i = start; i < end; i++) {
            if ((i == start || opens(text[i - 1])) && startsWithAny(REFERENCES, text, i, end) > 0) {
                return true;
            }
            var length = startsWithAny(WORDS, text, i, end);
            if (length > 0) {
                if (generated(text, from, i)) {
                    return false;
                }
                words = true;
                i += length - 1;
                from = i + 1;
            }
        }
        return words && !generated(text, from, end);
    }

    /** True for what stands before the parts of a value, as in {@code user:password@host}. */
    private static boolean opens(byte before) {
        return before == ':'
                || before == '/'
                || before == '@'
                || before == '='
                || before == '"'
                || before == '\''
                || before == ' ';
    }

    private static boolean generated(byte[] text, int from, int to) {
        return to - from >= SECRET_LENGTH
                && Shannon.bits(text, from, to) >= SECRET_BITS
                && JoinedSearch.mixed(text, from, to);
    }

    private static int startsWithAny(byte[][][] words, byte[] text, int at, int end) {
        for (var word : words[LiteralIndex.fold(text[at]) & 0xff]) {
            if (at + word.length <= end && LiteralIndex.standsAt(text, at, word)) {
                return word.length;
            }
        }
        return 0;
    }

    /** True for {@code $NAME}, which a shell replaces. */
    private static boolean variable(byte[] text, int start, int end) {
        if (start == end || text[start] != '$') {
            return false;
        }
        for (var i = start + 1; i < end; i++) {
            if (!ByteSet.TOKEN.has(text[i])) {
                return false;
            }
        }
        return true;
    }

    /** The value, slashes as they were before a URL was made of it. */
    private static String latin1(byte[] text, int start, int end) {
        return new String(text, start, end - start, StandardCharsets.ISO_8859_1).replace("%2F", "/");
    }

    /** For each byte the words that begin with it. */
    private static byte[][][] byFirst(Stream<String> words) {
        var all = words.map(word -> word.getBytes(StandardCharsets.US_ASCII)).toList();
        var byFirst = new byte[256][][];
        for (var c = 0; c < byFirst.length; c++) {
            var first = (byte) c;
            byFirst[c] = all.stream().filter(word -> word[0] == first).toArray(byte[][]::new);
        }
        return byFirst;
    }
}
