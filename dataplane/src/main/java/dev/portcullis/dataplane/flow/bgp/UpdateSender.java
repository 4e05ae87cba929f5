package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.dataplane.flow.bgp.AdjRibOut.Batch;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Brings one established session to the table that is in force, no faster than the neighbour reads. What waits is always
 * the difference to the newest table, so changes while it waits cost no memory. Used on the session's thread.
 */
final class UpdateSender {
    private final Channel channel;
    private final Negotiated negotiated;
    private final Supplier<RouteTable> desired;
    private final Liveness liveness;
    private final BgpMetrics.Peer metrics;
    private final AdjRibOut rib;
    private final Set<AddressFamily> endOfRib;
    private Deque<Batch> waiting = new ArrayDeque<>();
    private boolean ended;

    UpdateSender(
            Channel channel,
            Negotiated negotiated,
            Supplier<RouteTable> desired,
            Liveness liveness,
            BgpMetrics.Peer metrics) {
        this.channel = channel;
        this.negotiated = negotiated;
        this.desired = desired;
        this.liveness = liveness;
        this.metrics = metrics;
        rib = new AdjRibOut(negotiated.families());
        endOfRib = EnumSet.noneOf(AddressFamily.class);
        endOfRib.addAll(negotiated.families());
    }

    AdjRibOut rib() {
        return rib;
    }

    /** Says what is missing and takes back what is too much. */
    void synchronize() {
        waiting = rib.difference(desired.get());
        resume();
    }

    /** Says all of {@code families} again (RFC 2918 section 4). */
    void repeat(Set<AddressFamily> families) {
        families.forEach(rib::repeat);
        synchronize();
    }

    /** Writes on, as far as the neighbour reads. */
    void resume() {
        var wrote = false;
        while (channel.isWritable() && !waiting.isEmpty()) {
            write(waiting.remove());
            wrote = true;
        }
        if (waiting.isEmpty() && !endOfRib.isEmpty()) {
            for (var family : endOfRib) {
                channel.write(MessageCodec.update(channel.alloc(), body -> UpdateCodec.encodeEndOfRib(body, family)))
                        .addListener(liveness.writing());
            }
            endOfRib.clear();
            wrote = true;
        }
        if (wrote) {
            channel.flush();
        }
    }

    /** Takes back everything at once, whether the neighbour reads or not: the session ends next. */
    void withdrawAll() {
        waiting.clear();
        endOfRib.clear();
        rib.difference(RouteTable.EMPTY).forEach(this::write);
        channel.flush();
    }

    /** The session is over: whatever still leaves is not announced any more. */
    void end() {
        ended = true;
        waiting.clear();
        endOfRib.clear();
    }

    private void write(Batch batch) {
        var attributes = batch.attributes();
        var message = MessageCodec.update(channel.alloc(), body -> {
            if (attributes == null) {
                UpdateCodec.encodeUnreach(body, batch.family(), batch.nlri());
            } else {
                UpdateCodec.encodeReach(body, batch.family(), attributes, batch.nlri(), negotiated);
            }
        });
        rib.sent(batch);
        channel.write(message).addListener(liveness.writing()).addListener(done -> {
            if (done.isSuccess() && !ended) {
                rib.written(batch);
                metrics.announced(batch.family().spec(), rib.announced(batch.family()));
            }
        });
    }
}
