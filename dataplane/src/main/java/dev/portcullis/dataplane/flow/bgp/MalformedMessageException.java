package dev.portcullis.dataplane.flow.bgp;

/** A message broke the protocol; {@link #reply} is the NOTIFICATION that says how. */
final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Notification reply;

    MalformedMessageException(int code, int subcode, byte... data) {
        this(new Notification(code, subcode, data));
    }

    private MalformedMessageException(Notification reply) {
        super(reply.describe(), null, false, false);
        this.reply = reply;
    }

    Notification reply() {
        return reply;
    }
}
