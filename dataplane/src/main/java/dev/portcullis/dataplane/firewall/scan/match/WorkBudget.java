package dev.portcullis.dataplane.firewall.scan.match;

/**
 * How much work one scan may still do. A unit is what all passes over a byte of plain text cost together, two to four
 * nanoseconds on a core of a server. Everything that an attacker can multiply
 * (candidates, regular expression steps, decoding) is paid from here, so the work of a scan is linear in its input.
 * Not thread-safe.
 */
public final class WorkBudget {
    /** Units granted for each byte of input. */
    public static final int PER_BYTE = 80;

    private static final long START = 200_000;

    private long left = START;
    private long granted = START;

    /** Grants the work that {@code bytes} bytes of input may cost. */
    public void grant(long bytes) {
        left += bytes * PER_BYTE;
        granted += bytes * PER_BYTE;
    }

    /**
     * Pays {@code units}.
     *
     * @throws Exhausted when they are more than what is left
     */
    public void pay(long units) {
        left -= units;
        if (left < 0) {
            throw Exhausted.INSTANCE;
        }
    }

    /** Units paid so far; at most {@link #granted()}, save for the payment that failed. */
    public long paid() {
        return granted - left;
    }

    /** Units granted so far. */
    public long granted() {
        return granted;
    }

    /** The budget is used up: what was not looked at must be treated as not clean. */
    public static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private static final Exhausted INSTANCE = new Exhausted();

        private Exhausted() {
            super("the scan needs more work than its budget allows", null, false, false);
        }
    }
}
