package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;

/** Turns replies of an HTTP/2 origin into what an HTTP/1.1 one is read as: a head, then what follows. */
@Sharable
final class WholeReplies extends ChannelInboundHandlerAdapter {
    static final WholeReplies SPLIT = new WholeReplies();

    private WholeReplies() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            for (var name : ExtensionHeaderNames.values()) {
                response.headers().remove(name.text());
            }
            TrailerField.restore(response.headers());
        }
        if (message instanceof FullHttpResponse whole) {
            ctx.fireChannelRead(new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers()));
            whole.release();
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            ctx.fireChannelRead(message);
        }
    }
}
