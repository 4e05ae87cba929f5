package dev.portcullis.crd.codec;

import java.io.Serial;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;

/** A YAML document that cannot be read. The message is one sentence for people. */
final class YamlException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** From 1; 0 when unknown. */
    private final int line;

    private final int column;

    YamlException(String message, int line, int column) {
        super(message);
        this.line = line;
        this.column = column;
    }

    YamlException(String message, @Nullable Mark mark) {
        this(message, mark == null ? 0 : mark.getLine() + 1, mark == null ? 0 : mark.getColumn() + 1);
    }

    int line() {
        return line;
    }

    int column() {
        return column;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
