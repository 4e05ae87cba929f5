package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * IPFIX over TCP, and over TLS where there is a certificate (RFC 7011 sections 10.4 and 11.1). Each session lives on the
 * thread of one worker, which decodes its messages; an exporter that sends faster than that is held back by TCP.
 */
final class IpfixTcpListener implements AutoCloseable {
    /** Sessions open at once. */
    static final int MOST_SESSIONS = 256;

    /** Sessions of one exporter: its line cards, and as many again while they reconnect. */
    static final int MOST_OF_ONE = 16;

    private static final int BACKLOG = 128;

    private final AtomicInteger sessionNumbers = new AtomicInteger();
    private final ChannelGroup sessions = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel server;

    /**
     * Binds the port.
     *
     * @param loops of the workers, in the same order
     * @param tls asked at each connection, so that a renewed certificate is used at once; null for TCP alone
     * @throws IOException when the address cannot be bound, naming it
     */
    IpfixTcpListener(
            InetSocketAddress address,
            EventLoopGroup group,
            List<FlowWorker> workers,
            List<EventLoop> loops,
            boolean epoll,
            ExporterTable exporters,
            Supplier<@Nullable SslContext> tls,
            FlowMetrics metrics)
            throws IOException {
        metrics.sessionsFrom(sessions::size);
        var bound = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        var source = exporters.source(channel.remoteAddress().getAddress());
                        if (source == null) {
                            metrics.refusedDatagram();
                            channel.close();
                            return;
                        }
                        if (sessions.size() >= MOST_SESSIONS || !source.openSession(MOST_OF_ONE)) {
                            metrics.refusedSession();
                            channel.close();
                            return;
                        }
                        exporters.proven(source);
                        sessions.add(channel);
                        var certificate = tls.get();
                        if (certificate != null) {
                            channel.pipeline().addLast(certificate.newHandler(channel.alloc()));
                        }
                        var worker = workers.get(loops.indexOf(channel.eventLoop()));
                        channel.pipeline().addLast(new IpfixSession(worker, source, nextNumber()));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on TCP " + address + " for ipfixTcp: "
                            + bound.cause().getMessage() + ". Is another collector running?",
                    bound.cause());
        }
        server = bound.channel();
    }

    /** A number that no session of this process had for a long time; 0 is UDP's. */
    private int nextNumber() {
        return sessionNumbers.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
    }

    /** The port bound. */
    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        server.close().awaitUninterruptibly();
        sessions.close().awaitUninterruptibly();
    }
}
