package dev.portcullis.dataplane.firewall.media;

/** An image is not made as its format says. The message is a part of a sentence, without content. */
final class MalformedMediaException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedMediaException(String message) {
        super(message, null, false, false);
    }
}
