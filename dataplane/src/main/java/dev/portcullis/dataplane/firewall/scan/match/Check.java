package dev.portcullis.dataplane.firewall.scan.match;

/** A last test of what an expression matched, mostly to keep made-up values from being findings. */
@FunctionalInterface
public interface Check {
    /** Accepts everything. */
    Check ANY = (text, start, end, length) -> true;

    /** True where {@code text[start, end)} is plausible. Looks at nothing but {@code text[0, length)}: a buffer may be longer than its text. */
    boolean accepts(byte[] text, int start, int end, int length);

    /** Both this and {@code other}. */
    default Check and(Check other) {
        return (text, start, end, length) ->
                accepts(text, start, end, length) && other.accepts(text, start, end, length);
    }
}
