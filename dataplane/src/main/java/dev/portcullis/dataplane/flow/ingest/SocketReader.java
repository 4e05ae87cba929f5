package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the datagrams of one socket to its worker. Where there is epoll Netty's event loop only says when the first has come
 * after a silence; while more come the socket is emptied by {@link DatagramBatch} and then left alone for as long as
 * {@link #restNanos} says: a wake-up costs as much as decoding some hundred flows. Without epoll each datagram is Netty's.
 * On the worker's thread alone.
 */
final class SocketReader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(SocketReader.class);

    /** Batches taken before others of the loop have their turn. */
    private static final int TURN = 8;

    /** About what the kernel charges a receive buffer with for a datagram beside its bytes. */
    private static final int OVERHEAD = 2048;

    /** Part of a receive buffer that is expected to fill while the socket is left alone. */
    private static final int PART = 8;

    /** Bytes a microsecond that find room even if they begin to come at the very moment a silent socket is left alone. */
    private static final int ROOM = 320;

    private static final long SHORTEST_REST_NANOS = 2_000_000;
    private static final long LONGEST_REST_NANOS = 25_000_000;

    private final FlowDecoder.Port port;
    private final FlowWorker worker;
    private boolean reading;
    private long emptiedAt;
    private long filled;
    private int capacity;

    SocketReader(FlowDecoder.Port port, FlowWorker worker) {
        this.port = port;
        this.worker = worker;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.fireChannelActive();
        if (context.channel() instanceof EpollDatagramChannel channel) {
            capacity = channel.config().getReceiveBufferSize();
            emptiedAt = System.nanoTime();
            context.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var packet = (DatagramPacket) message;
        if (!reading) {
            reading = true;
            worker.beginBatch();
        }
        filled += packet.content().readableBytes() + OVERHEAD;
        try {
            worker.datagram(port, packet.content(), packet.sender().getAddress());
        } catch (RuntimeException fault) {
            // Of ours: the next datagram must be read all the same.
            LOG.warn("A datagram on the {} listener was dropped.", port, fault);
        } finally {
            packet.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (reading) {
            reading = false;
            worker.endBatch();
        }
        context.fireChannelReadComplete();
        if (context.channel() instanceof EpollDatagramChannel channel) {
            rest(context, channel);
        }
    }

    /** Empties the socket and leaves it alone, or waits for its next datagram where none has come. */
    private void poll(ChannelHandlerContext context, EpollDatagramChannel channel) {
        if (!channel.isOpen()) {
            return;
        }
        if (!empty(channel.fd().intValue())) {
            context.executor().execute(() -> poll(context, channel));
        } else if (filled == 0) {
            emptiedAt = System.nanoTime();
            context.read();
        } else {
            rest(context, channel);
        }
    }

    /** Takes what waits at the socket; false where there was more than one turn's worth. */
    private boolean empty(int socket) {
        var batch = worker.batch();
        for (var turn = 0; turn < TURN; turn++) {
            int count;
            try {
                count = batch.receive(socket);
            } catch (IOException e) {
                // An ICMP error on the socket: the next datagram must be read all the same.
                LOG.warn("Reading of the {} listener failed.", port, e);
                return true;
            }
            if (count > 0) {
                worker.beginBatch();
                worker.received(port, batch, count);
                worker.endBatch();
                filled += batch.bytes() + (long) OVERHEAD * count;
            }
            if (count < DatagramBatch.SIZE) {
                return true;
            }
        }
        return false;
    }

    private void rest(ChannelHandlerContext context, EpollDatagramChannel channel) {
        var now = System.nanoTime();
        var rest = restNanos(capacity, filled, now - emptiedAt);
        emptiedAt = now;
        filled = 0;
        context.executor().schedule(() -> poll(context, channel), rest, TimeUnit.NANOSECONDS);
    }

    /**
     * Nanoseconds for which a socket is left alone: until an eighth of what it holds has come at the pace of late, at most
     * 25 ms, and no longer than it holds what comes at {@value #ROOM} MB/s all of a sudden; never less than 2 ms.
     *
     * @param capacity bytes the kernel lets wait at the socket, its own bookkeeping included
     * @param filled bytes that came, counted like that, in {@code nanos}
     */
    static long restNanos(int capacity, long filled, long nanos) {
        var longest = Math.min(LONGEST_REST_NANOS, capacity / ROOM * 1000L);
        var paced = (long) ((double) capacity / PART / Math.max(1, filled) * Math.max(1, nanos));
        return Math.max(SHORTEST_REST_NANOS, Math.min(longest, paced));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // An ICMP error on the socket: the next datagram must be read all the same.
        LOG.warn("Reading of the {} listener failed.", port, cause);
    }
}
