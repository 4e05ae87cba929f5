package dev.portcullis.dataplane.firewall.scanapi;

import java.io.Serial;

/** A call that cannot be scanned as it was written. Its message quotes nothing of the input. */
final class ScanRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ScanError error;
    private final String kind;

    /**
     * A refusal.
     *
     * @param kind the label {@code kind}: empty before one was read, {@code unknown} for one that does not exist
     */
    ScanRefusedException(ScanError error, String kind, String message) {
        super(message, null, false, false);
        this.error = error;
        this.kind = kind;
    }

    ScanError error() {
        return error;
    }

    String kind() {
        return kind;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}
