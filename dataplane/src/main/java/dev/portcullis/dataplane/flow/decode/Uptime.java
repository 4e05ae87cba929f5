package dev.portcullis.dataplane.flow.decode;

/** Arithmetic on times that exporters state, which may wrap, jump or be plain wrong. */
final class Uptime {
    /** Longer than any active timeout in use; a longer flow is a clock that jumped. */
    static final long LONGEST_MILLIS = 3_600_000;

    private Uptime() {}

    /** Where a header states none. */
    static final long UNKNOWN = -1;

    /**
     * Milliseconds from first to last packet by the exporter's uptime (32 bits, wrapping after 49 days); 0 when the
     * three cannot be right.
     *
     * @param uptime of the header, or {@link #UNKNOWN}
     */
    static long duration(int first, int last, long uptime) {
        // A packet switched while the datagram was being made may be a moment ahead of its header.
        return uptime != UNKNOWN && (int) uptime - last < -LONGEST_MILLIS
                ? 0
                : plausible((last - first) & 0xFFFF_FFFFL);
    }

    /** {@code millis}, or 0 when no flow lasts that long. */
    static long plausible(long millis) {
        return millis < 0 || millis > LONGEST_MILLIS ? 0 : millis;
    }
}
