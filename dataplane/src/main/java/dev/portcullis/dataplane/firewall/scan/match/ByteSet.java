package dev.portcullis.dataplane.firewall.scan.match;

/** A set of byte values. Immutable. */
public final class ByteSet {
    /** Letters, digits, underscore and dash: what a token is usually made of. */
    public static final ByteSet TOKEN = of("A-Za-z0-9_-");

    private final boolean[] members = new boolean[256];

    private ByteSet() {}

    /** The set of the ASCII characters in {@code ranges}, for example {@code A-Za-z0-9_-}; a last dash means itself. */
    public static ByteSet of(String ranges) {
        var set = new ByteSet();
        for (var i = 0; i < ranges.length(); i++) {
            var low = ranges.charAt(i);
            var high = low;
            if (i + 2 < ranges.length() && ranges.charAt(i + 1) == '-') {
                high = ranges.charAt(i + 2);
                i += 2;
            }
            for (var c = low; c <= high; c++) {
                set.members[c & 0xff] = true;
            }
        }
        return set;
    }

    /** True where {@code value} is a member. */
    public boolean has(byte value) {
        return members[value & 0xff];
    }
}
