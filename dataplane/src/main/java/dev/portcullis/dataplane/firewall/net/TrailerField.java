package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.AsciiString;

/**
 * Brings the Trailer field, which says what comes behind a body (RFC 9110 section 6.6.2), through the translation of HTTP/2 to
 * HTTP/1.1, which drops it: under another name from before it to behind it.
 */
final class TrailerField {
    /** Ahead of the translation. */
    static final ChannelHandler KEPT = new Kept();

    private static final AsciiString CARRIED = AsciiString.cached("x-http2-trailer");

    private TrailerField() {}

    private static void keep(Http2Headers headers) {
        headers.remove(CARRIED);
        for (var value : headers.getAllAndRemove(HttpHeaderNames.TRAILER)) {
            headers.add(CARRIED, value);
        }
    }

    /** Behind the translation. */
    static void restore(HttpHeaders headers) {
        if (headers.contains(CARRIED)) {
            headers.set(HttpHeaderNames.TRAILER, headers.getAll(CARRIED));
            headers.remove(CARRIED);
        }
    }

    @ChannelHandler.Sharable
    private static final class Kept extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame frame) {
                keep(frame.headers());
            }
            ctx.fireChannelRead(message);
        }
    }
}
