package dev.portcullis.dataplane.firewall.rewrite;

/** What can be done to a body: the closed set of values of the label {@code rewrite}. */
public enum Rewritten {
    /** Metadata was taken out of an image. */
    METADATA("metadata"),
    /** Secrets or personal data were replaced by placeholders. */
    REDACTION("redaction");

    private final String label;

    Rewritten(String label) {
        this.label = label;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }
}
