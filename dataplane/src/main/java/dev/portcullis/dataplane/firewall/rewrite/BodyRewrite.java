package dev.portcullis.dataplane.firewall.rewrite;

import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes one body while it flows, holding a bounded part of it. What it passes on is scanned as if it had been received
 * so; once it has a finding that blocks it passes nothing more on. Belongs to one event loop.
 */
public interface BodyRewrite extends AutoCloseable {
    /** Takes the next bytes and the ownership of them; {@code to} takes over what it is given. */
    void feed(ByteBuf bytes, Consumer<ByteBuf> to);

    /** Says that the body is complete. */
    void finish(Consumer<ByteBuf> to);

    /** Every finding so far, in order. */
    List<Finding> findings();

    /**
     * True where the length that the head gives may not be that of what is passed on. Known once something was passed on or
     * the body is complete.
     */
    boolean changesLength();

    /** Makes a head say what is true of the changed body, its length aside. Called when {@link #changesLength} is known. */
    void prepare(HttpHeaders headers);

    /** What was done to the body, or null where nothing was. */
    @Nullable
    Rewritten done();

    /** How many different values of each class were replaced; empty where that is not what is done. */
    default Map<String, Integer> counts() {
        return Map.of();
    }

    /** Drops what it holds. */
    @Override
    void close();
}
