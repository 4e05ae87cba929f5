package dev.portcullis.dataplane.firewall.scan.match;

/**
 * A value that is known beforehand; the literal is its first bytes.
 *
 * @param value not copied, never changed
 * @param folded true where ASCII case does not matter, as in hex
 */
public record ExactValue(byte[] value, boolean folded) implements Rule.Trigger {
    /** Longest part of a value that the automaton looks for; the rest is compared at the hit. */
    public static final int LITERAL = 12;

    boolean matches(byte[] text, int start, int length) {
        if (length - start < value.length) {
            return false;
        }
        for (var i = 0; i < value.length; i++) {
            var a = text[start + i];
            var b = value[i];
            if (a != b && !(folded && LiteralIndex.fold(a) == LiteralIndex.fold(b))) {
                return false;
            }
        }
        return true;
    }
}
