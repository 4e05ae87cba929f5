package dev.portcullis.dataplane.firewall.verdict;

/** What became of a tunnel that should be intercepted: the closed set of values of the label {@code outcome}. */
public enum InterceptOutcome {
    /** The client's handshake is finished. */
    INTERCEPTED("intercepted"),
    /** The client broke it off, does not trust the authority, or speaks no TLS that we do. */
    HANDSHAKE_ERROR("handshake_error"),
    /** There is no certificate for the host. */
    FAILED("failed"),
    /** The client did not finish it in time. */
    DEADLINE_ERROR("deadline_error");

    private final String label;

    InterceptOutcome(String label) {
        this.label = label;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }
}
