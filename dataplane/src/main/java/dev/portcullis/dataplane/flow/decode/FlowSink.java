package dev.portcullis.dataplane.flow.decode;

/** Takes flow records, those of one datagram together, on the worker's thread. Must not block, keep a record, or allocate. */
@FunctionalInterface
public interface FlowSink {
    /** Most records taken at once. */
    int BATCH = 64;

    /** Takes the first {@code count} of {@code flows}, 1 to {@value #BATCH}, in the order they came; valid until this returns. */
    void accept(FlowRecord[] flows, int count);
}
