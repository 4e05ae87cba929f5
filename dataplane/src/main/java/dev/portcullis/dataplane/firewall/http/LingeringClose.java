package dev.portcullis.dataplane.firewall.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Sends what was written, then reads on for a little while and throws it away: closing with unread input would reset the
 * connection and could cost the client the reply (RFC 9112 section 9.6). Belongs to one event loop.
 */
final class LingeringClose {
    private static final long MILLIS = 2_000;
    private static final int BYTES = 4 * 1024 * 1024;

    private final Channel channel;
    private long discarded;

    /** Begins to close {@code channel}, whose owner reads on and gives everything to {@link #discard}. */
    LingeringClose(Channel channel) {
        this.channel = channel;
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            var tls = channel.pipeline().get(SslHandler.class);
            if (tls != null) {
                tls.closeOutbound();
            } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
                duplex.shutdownOutput();
            }
        });
        var unused = channel.eventLoop().schedule(() -> channel.close(), MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Takes what was read; the end of the request, or too much of it, ends the wait. */
    void discard(Object message) {
        if (message instanceof HttpContent content) {
            discarded += content.content().readableBytes();
        } else if (message instanceof ByteBuf bytes) {
            discarded += bytes.readableBytes();
        }
        var last = message instanceof LastHttpContent;
        ReferenceCountUtil.release(message);
        if (last || discarded > BYTES) {
            channel.close();
        }
    }
}
