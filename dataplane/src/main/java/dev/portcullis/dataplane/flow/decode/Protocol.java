package dev.portcullis.dataplane.flow.decode;

/** The telemetry protocols understood. */
public enum Protocol {
    SFLOW5("sflow5"),
    NETFLOW5("netflow5"),
    NETFLOW9("netflow9"),
    IPFIX("ipfix");

    private final String label;

    Protocol(String label) {
        this.label = label;
    }

    /** The value of the metric label {@code protocol}. */
    public String label() {
        return label;
    }
}
