package dev.portcullis.dataplane.firewall.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange has to its origin: a connection that speaks HTTP/1.1, or one stream of a connection that speaks HTTP/2.
 * Carries one exchange at a time for the {@link Listener} attached to it; without one it is idle, and anything it receives
 * then closes it. A stream carries one exchange in all. Belongs to one event loop.
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

    /** Most bytes of a reply's head. */
    static final int LARGEST_HEAD = 256 * 1024;

    private static final int LARGEST_PART = 64 * 1024;

    private final @Nullable UpstreamHttp2 carrier;
    private @Nullable Channel channel;
    private @Nullable Listener listener;
    private @Nullable String reset;
    private boolean unprocessed;
    private boolean ownFault;
    private int interim;

    /** A connection that speaks HTTP/1.1. */
    public UpstreamConnection() {
        this(null);
    }

    /** A stream of {@code carrier}; null for a connection of its own. */
    UpstreamConnection(@Nullable UpstreamHttp2 carrier) {
        this.carrier = carrier;
    }

    /** The handlers of an upstream's pipeline, this one last. */
    public List<ChannelHandler> handlers() {
        if (carrier != null) {
            return List.of(new ReplyTranslation(), this);
        }
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

    /** True for a stream of HTTP/2. */
    public boolean multiplexed() {
        return carrier != null;
    }

    /** True where the origin has said that it did nothing with the request, which then may be sent again (RFC 9113 section 8.7). */
    public boolean unprocessed() {
        return unprocessed;
    }

    /**
     * True where the connection failed that carried this exchange and others, so that it need not have been this one's fault.
     */
    public boolean failedWithOthers() {
        return carrier != null && carrier.carriedSeveral() && !ownFault;
    }

    /** The origin does not answer: no further exchange begins on what carries this one. */
    public void distrust() {
        if (carrier != null) {
            carrier.retire();
        }
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

    /** Writes a request that has no body, without flushing. */
    public void writeWhole(HttpRequest head) {
        if (carrier == null) {
            write(head);
            write(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            // One frame says both that it begins and that it ends.
            write(new DefaultFullHttpRequest(
                    head.protocolVersion(),
                    head.method(),
                    head.uri(),
                    Unpooled.EMPTY_BUFFER,
                    head.headers(),
                    EmptyHttpHeaders.INSTANCE));
        }
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
            failReply(String.valueOf(object.decoderResult().cause().getMessage()));
            return;
        }
        if (!(message instanceof HttpObject)) {
            // The codec hands on bytes as they are behind a 101 that nobody took the connection for.
            ReferenceCountUtil.release(message);
            failReply("it changed to another protocol");
            return;
        }
        if (message instanceof HttpResponse head) {
            interim = head.status().code() < 200 ? interim + 1 : 0;
            var fault = ReplyHead.fault(head, interim);
            if (fault != null) {
                ReferenceCountUtil.release(message);
                failReply(fault);
                return;
            }
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
        } else if (event instanceof Http2ResetFrame frame) {
            var error = Http2Error.valueOf(frame.errorCode());
            ownFault = true;
            reset = error == null ? "error " + frame.errorCode() : error.name();
            unprocessed = error == Http2Error.REFUSED_STREAM;
        } else if (event instanceof Http2GoAwayFrame frame) {
            // Only told to streams that the origin has not looked at.
            unprocessed = true;
            frame.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        var fault = carrier == null ? null : carrier.fault();
        if (fault != null) {
            fail(true, fault);
            return;
        }
        fail(
                false,
                reset != null
                        ? "the origin reset the stream before its reply was complete: " + reset
                        : "the origin closed the connection before its reply was complete");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        unprocessed |= cause instanceof Http2Exception fault && fault.error() == Http2Error.REFUSED_STREAM;
        ownFault |= cause instanceof Http2Exception.StreamException;
        if (cause instanceof Http2Exception.StreamException broken && !unprocessed) {
            fail(true, UpstreamHttp2.sentence(broken));
        } else {
            fail(false, "the connection to the origin failed: " + cause.getMessage());
        }
        ctx.close();
    }

    /** What this exchange's own reply did. */
    private void failReply(String message) {
        ownFault = true;
        fail(true, "the origin's reply is not HTTP: " + message);
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
