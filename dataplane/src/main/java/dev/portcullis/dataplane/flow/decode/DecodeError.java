package dev.portcullis.dataplane.flow.decode;

/** Why telemetry, or a part of a datagram, could not be used. */
public enum DecodeError {
    /** The datagram starts with no version number that is understood on its port. */
    VERSION("version"),
    /** The datagram ends before its header does. */
    TRUNCATED("truncated"),
    /** A length inside the datagram does not fit the bytes that are there. */
    LENGTH("length"),
    /** A count of records, samples or fields beyond what the format or the limits allow. */
    COUNT("count"),
    /** A template that cannot describe a record: no fields, or no length. */
    TEMPLATE("template"),
    /** One template, domain or sampler more than an exporter may have. */
    LIMIT("limit"),
    /** Data whose template never came, or came after the wait or the buffer ended. */
    TEMPLATE_MISSING("template_missing"),
    /** A sampled packet whose headers cannot be read. */
    PACKET("packet");

    private final String label;

    DecodeError(String label) {
        this.label = label;
    }

    /** The value of the metric label {@code reason}. */
    public String label() {
        return label;
    }
}
