package dev.portcullis.dataplane.firewall.websocket;

import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes what one side sends through its {@link MessageGate} to the other side. The next read waits until the other side can
 * take more. Belongs to the event loop of both.
 */
final class FrameRelay extends ChannelInboundHandlerAdapter implements MessageGate.Outcome {
    private final WebSocketSession session;
    private final boolean fromClient;
    private final MessageGate gate;
    private @Nullable Channel channel;
    private @Nullable Channel other;
    private @Nullable ByteBuf unread;
    private boolean discarding;
    private boolean closing;

    /**
     * A relay.
     *
     * @param gates makes its gate
     */
    FrameRelay(
            WebSocketSession session, boolean fromClient, java.util.function.Function<FrameRelay, MessageGate> gates) {
        this.session = session;
        this.fromClient = fromClient;
        this.gate = gates.apply(this);
    }

    /** Begins to send to {@code destination}, first what came before the pipelines of both sides were ready. */
    void begin(Channel destination) {
        other = destination;
        take();
        destination.flush();
        if (channel != null) {
            channel.read();
        }
    }

    /** True once its side has said that it closes. */
    boolean closing() {
        return closing;
    }

    /** Lets nothing more pass; what still comes is read and thrown away. */
    void discard() {
        if (!discarding) {
            discarding = true;
            gate.release();
            release();
            if (channel != null) {
                channel.read();
            }
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        gate.release();
        release();
    }

    private void release() {
        var rest = unread;
        unread = null;
        if (rest != null) {
            rest.release();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (discarding || !(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        session.touch();
        var rest = unread;
        var all = rest == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), rest, bytes);
        unread = all;
        if (other != null) {
            take();
        }
    }

    private void take() {
        var all = unread;
        if (all == null) {
            return;
        }
        try {
            gate.take(all);
        } catch (ProtocolViolation e) {
            session.violated(fromClient, e);
        }
        if (unread != null && !all.isReadable()) {
            release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        var to = other;
        if (to != null && !discarding) {
            to.flush();
        }
        if (discarding || to != null && to.isWritable()) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        var to = other;
        if (ctx.channel().isWritable() && to != null && to.isActive()) {
            to.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            session.gone(fromClient);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        session.gone(fromClient);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        session.gone(fromClient);
    }

    @Override
    public void frame(int opcode, int bytes) {
        session.frame(fromClient, opcode, bytes);
    }

    @Override
    public boolean judge(List<Finding> findings) {
        return session.judge(fromClient, findings);
    }

    @Override
    public void redacted(Map<String, Integer> counts) {
        session.redacted(counts);
    }

    @Override
    public void forward(ByteBuf frame) {
        var to = other;
        if (to == null) {
            frame.release();
        } else {
            to.write(frame, to.voidPromise());
        }
    }

    @Override
    public void closing(int code) {
        closing = true;
        session.closing(code);
    }
}
