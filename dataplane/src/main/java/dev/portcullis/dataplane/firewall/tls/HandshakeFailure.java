package dev.portcullis.dataplane.firewall.tls;

import java.nio.channels.ClosedChannelException;
import java.util.Locale;

/** Why a client's handshake failed, in a sentence for the log. */
final class HandshakeFailure {
    /** The client was gone before the end. */
    static final String LEFT =
            "the client left during the TLS handshake: it may not trust the authority of this policy";

    private HandshakeFailure() {}

    /** The sentence for {@code cause}. */
    static String of(Throwable cause, String host) {
        if (cause instanceof ClosedChannelException) {
            return LEFT;
        }
        var message = String.valueOf(cause.getMessage());
        var lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("unknown_ca")
                || lower.contains("unknown ca")
                || lower.contains("certificate_unknown")
                || lower.contains("bad_certificate")
                || lower.contains("bad certificate")
                || lower.contains("certificate unknown")) {
            return "the client does not trust the certificate for " + host
                    + ": give it the authority of this policy, or list the host under tlsInterception.passthrough";
        }
        return "the TLS handshake with the client failed: " + message;
    }
}
