package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP port with a socket for each worker (SO_REUSEPORT: the kernel keeps the datagrams of one sender and port in
 * order on one socket), each read by a {@link SocketReader}.
 */
final class UdpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);

    private final List<Channel> channels = new ArrayList<>();
    private final List<SocketDrops> drops = new ArrayList<>();
    private final FlowDecoder.Port port;

    /**
     * Binds one socket for each worker.
     *
     * @param loops of the workers, in the same order
     * @param address port 0 takes a free one, the same for all sockets
     * @param receiveBuffer bytes asked of the kernel for each socket
     * @throws IOException when the address cannot be bound, naming it
     */
    UdpListener(
            FlowDecoder.Port port,
            InetSocketAddress address,
            List<FlowWorker> workers,
            List<EventLoop> loops,
            boolean epoll,
            int receiveBuffer,
            FlowMetrics metrics)
            throws IOException {
        this.port = port;
        var bindTo = address;
        for (var i = 0; i < workers.size(); i++) {
            var bootstrap =
                    bootstrap(epoll, receiveBuffer).group(loops.get(i)).handler(new SocketReader(port, workers.get(i)));
            var bound = bootstrap.bind(bindTo).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                close();
                throw new IOException(
                        "cannot listen on UDP " + bindTo + " for " + name() + ": "
                                + bound.cause().getMessage() + ". Is another collector running?",
                        bound.cause());
            }
            channels.add(bound.channel());
            if (bound.channel() instanceof EpollDatagramChannel channel) {
                drops.add(new SocketDrops(channel.fd().intValue()));
            }
            bindTo = (InetSocketAddress) bound.channel().localAddress();
        }
        reportReceiveBuffer(receiveBuffer, metrics);
    }

    private static Bootstrap bootstrap(boolean epoll, int receiveBuffer) {
        var bootstrap = new Bootstrap().option(ChannelOption.SO_RCVBUF, receiveBuffer);
        if (epoll) {
            return bootstrap
                    .channel(EpollDatagramChannel.class)
                    .option(EpollChannelOption.SO_REUSEPORT, true)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(DatagramBatch.MOST_BYTES).maxMessagesPerRead(1));
        }
        return bootstrap
                .channel(NioDatagramChannel.class)
                .option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(FlowDecoder.MOST_BYTES));
    }

    private void reportReceiveBuffer(int wanted, FlowMetrics metrics) {
        var channel = (DatagramChannel) channels.getFirst();
        // Linux states twice what it granted, for its own bookkeeping.
        var linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
        var granted = channel.config().getReceiveBufferSize() / (linux ? 2 : 1);
        metrics.receiveBuffer(name(), granted);
        if (granted < wanted) {
            LOG.warn(
                    "The kernel granted the {} listener a receive buffer of {} of {} bytes; bursts beyond it are lost."
                            + " Raise net.core.rmem_max to {}.",
                    name(),
                    granted,
                    wanted,
                    wanted);
        }
    }

    private String name() {
        return port.name().toLowerCase(Locale.ROOT);
    }

    /** The port bound. */
    int port() {
        return ((InetSocketAddress) channels.getFirst().localAddress()).getPort();
    }

    /** Datagrams that the kernel dropped at these sockets since the last call; one thread at a time. 0 without epoll. */
    long drainDrops() {
        var dropped = 0L;
        for (var socket : drops) {
            dropped += socket.drain();
        }
        return dropped;
    }

    @Override
    public void close() {
        for (var channel : channels) {
            channel.close().awaitUninterruptibly();
        }
    }
}
