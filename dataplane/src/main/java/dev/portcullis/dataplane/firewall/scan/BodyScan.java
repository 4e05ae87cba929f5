package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The scan of one body while it flows. Not thread-safe: one event loop at a time.
 *
 * <p>The caller holds back what is not yet clean: after each call the bytes before {@link #clean()} may be forwarded. A
 * body shorter than the overlap window is therefore forwarded only at its end.
 */
public interface BodyScan {
    /** Scans the next bytes of the body. The buffer is read to its limit and not kept. */
    void feed(ByteBuffer bytes);

    /** Says that the body is complete; afterwards {@link #clean()} covers all of it unless a finding blocks. */
    void finish();

    /** How many bytes from the start of the body are known to be part of no finding that blocks. Never decreases. */
    long clean();

    /** Every finding so far, in order; a caller stops forwarding at the first whose action is Block. */
    List<Finding> findings();
}
