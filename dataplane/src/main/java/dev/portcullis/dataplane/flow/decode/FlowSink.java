package dev.portcullis.dataplane.flow.decode;

/** Takes flow records one by one, on the worker's thread. Must not block, keep the record, or allocate. */
@FunctionalInterface
public interface FlowSink {
    /** Takes {@code flow}, valid until this returns. */
    void accept(FlowRecord flow);
}
