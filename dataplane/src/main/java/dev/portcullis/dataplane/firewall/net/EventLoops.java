package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The threads that carry connections, and the channel types that go with them: epoll where it loads, else NIO. */
public record EventLoops(
        EventLoopGroup group,
        Class<? extends ServerChannel> server,
        Class<? extends Channel> client,
        Class<? extends DatagramChannel> datagram) {

    /** True where the kernel shares the connections to one port out among several sockets. */
    boolean sharePorts() {
        return server == EpollServerSocketChannel.class;
    }

    /**
     * Makes channels for connections to addresses of {@code family}. No reflection: it shows where a connection carries one
     * small exchange. Sockets of IPv4 are of no other family, which spares the kernel the mapping.
     */
    ChannelFactory<Channel> connecting(SocketProtocolFamily family) {
        return client == EpollSocketChannel.class ? () -> new EpollSocketChannel(family) : NioSocketChannel::new;
    }

    /** Starts {@code threads} event loops. */
    public static EventLoops open(String name, int threads) {
        var factory = new DefaultThreadFactory(name, true);
        return Epoll.isAvailable()
                ? new EventLoops(
                        new MultiThreadIoEventLoopGroup(threads, factory, EpollIoHandler.newFactory()),
                        EpollServerSocketChannel.class,
                        EpollSocketChannel.class,
                        EpollDatagramChannel.class)
                : new EventLoops(
                        new MultiThreadIoEventLoopGroup(threads, factory, NioIoHandler.newFactory()),
                        NioServerSocketChannel.class,
                        NioSocketChannel.class,
                        NioDatagramChannel.class);
    }
}
