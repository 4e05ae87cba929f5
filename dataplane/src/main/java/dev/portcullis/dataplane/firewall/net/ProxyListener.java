package dev.portcullis.dataplane.firewall.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;

/**
 * A listening port of the firewall. Where the kernel can share it out (epoll, SO_REUSEPORT) every event loop accepts its own
 * connections on a socket of its own, so that none is handed from one thread to another; elsewhere one loop accepts for all.
 */
public final class ProxyListener implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final WriteBufferWaterMark WATER_MARKS = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final List<Channel> channels;

    private ProxyListener(List<Channel> channels) {
        this.channels = channels;
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
        var bootstrap = new ServerBootstrap()
                .channel(loops.server())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
                .childHandler(pipeline);
        if (!loops.sharePorts()) {
            return new ProxyListener(
                    List.of(bind(bootstrap.group(loops.group()), what, new InetSocketAddress(host, port))));
        }
        var address = new InetSocketAddress(host, port);
        if (port != 0) {
            seeThatItIsFree(what, address);
        }
        bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        var channels = new ArrayList<Channel>();
        try {
            for (var executor : loops.group()) {
                channels.add(bind(bootstrap.clone().group((EventLoop) executor), what, address));
                address = new InetSocketAddress(host, portOf(channels.getFirst()));
            }
        } catch (IOException e) {
            channels.forEach(open -> open.close().awaitUninterruptibly());
            throw e;
        }
        return new ProxyListener(channels);
    }

    /**
     * Sockets that share a port would share it with those of another process too. This one does not listen: whoever connected
     * to it would be reset a moment later.
     */
    private static void seeThatItIsFree(String what, InetSocketAddress address) throws IOException {
        try (var socket = SocketChannel.open()) {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address);
        } catch (IOException | UnresolvedAddressException e) {
            throw taken(what, address, e);
        }
    }

    private static Channel bind(ServerBootstrap bootstrap, String what, InetSocketAddress address) throws IOException {
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw taken(what, address, bound.cause());
        }
        return bound.channel();
    }

    private static IOException taken(String what, InetSocketAddress address, Throwable why) {
        return new IOException(
                what + " cannot listen on " + address.getHostString() + " port " + address.getPort() + ": "
                        + why.getMessage(),
                why);
    }

    /** The port it listens on. */
    public int port() {
        return portOf(channels.getFirst());
    }

    private static int portOf(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Stops accepting; what is open stays open. */
    @Override
    public void close() {
        channels.stream().map(Channel::close).toList().forEach(closing -> closing.awaitUninterruptibly());
    }
}
