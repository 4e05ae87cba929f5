package dev.portcullis.dataplane.firewall.scan;

/** How findings say what a match was wrapped in: outermost first, joined by "+". */
public final class Encodings {
    private Encodings() {}

    /** {@code encoding} of a match in text that was put together from pieces. */
    public static String split(String encoding) {
        return encoding.equals("plaintext") ? "split" : encoding.startsWith("split") ? encoding : "split+" + encoding;
    }
}
