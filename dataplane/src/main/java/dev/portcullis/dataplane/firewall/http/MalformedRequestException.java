package dev.portcullis.dataplane.firewall.http;

/** A request that cannot be read in exactly one way. */
final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    MalformedRequestException(String rule, String message) {
        super(message, null, false, false);
        this.rule = rule;
    }

    /** Name of the rule that it breaks. */
    String rule() {
        return rule;
    }

    /** The sentence for people. */
    String sentence() {
        var message = getMessage();
        return message == null ? rule : message;
    }
}
