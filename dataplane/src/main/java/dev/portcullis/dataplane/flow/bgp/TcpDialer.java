package dev.portcullis.dataplane.flow.bgp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;

/** TCP to a neighbour, signed with MD5 where a password is set (RFC 2385). */
final class TcpDialer implements Dialer {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    /** DSCP CS6, network control: what routers give their own sessions (RFC 4594 section 3.2). */
    private static final int NETWORK_CONTROL = 0xC0;

    private final Bootstrap bootstrap;

    TcpDialer(EventLoop loop, Class<? extends SocketChannel> channel) {
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(channel)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.IP_TOS, NETWORK_CONTROL);
    }

    @Override
    public ChannelFuture dial(Peer peer, ChannelHandler handler) {
        var address = Objects.requireNonNull(peer.address());
        var registered = bootstrap.clone().handler(handler).register();
        var channel = registered.channel();
        var connected = channel.newPromise();
        registered.addListener(done -> {
            if (!done.isSuccess()) {
                connected.tryFailure(done.cause());
                return;
            }
            try {
                sign(channel, peer, address);
                channel.connect(address, connected);
            } catch (ConnectException | ChannelException unsupported) {
                connected.tryFailure(unsupported);
                channel.close();
            }
        });
        return connected;
    }

    private static void sign(Channel channel, Peer peer, InetSocketAddress address) throws ConnectException {
        var password = peer.password();
        if (password == null) {
            return;
        }
        if (!(channel instanceof EpollSocketChannel epoll)) {
            throw new ConnectException("a password needs TCP MD5 signatures, which this system does not offer: run on"
                    + " Linux with epoll, or remove passwordSecretRef on both sides");
        }
        try {
            epoll.config().setTcpMd5Sig(Map.of(address.getAddress(), password.bytes()));
        } catch (ChannelException refused) {
            throw new ConnectException("a password needs TCP MD5 signatures, which this kernel refused ("
                    + refused.getMessage() + "): use one built with CONFIG_TCP_MD5SIG");
        }
    }
}
