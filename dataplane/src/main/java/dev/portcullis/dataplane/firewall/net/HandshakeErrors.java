package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Last in a pipeline while TLS shakes hands: the handshake's future tells of its errors, nobody else needs to. */
@Sharable
final class HandshakeErrors extends ChannelInboundHandlerAdapter {
    static final HandshakeErrors IGNORED = new HandshakeErrors();

    private HandshakeErrors() {}

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
