package dev.portcullis.dataplane.firewall.scan.coding;

/** A body is not what its content coding says. The message is a part of a sentence and holds nothing of the body. */
final class CodingException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong, for example "the gzip checksum does not match". */
    CodingException(String message) {
        super(message, null, false, false);
    }
}
