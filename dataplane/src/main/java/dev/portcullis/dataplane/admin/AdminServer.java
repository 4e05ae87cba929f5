package dev.portcullis.dataplane.admin;

import dev.portcullis.dataplane.metrics.AdminMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The admin port of one role, on one thread of its own, so that neither scrapes nor probes wait for traffic: {@code GET}
 * of /metrics, /stats, /status ({@link RoleStatus}), /healthz (200 while the process lives) and /readyz (200 while the role
 * is ready, else 503). At most {@value #CONNECTIONS} connections, each closed after {@value #IDLE_SECONDS} s of silence.
 */
public final class AdminServer implements AutoCloseable {
    private static final int CONNECTIONS = 64;
    private static final int IDLE_SECONDS = 30;
    private static final int LARGEST_REQUEST = 4096;

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("admin", true), NioIoHandler.newFactory());
    private final AtomicInteger open = new AtomicInteger();
    private final Channel listener;

    private AdminServer(String host, int port, RoleView role) throws IOException {
        var metrics = new AdminMetrics(role.registry());
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.closeFuture().addListener(closed -> open.decrementAndGet());
                        if (open.incrementAndGet() > CONNECTIONS) {
                            metrics.refused();
                            channel.close();
                            return;
                        }
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(LARGEST_REQUEST))
                                .addLast(new AdminRoutes(role));
                    }
                })
                .bind(new InetSocketAddress(host, port))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(
                    "The admin port cannot be opened on " + host + " port " + port + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
    }

    /**
     * Opens the port.
     *
     * @param port 0 takes any free one
     * @throws IOException when the address cannot be bound; the message names it
     */
    public static AdminServer open(String host, int port, RoleView role) throws IOException {
        return new AdminServer(host, port, role);
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Closes the port and every connection to it. */
    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
