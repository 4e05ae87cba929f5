package dev.portcullis.dataplane.flow.bgp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/** Hands what happens on one TCP connection to the session that dialled it, and closes it when that has moved on. */
final class Connection extends SimpleChannelInboundHandler<Message> {
    private final Session session;
    private final MessageCodec codec;

    Connection(Session session, MessageCodec codec) {
        this.session = session;
        this.codec = codec;
    }

    private boolean current(ChannelHandlerContext context) {
        return session.uses(context.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Message message) {
        if (current(context)) {
            session.received(message, codec);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (current(context)) {
            session.writabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (current(context)) {
            session.lost("neighbour closed the connection");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (current(context)) {
            session.lost("connection failed: " + cause.getMessage());
        } else {
            context.close();
        }
    }
}
