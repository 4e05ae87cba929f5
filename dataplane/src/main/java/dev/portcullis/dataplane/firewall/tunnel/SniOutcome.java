package dev.portcullis.dataplane.firewall.tunnel;

/** How the TLS server name of a tunnel compares with its CONNECT host: values of the label {@code category}. */
public enum SniOutcome {
    MATCH("match", true),
    MISMATCH("mismatch", false),
    NOT_TLS("not_tls", true),
    NO_EXTENSION("no_extension", true),
    MALFORMED_TLS("malformed_tls", false),
    TIMEOUT("timeout", false);

    private final String label;
    private final boolean passes;

    SniOutcome(String label, boolean passes) {
        this.label = label;
        this.passes = passes;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }

    /** False where the tunnel is closed. */
    public boolean passes() {
        return passes;
    }
}
