package dev.portcullis.dataplane.audit;

/** Takes audit events. Any thread may call it; it returns at once and never throws. */
@FunctionalInterface
public interface AuditSink {
    /** Takes {@code event}, or counts it as dropped. */
    void record(AuditEvent event);
}
