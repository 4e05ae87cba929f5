package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP port with a socket for each worker (SO_REUSEPORT: the kernel keeps the datagrams of one sender and port in
 * order on one socket). With epoll a system call takes up to {@value #BATCH} datagrams (recvmmsg), and a socket that held
 * fewer is left alone for a while, as {@link #pauseMicros} says: waking for each datagram costs several times its decoding.
 */
final class UdpListener implements AutoCloseable {
    /** Longest datagram read with epoll: a jumbo frame. Longer ones arrive cut off and count as decode errors. */
    static final int MOST_BYTES = 9216;

    static final int BATCH = 64;

    private static final int SHORTEST_PAUSE_MICROS = 2_000;
    private static final int LONGEST_PAUSE_MICROS = 10_000;

    /** Bytes a microsecond that must find room while a socket is left alone: 3.2 Gbit/s of telemetry. */
    private static final int ROOM = 400;

    private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);

    private final List<Channel> channels = new ArrayList<>();
    private final FlowDecoder.Port port;
    // Readers begin before it is known what the kernel granted.
    private volatile int pauseMicros = SHORTEST_PAUSE_MICROS;

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
                    bootstrap(epoll, receiveBuffer).group(loops.get(i)).handler(new Reader(workers.get(i), epoll));
            var bound = bootstrap.bind(bindTo).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                close();
                throw new IOException(
                        "cannot listen on UDP " + bindTo + " for " + name() + ": "
                                + bound.cause().getMessage() + ". Is another collector running?",
                        bound.cause());
            }
            channels.add(bound.channel());
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
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MOST_BYTES)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MOST_BYTES * BATCH));
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
        pauseMicros = pauseMicros(granted);
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

    /**
     * Microseconds for which a socket that was not full is left alone: what it can hold at {@value #ROOM} MB/s, which is 10 ms
     * from 4 MiB on and 2 ms, or some 45,000 datagrams a second, with the least that Linux gives.
     *
     * @param receiveBuffer bytes the kernel granted
     */
    static int pauseMicros(int receiveBuffer) {
        return Math.clamp(receiveBuffer / ROOM, SHORTEST_PAUSE_MICROS, LONGEST_PAUSE_MICROS);
    }

    private String name() {
        return port.name().toLowerCase(Locale.ROOT);
    }

    /** The port bound. */
    int port() {
        return ((InetSocketAddress) channels.getFirst().localAddress()).getPort();
    }

    /** Adds the inodes of the sockets where they can be known, else the port. */
    void identify(Set<String> inodes, Set<Integer> ports) {
        for (var channel : channels) {
            var inode = inode(channel);
            if (inode.isEmpty()) {
                ports.add(port());
            } else {
                inodes.add(inode);
            }
        }
    }

    private static String inode(Channel channel) {
        if (channel instanceof EpollDatagramChannel epoll) {
            try {
                var link = Files.readSymbolicLink(
                                Path.of("/proc/self/fd/" + epoll.fd().intValue()))
                        .toString();
                if (link.startsWith("socket:[")) {
                    return link.substring("socket:[".length(), link.length() - 1);
                }
            } catch (IOException e) {
                LOG.debug("No inode of a UDP socket, its drops are found by port.", e);
            }
        }
        return "";
    }

    @Override
    public void close() {
        for (var channel : channels) {
            channel.close().awaitUninterruptibly();
        }
    }

    /**
     * Hands the datagrams of one socket to its worker, those of a read together once it is over: were they decoded one by one
     * as the pipeline brings them, each of its methods would be compiled with the whole decoder in it.
     */
    private final class Reader extends ChannelInboundHandlerAdapter {
        private final FlowWorker worker;
        private final boolean paced;
        private final @Nullable DatagramPacket[] waiting = new DatagramPacket[BATCH];
        private int count;
        private int taken;

        /** {@code paced}: whether this reader asks for each batch. */
        Reader(FlowWorker worker, boolean paced) {
            this.worker = worker;
            this.paced = paced;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.fireChannelActive();
            if (paced) {
                context.read();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            waiting[count++] = (DatagramPacket) message;
            if (count == waiting.length) {
                decode();
            }
        }

        private void decode() {
            worker.beginBatch();
            for (var i = 0; i < count; i++) {
                decode(waiting[i]);
                waiting[i] = null;
            }
            taken += count;
            count = 0;
            worker.endBatch();
        }

        private void decode(@Nullable DatagramPacket packet) {
            if (packet == null) {
                return;
            }
            try {
                worker.datagram(port, packet.content(), packet.sender().getAddress());
            } catch (RuntimeException fault) {
                // Of ours: the next datagram must be read all the same.
                LOG.warn("A datagram on the {} listener was dropped.", name(), fault);
            } finally {
                packet.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            decode();
            context.fireChannelReadComplete();
            if (paced) {
                if (taken < BATCH) {
                    context.executor().schedule(context::read, pauseMicros, TimeUnit.MICROSECONDS);
                } else {
                    context.read();
                }
            }
            taken = 0;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // An ICMP error on the socket: the next datagram must be read all the same.
            LOG.warn("Reading of the {} listener failed.", name(), cause);
        }
    }
}
