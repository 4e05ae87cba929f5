package dev.portcullis.dataplane.firewall.scan;

/**
 * A secret that must never leave.
 *
 * @param name how findings call it; never the value
 * @param value at least {@link #SHORTEST} bytes; neither copied nor changed, never logged
 */
public record KnownValue(String name, byte[] value) {
    /** Shorter values would be found in ordinary text. */
    public static final int SHORTEST = 8;

    /** Never shows the value. */
    @Override
    public String toString() {
        return "KnownValue[" + name + "]";
    }
}
