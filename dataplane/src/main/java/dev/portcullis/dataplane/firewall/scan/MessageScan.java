package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The scan of the messages of one direction of a connection, in their order: WebSocket messages, events of an event stream.
 * A message may go on once it was scanned; what is split over several is found with the last of them. Memory is bounded
 * however long the connection lasts. Not thread-safe.
 */
public interface MessageScan {
    /**
     * Scans the next message, together with the end of those before.
     *
     * @param message read to its limit and not kept
     * @return what is new; places count from the start of the message, and lie before it where a match began earlier
     */
    List<Finding> scan(ByteBuffer message);
}
