package dev.portcullis.dataplane.flow.api;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import dev.portcullis.dataplane.metrics.ApiMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP port of a detector: /metrics, /healthz, /readyz, /status and /api/v1. At most {@link #MAX_CONNECTIONS}
 * connections, one request each at a time, bodies up to {@link #MAX_BODY} bytes; two threads answer, {@link #MAX_WAITING}
 * requests wait for them, and further ones are told to try again.
 */
public final class ApiServer implements AutoCloseable {
    /** Most connections at once; further ones are closed. */
    public static final int MAX_CONNECTIONS = 256;
    /** Most requests that wait to be answered; further ones are answered 503. Fewer than connections, or it would bound nothing. */
    public static final int MAX_WAITING = 128;
    /** Largest body of a request, in bytes. */
    public static final int MAX_BODY = 64 << 10;

    private static final int MAX_LINE = 8 << 10;
    private static final int MAX_HEADERS = 16 << 10;
    private static final int WRITE_TIMEOUT_SECONDS = 30;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("flow-api-io", true), NioIoHandler.newFactory());
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            2,
            2,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            new DefaultThreadFactory("flow-api", true));
    private final AtomicInteger connections = new AtomicInteger();
    private final ApiRoutes routes;
    private final ApiMetrics metrics;
    private final Channel channel;

    /**
     * Binds the port.
     *
     * @param address port 0 takes a free one
     * @param role readiness, status and metrics
     * @param config the configuration in force, or null before the first
     * @param peers the neighbours of every policy's speaker
     * @param feed what {@code /api/v1/events} tells
     * @throws IOException when the port cannot be bound, with the address and what to do
     */
    public ApiServer(
            InetSocketAddress address,
            RoleView role,
            Supplier<@Nullable FlowConfig> config,
            Supplier<AccessTokens> tokens,
            FlowReadModel flow,
            Mitigator mitigator,
            Supplier<List<PolicyPeer>> peers,
            AttackFeed feed,
            ApiMetrics metrics)
            throws IOException {
        this.metrics = metrics;
        var reads = new FlowReads(role, config, flow, mitigator, peers);
        this.routes = new ApiRoutes(role, reads, new BanOrders(mitigator), feed, tokens);
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new Pipeline())
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            executor.shutdownNow();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(
                    "the API cannot listen on " + address.getHostString() + " port " + address.getPort()
                            + ": another program may have it; change spec.api.port of the FlowDetector",
                    bound.cause());
        }
        channel = bound.channel();
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Every route of the port. */
    List<Route> routes() {
        return routes.all();
    }

    /** Closes the port and every connection. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        executor.shutdownNow();
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Pipeline extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel client) {
            client.pipeline()
                    .addLast(new ConnectionCap())
                    .addLast(new HttpServerCodec(MAX_LINE, MAX_HEADERS, 8 << 10))
                    .addLast(new BodyCap())
                    .addLast(new FlowControlHandler())
                    .addLast(new WriteTimeoutHandler(WRITE_TIMEOUT_SECONDS))
                    .addLast(new ApiConnection(routes, executor, metrics));
        }
    }

    private final class ConnectionCap extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (connections.incrementAndGet() > MAX_CONNECTIONS) {
                metrics.connectionRefused();
                context.close();
                return;
            }
            context.fireChannelActive();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            connections.decrementAndGet();
            context.fireChannelInactive();
        }
    }

    /** Collects a body, and answers one that is too large as everything else is answered: with JSON. */
    private final class BodyCap extends HttpObjectAggregator {
        BodyCap() {
            super(MAX_BODY);
        }

        @Override
        protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
            ApiConnection.refuse(
                    context, ApiResponse.error(413, "the body is larger than " + MAX_BODY + " bytes"), metrics);
        }
    }
}
