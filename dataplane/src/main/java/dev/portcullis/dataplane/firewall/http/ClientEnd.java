package dev.portcullis.dataplane.firewall.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * How a client's connection, or its stream of HTTP/2, ends once no request is to follow: after the reply, or so that the
 * client cannot take what it has for all of it. Belongs to one event loop.
 */
final class ClientEnd {
    private final Channel channel;
    private final Carrier carrier;
    private @Nullable ChannelFuture last;
    private @Nullable LingeringClose lingering;

    /** The end of {@code channel}, inside {@code carrier}. */
    ClientEnd(Channel channel, Carrier carrier) {
        this.channel = channel;
        this.carrier = carrier;
    }

    /** Writes the last part of a reply without flushing. */
    void write(LastHttpContent part) {
        if (carrier.multiplexed()) {
            last = channel.write(part);
        } else {
            channel.write(part, channel.voidPromise());
        }
    }

    /**
     * Ends it behind the reply.
     *
     * @param requestComplete false where the client may still be sending: what it sends is taken for a while and thrown away,
     *     which is given to {@link #discard}, or of a stream refused
     */
    void afterReply(boolean requestComplete) {
        if (carrier.multiplexed()) {
            endStream(requestComplete);
        } else if (requestComplete) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            lingering = new LingeringClose(channel);
        }
    }

    /** A stream whose two sides have ended closes by itself; else its client is told that no more is wanted of it. */
    private void endStream(boolean requestComplete) {
        var written = last;
        channel.flush();
        if (requestComplete) {
            return;
        }
        if (written == null) {
            reset(Http2Error.NO_ERROR);
        } else {
            // A reset overtakes data that waits for the client's window.
            written.addListener(sent -> reset(Http2Error.NO_ERROR));
        }
    }

    /** Ends it at once. */
    void abort() {
        if (carrier.multiplexed()) {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
            // Not only once that has left: a client that takes nothing would keep its stream.
            channel.close();
            return;
        }
        if (channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }

    /** Resets a stream. */
    void reset(Http2Error why) {
        channel.writeAndFlush(new DefaultHttp2ResetFrame(why)).addListener(ChannelFutureListener.CLOSE);
    }

    /** True while it waits for the rest of a request that was answered already. */
    boolean lingers() {
        return lingering != null;
    }

    /** Takes what was read while it {@link #lingers}. */
    void discard(Object message) {
        var waiting = lingering;
        if (waiting != null) {
            waiting.discard(message);
        }
    }
}
