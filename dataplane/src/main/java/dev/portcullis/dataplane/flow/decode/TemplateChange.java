package dev.portcullis.dataplane.flow.decode;

/** What an announcement did to a template that was known. */
public enum TemplateChange {
    /** Its number means other fields now: the exporter was configured anew, or somebody speaks in its name. */
    REPLACED("replaced"),
    /** It changed again within {@value ObservationDomain#CONTEST_MILLIS} ms: two senders contradict each other. */
    CONTESTED("contested"),
    /** A withdrawal over UDP, which RFC 7011 section 8.4 forbids: ignored. */
    WITHDRAWAL_IGNORED("withdrawal_ignored");

    private final String label;

    TemplateChange(String label) {
        this.label = label;
    }

    /** The value of the metric label {@code change}. */
    public String label() {
        return label;
    }
}
