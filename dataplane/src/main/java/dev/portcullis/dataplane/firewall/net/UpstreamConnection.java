package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an origin. Carries one exchange at a time for the {@link Listener} attached to it; without
 * one it is idle, and anything it receives then closes it. Belongs to one event loop.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    /** The exchange that uses the connection. Called on its event loop. */
    public interface Listener {
        /** The head of a response. */
        void replyHead(HttpResponse head);

        /** A part of its body, which the listener must release. The last one is a LastHttpContent. */
        void replyPart(HttpContent part);

        /** What one read brought was delivered; the next read is the listener's to ask for. */
        void replyReadComplete();

        /** {@link #isWritable()} changed. */
        void originWritabilityChanged();

        /** The connection is closed, or the origin broke the protocol. Not called after the last content. */
        void originFailed(boolean protocol, String message);
    }

    private static final int LARGEST_HEAD = 256 * 1024;
    private static final int LARGEST_PART = 64 * 1024;

    private @Nullable Channel channel;
    private @Nullable Listener listener;

    /** The handlers of an upstream's pipeline, this one last. */
    public List<ChannelHandler> handlers() {
        var config = new HttpDecoderConfig()
                .setMaxInitialLineLength(LARGEST_HEAD)
                .setMaxHeaderSize(LARGEST_HEAD)
                .setMaxChunkSize(LARGEST_PART);
        return List.of(new HttpClientCodec(config, false, false), this);
    }

    /** Begins an exchange. */
    public void attach(Listener user) {
        this.listener = user;
    }

    /** Ends an exchange; the connection is idle. A read stays outstanding so that its end is noticed. */
    public void detach() {
        listener = null;
        channel().read();
    }

    /** True while the connection can carry an exchange. */
    public boolean isOpen() {
        return channel().isActive() && !inputShut;
    }

    private boolean inputShut;

    /** The address it is connected to. */
    public InetAddress address() {
        return ((InetSocketAddress) channel().remoteAddress()).getAddress();
    }

    /** False while written bytes wait to be sent. */
    public boolean isWritable() {
        return channel().isWritable();
    }

    /** Writes without flushing. */
    public void write(HttpObject part) {
        channel().write(part, channel().voidPromise());
    }

    /** Sends what was written. */
    public void flush() {
        channel().flush();
    }

    /** Asks for the next read. */
    public void read() {
        channel().read();
    }

    /** HTTP is over: {@code handler} takes what comes from here on. Nothing more is told to the listener. */
    public void leaveHttp(ChannelHandler handler) {
        listener = null;
        var pipeline = channel().pipeline();
        pipeline.addLast(handler);
        pipeline.remove(this);
        pipeline.remove(HttpClientCodec.class);
    }

    /** Closes it without telling the listener. */
    public void close() {
        listener = null;
        channel().close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var user = listener;
        if (user == null) {
            ReferenceCountUtil.release(message);
            ctx.close();
            return;
        }
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail(
                    true,
                    "the origin's reply is not HTTP: "
                            + object.decoderResult().cause().getMessage());
            return;
        }
        if (message instanceof HttpResponse head) {
            user.replyHead(head);
        }
        if (message instanceof HttpContent part) {
            if (listener == null) {
                part.release();
            } else {
                user.replyPart(part);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.replyReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.originWritabilityChanged();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputShut = true;
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(false, "the origin closed the connection before its reply was complete");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(false, "the connection to the origin failed: " + cause.getMessage());
        ctx.close();
    }

    private void fail(boolean protocol, String message) {
        var user = listener;
        listener = null;
        channel().close();
        if (user != null) {
            user.originFailed(protocol, message);
        }
    }

    /** The channel. */
    public Channel channel() {
        var open = channel;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        return open;
    }
}
