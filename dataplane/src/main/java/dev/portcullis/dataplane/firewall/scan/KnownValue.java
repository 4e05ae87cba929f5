package dev.portcullis.dataplane.firewall.scan;

/**
 * A secret that must never leave.
 *
 * @param name how findings call it; never the value
 * @param canary true for bait that nobody has a reason to send: found in any case and whatever stands between its characters
 * @param value at least {@link #SHORTEST} bytes; neither copied nor changed, never logged
 */
public record KnownValue(String name, byte[] value, boolean canary) {
    /** Shorter values would be found in ordinary text. */
    public static final int SHORTEST = 8;

    /** A value that is in use. */
    public KnownValue(String name, byte[] value) {
        this(name, value, false);
    }

    /** Never shows the value. */
    @Override
    public String toString() {
        return "KnownValue[" + name + "]";
    }
}
