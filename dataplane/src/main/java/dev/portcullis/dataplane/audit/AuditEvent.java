package dev.portcullis.dataplane.audit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit log while it is put together: what happened, and fields in the order they were added. Not
 * thread-safe; handed over to the {@link AuditSink} once complete and not touched again.
 *
 * <p>Values are strings, numbers, booleans or lists of strings. Whoever adds a field sees to it that it holds no secret.
 */
public final class AuditEvent {
    /** How much attention a line wants. */
    public enum Level {
        INFO("info"),
        WARN("warn"),
        ERROR("error");

        private final String label;

        Level(String label) {
            this.label = label;
        }

        /** The value of the field {@code level}. */
        public String label() {
            return label;
        }
    }

    private final Level level;
    private final String event;
    private final String message;
    private final List<Object> fields = new ArrayList<>(24);

    /**
     * Begins an event.
     *
     * @param event its name in the log, for example {@code blocked}
     * @param message one sentence for people
     */
    public AuditEvent(Level level, String event, String message) {
        this.level = level;
        this.event = event;
        this.message = message;
    }

    /** Adds a field; a null or empty value adds nothing. */
    public AuditEvent with(String name, @Nullable Object value) {
        if (value == null || "".equals(value)) {
            return this;
        }
        fields.add(name);
        fields.add(value);
        return this;
    }

    /** How much attention it wants. */
    public Level level() {
        return level;
    }

    /** Its name. */
    public String event() {
        return event;
    }

    /** The sentence. */
    public String message() {
        return message;
    }

    /** Names and values by turns. */
    List<Object> fields() {
        return fields;
    }

    /** The value of a field, or null. */
    public @Nullable Object field(String name) {
        for (var i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equals(name)) {
                return fields.get(i + 1);
            }
        }
        return null;
    }
}
