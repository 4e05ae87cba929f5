package dev.portcullis.crd.codec;

import java.io.Serial;
import java.util.Objects;

/** A configuration that cannot be used. The message is one sentence for people and never contains the configuration. */
public final class ConfigException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** True when the only fault is the size. */
    private final boolean tooLarge;

    ConfigException(String message, boolean tooLarge) {
        super(message);
        this.tooLarge = tooLarge;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** Whether the configuration is larger than {@link ConfigCodec#MAX_BYTES}. */
    public boolean tooLarge() {
        return tooLarge;
    }
}
