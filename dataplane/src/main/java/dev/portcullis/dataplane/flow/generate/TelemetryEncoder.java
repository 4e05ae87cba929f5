package dev.portcullis.dataplane.flow.generate;

import java.nio.ByteBuffer;

/** Packs flows into the datagrams of one protocol, as one exporter would. Not thread-safe. */
public interface TelemetryEncoder {
    /** Adds a flow to the datagram being made; false, and nothing is added, when it is full. */
    boolean add(SyntheticFlow flow);

    /** Ends the datagram being made and returns it, valid until the next {@link #add}; empty when there is none. */
    ByteBuffer take();

    /** Moves the exporter's clock. */
    void uptime(long millis);
}
