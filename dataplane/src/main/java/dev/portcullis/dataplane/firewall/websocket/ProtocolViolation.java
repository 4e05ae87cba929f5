package dev.portcullis.dataplane.firewall.websocket;

/** A frame that RFC 6455 or the policy's sizes do not allow. The message quotes nothing of it. */
final class ProtocolViolation extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String rule;

    /**
     * A violation.
     *
     * @param code what the connection is closed with
     * @param rule for the log, such as {@code reserved-bits}
     */
    ProtocolViolation(int code, String rule, String message) {
        super(message, null, false, false);
        this.code = code;
        this.rule = rule;
    }

    int code() {
        return code;
    }

    String rule() {
        return rule;
    }

    /** One sentence. */
    String sentence() {
        return String.valueOf(getMessage());
    }
}
