package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP session of IPFIX: cuts the stream into messages by their own length (RFC 7011 section 10.4.2) and has them
 * decoded. What is no message ends the session, for nobody can know where the next one starts. Holds one message of
 * 64 KiB at most.
 */
final class IpfixSession extends ByteToMessageDecoder {
    /** Time in which the first message has to be there. */
    static final int FIRST_MESSAGE_SECONDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(IpfixSession.class);
    private static final int VERSION = 10;
    private static final int HEADER = 16;

    private final FlowWorker worker;
    private final ExporterSource source;
    private final int session;
    private boolean reading;
    private boolean heard;
    private boolean closed;
    private @Nullable ScheduledFuture<?> deadline;

    IpfixSession(FlowWorker worker, ExporterSource source, int session) {
        this.worker = worker;
        this.source = source;
        this.session = session;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor()
                .schedule(
                        () -> {
                            if (!heard) {
                                context.close();
                            }
                        },
                        FIRST_MESSAGE_SECONDS,
                        TimeUnit.SECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (closed) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < 4) {
            return;
        }
        var length = in.getUnsignedShort(in.readerIndex() + 2);
        if (in.getUnsignedShort(in.readerIndex()) != VERSION || length < HEADER) {
            // The decoder says what is wrong with it.
            deliver(in.readSlice(Math.min(in.readableBytes(), HEADER)));
            in.skipBytes(in.readableBytes());
            closed = true;
            LOG.warn(
                    "The IPFIX session of {} over TCP is closed: what it sent is no IPFIX message.",
                    source.exporter().address().getHostAddress());
            context.close();
            return;
        }
        if (in.readableBytes() >= length) {
            deliver(in.readSlice(length));
        }
    }

    private void deliver(ByteBuf message) {
        if (!reading) {
            reading = true;
            worker.beginBatch();
        }
        heard = true;
        worker.message(FlowDecoder.Port.NETFLOW, message, source, session);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (reading) {
            reading = false;
            worker.endBatch();
        }
        super.channelReadComplete(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        // Whole messages that are still in the buffer count; half of one is nothing.
        super.channelInactive(context);
        if (reading) {
            reading = false;
            worker.endBatch();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        closed = true;
        var pending = deadline;
        if (pending != null) {
            pending.cancel(false);
        }
        source.closeSession();
        source.exporter().closeSession(session);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.warn(
                "The IPFIX session of {} over TCP is closed: {}",
                source.exporter().address().getHostAddress(),
                cause.toString());
        context.close();
    }
}
