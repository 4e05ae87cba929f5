package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * Translates the frames of HTTP/2 streams to what HTTP/1.1 is read as, a head and what follows, and back. Netty's translation
 * adds fields of its own, which are taken away again with what the other side pretends to be one, and drops the Trailer field
 * of a head, which says what comes behind the body (RFC 9110 section 6.6.2) and is kept.
 */
@Sharable
class Http2Translation extends Http2StreamFrameToHttpObjectCodec {
    /**
     * A translation.
     *
     * @param server whether requests come in and replies go out
     */
    Http2Translation(boolean server) {
        super(server);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, Http2StreamFrame frame, List<Object> out) throws Exception {
        super.decode(ctx, frame, out);
        if (frame instanceof Http2HeadersFrame fields && out.getLast() instanceof HttpMessage message) {
            for (var name : ExtensionHeaderNames.values()) {
                message.headers().remove(name.text());
            }
            for (var value : fields.headers().getAll(HttpHeaderNames.TRAILER)) {
                message.headers().add(HttpHeaderNames.TRAILER, value);
            }
            split(message, out);
        }
    }

    private static void split(HttpMessage message, List<Object> out) {
        HttpMessage head =
                switch (message) {
                    case FullHttpRequest whole ->
                        new DefaultHttpRequest(whole.protocolVersion(), whole.method(), whole.uri(), whole.headers());
                    case FullHttpResponse whole ->
                        new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers());
                    default -> message;
                };
        if (head != message) {
            head.setDecoderResult(message.decoderResult());
            ReferenceCountUtil.release(message);
            out.set(out.size() - 1, head);
            out.add(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }
}
