package dev.portcullis.dataplane.firewall.redact;

/** A body is not JSON, or is nested too deeply. The message is a part of a sentence, without content. */
final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    MalformedJsonException(String rule, String message) {
        super(message, null, false, false);
        this.rule = rule;
    }

    /** The rule of the finding. */
    String rule() {
        return rule;
    }
}
