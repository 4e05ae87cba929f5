package dev.portcullis.dataplane.firewall.scan.match;

/** A last test of what an expression matched, mostly to keep made-up values from being findings. */
@FunctionalInterface
public interface Check {
    /** Accepts everything. */
    Check ANY = (text, start, end) -> true;

    /** True where {@code text[start, end)} is plausible. */
    boolean accepts(byte[] text, int start, int end);

    /** Both this and {@code other}. */
    default Check and(Check other) {
        return (text, start, end) -> accepts(text, start, end) && other.accepts(text, start, end);
    }
}
