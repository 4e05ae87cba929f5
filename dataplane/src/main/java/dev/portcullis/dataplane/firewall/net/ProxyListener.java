package dev.portcullis.dataplane.firewall.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A listening socket of the firewall. */
public final class ProxyListener implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final WriteBufferWaterMark WATER_MARKS = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final Channel channel;

    private ProxyListener(Channel channel) {
        this.channel = channel;
    }

    /**
     * Opens it.
     *
     * @param what what listens, for messages: "The proxy"
     * @param port 0 takes any free one
     * @throws IOException when the address cannot be bound; the message names it
     */
    public static ProxyListener open(
            EventLoops loops, String what, String host, int port, ChannelInitializer<Channel> pipeline)
            throws IOException {
        var bound = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.server())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
                .childHandler(pipeline)
                .bind(new InetSocketAddress(host, port))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    what + " cannot listen on " + host + " port " + port + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return new ProxyListener(bound.channel());
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Stops accepting; what is open stays open. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }
}
