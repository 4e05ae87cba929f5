package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to the outside. The addresses a name resolves to are shown to the caller first, and only those are
 * connected to, by {@link HappyEyeballs}: a name cannot point elsewhere between check and connect.
 */
public final class Dialer {
    /** Who wants a connection. Called on the event loop that was passed in. */
    public interface Opening {
        /** The addresses that would be tried; false gives up silently. */
        boolean resolved(List<InetAddress> addresses);

        /** The connection is open, with auto-read off and {@code handlers} in its pipeline. */
        void opened(Channel channel);

        /** There is no connection. */
        void openFailed(UpstreamError error, String message);
    }

    private static final int CONNECT_MILLIS = 10_000;
    private static final int HANDSHAKE_MILLIS = 10_000;

    private final EventLoops loops;
    private final NameResolver names;
    private final Handshakes handshakes;
    /** Of one event loop, by the family of addresses. */
    private record Bootstraps(Bootstrap four, Bootstrap six) {}

    private final Map<EventLoop, Bootstraps> bootstraps = new ConcurrentHashMap<>();

    /** Told how long finished TLS handshakes with origins took. */
    @FunctionalInterface
    public interface Handshakes {
        /** One took {@code seconds}. */
        void observe(double seconds);
    }

    /** A dialer that asks {@code names}. */
    public Dialer(EventLoops loops, NameResolver names, Handshakes handshakes) {
        this.loops = loops;
        this.names = names;
        this.handshakes = handshakes;
    }

    /** Resolves {@code host} and shows its addresses to {@code opening}; runs {@code then} where it agrees. */
    public void resolve(EventLoop loop, String host, Opening opening, Consumer<List<InetAddress>> then) {
        names.resolve(loop, host).addListener((Future<List<InetAddress>> answer) -> {
            if (!answer.isSuccess() || answer.getNow().isEmpty()) {
                opening.openFailed(UpstreamError.DNS, "the name " + host + " cannot be resolved");
            } else if (opening.resolved(answer.getNow())) {
                then.accept(answer.getNow());
            }
        });
    }

    /**
     * Opens a connection.
     *
     * @param tls the authorities its certificate is checked by, against {@code host}; null for a connection without TLS
     * @param handlers what its pipeline gets after TLS
     */
    public void open(
            EventLoop loop,
            String host,
            int port,
            @Nullable UpstreamTls tls,
            List<ChannelHandler> handlers,
            Opening opening) {
        open(loop, host, port, tls, false, handlers, opening);
    }

    /**
     * Opens a connection.
     *
     * @param multiplexed whether TLS offers HTTP/2 beside HTTP/1.1
     */
    void open(
            EventLoop loop,
            String host,
            int port,
            @Nullable UpstreamTls tls,
            boolean multiplexed,
            List<ChannelHandler> handlers,
            Opening opening) {
        resolve(
                loop,
                host,
                opening,
                addresses -> connect(loop, host, port, tls, multiplexed, handlers, opening, addresses));
    }

    /** True where the handshake of {@code channel} has agreed on HTTP/2. */
    static boolean speaksHttp2(Channel channel) {
        var tls = channel.pipeline().get(SslHandler.class);
        return tls != null && ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol());
    }

    private void connect(
            EventLoop loop,
            String host,
            int port,
            @Nullable UpstreamTls tls,
            boolean multiplexed,
            List<ChannelHandler> handlers,
            Opening opening,
            List<InetAddress> addresses) {
        HappyEyeballs.connect(loop, addresses, address -> bootstrap(loop, address)
                        .connect(new InetSocketAddress(address, port)))
                .addListener((Future<Channel> connected) -> {
                    if (!connected.isSuccess()) {
                        opening.openFailed(
                                UpstreamError.CONNECT,
                                "no connection to " + host + " port " + port + ": "
                                        + connected.cause().getMessage());
                    } else if (tls != null) {
                        handshake(connected.getNow(), host, port, tls, multiplexed, handlers, opening);
                    } else {
                        connected.getNow().pipeline().addLast(handlers.toArray(ChannelHandler[]::new));
                        opening.opened(connected.getNow());
                    }
                });
    }

    private Bootstrap bootstrap(EventLoop loop, InetAddress address) {
        var both = bootstraps.computeIfAbsent(
                loop,
                owner -> new Bootstraps(
                        bootstrap(owner, SocketProtocolFamily.INET), bootstrap(owner, SocketProtocolFamily.INET6)));
        return address instanceof Inet4Address ? both.four() : both.six();
    }

    private Bootstrap bootstrap(EventLoop loop, SocketProtocolFamily family) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(loops.connecting(family))
                .disableResolver()
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(Wait.UNTIL_OPEN);
    }

    private void handshake(
            Channel channel,
            String host,
            int port,
            UpstreamTls tls,
            boolean multiplexed,
            List<ChannelHandler> handlers,
            Opening opening) {
        SslHandler handler;
        try {
            handler = tls.handler(channel.alloc(), host, port, multiplexed);
        } catch (SSLException e) {
            channel.close();
            opening.openFailed(UpstreamError.TLS, "TLS cannot be set up: " + e.getMessage());
            return;
        }
        handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
        var began = System.nanoTime();
        channel.pipeline().addLast(handler, HandshakeErrors.IGNORED);
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                handshakes.observe((System.nanoTime() - began) / 1e9);
                channel.pipeline().remove(HandshakeErrors.IGNORED);
                channel.pipeline().addLast(handlers.toArray(ChannelHandler[]::new));
                opening.opened(channel);
            } else {
                channel.close();
                opening.openFailed(UpstreamError.TLS, UpstreamTls.failure(done.cause(), host));
            }
        });
        channel.read();
    }

    /** A bootstrap wants a handler; the real ones join when the connection is open. */
    @ChannelHandler.Sharable
    private static final class Wait extends ChannelInboundHandlerAdapter {
        static final Wait UNTIL_OPEN = new Wait();
    }
}
