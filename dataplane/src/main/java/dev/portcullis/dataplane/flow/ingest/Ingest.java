package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.metrics.ExporterMetrics;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets and the workers behind them: one thread a worker, each with a socket of both listeners. Started and closed
 * once.
 */
public final class Ingest implements AutoCloseable {
    /** Most workers. Each has a window of its own, so that memory and the merge at each tick grow with them. */
    public static final int MOST_WORKERS = 4;

    /** Time between two looks at whether templates have changed. */
    private static final long KEEP_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

    private final FlowMetrics metrics;
    private final LongSupplier nanoTime;
    private final ExporterTable exporters;
    private final WindowLimits limits;
    private final List<FlowWorker> workers = new ArrayList<>();
    private final EventLoopGroup loops;
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("flow-templates").daemon(true).factory());
    private final @Nullable TemplateFile templates;
    private final UdpListener netflow;
    private final UdpListener sflow;
    private final @Nullable IpfixTcpListener ipfixTcp;

    /**
     * How sockets are made.
     *
     * @param address to bind, null for every address of the machine
     * @param workers 1 to {@link #MOST_WORKERS}
     * @param receiveBuffer bytes asked of the kernel for each socket
     * @param epoll false takes the portable transport where epoll would be there
     * @param templates file that templates are kept in over restarts, null for none
     * @param ipfixTls the certificate of IPFIX over TLS, asked at each connection; null for TCP alone
     */
    public record Settings(
            @Nullable InetAddress address,
            int workers,
            int receiveBuffer,
            boolean epoll,
            @Nullable Path templates,
            Supplier<@Nullable SslContext> ipfixTls) {
        /** The same with nothing kept and no TLS. */
        public Settings(@Nullable InetAddress address, int workers, int receiveBuffer, boolean epoll) {
            this(address, workers, receiveBuffer, epoll, null, () -> null);
        }

        /** Every address, as many workers as cores up to two, 8 MiB, nothing kept, no TLS. */
        public static Settings standard() {
            return new Settings(
                    null, Math.min(2, Runtime.getRuntime().availableProcessors()), 8 << 20, true, null, () -> null);
        }

        /** The same on one address of the machine. */
        public Settings on(@Nullable InetAddress newAddress) {
            return new Settings(newAddress, workers, receiveBuffer, epoll, templates, ipfixTls);
        }

        /** The same with templates kept in {@code file}. */
        public Settings keeping(Path file) {
            return new Settings(address, workers, receiveBuffer, epoll, file, ipfixTls);
        }

        /** The same with the certificates of {@code tls}. */
        public Settings securedBy(Supplier<@Nullable SslContext> tls) {
            return new Settings(address, workers, receiveBuffer, epoll, templates, tls);
        }

        public Settings {
            if (workers < 1 || workers > MOST_WORKERS) {
                throw new IllegalArgumentException("workers: " + workers + " is not 1 to " + MOST_WORKERS);
            }
        }
    }

    /**
     * Binds the ports of {@code policy} and begins to count.
     *
     * @throws IOException when a port cannot be bound
     */
    public Ingest(FlowPolicy policy, Settings settings, FlowMetrics metrics, LongSupplier nanoTime) throws IOException {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        exporters = new ExporterTable(metrics);
        exporters.apply(policy);
        limits = new WindowLimits(settings.workers());
        limits.apply(policy.window());
        var epoll = settings.epoll() && Epoll.isAvailable();
        if (epoll) {
            DatagramBatch.prepare();
        }
        loops = new MultiThreadIoEventLoopGroup(
                settings.workers(),
                new DefaultThreadFactory("flow-ingest", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        var eventLoops = new ArrayList<EventLoop>();
        for (var i = 0; i < settings.workers(); i++) {
            var loop = (EventLoop) loops.next();
            eventLoops.add(loop);
            workers.add(new FlowWorker(loop, exporters, policy, limits, metrics, nanoTime, i));
        }
        if (settings.templates() != null) {
            var file = new TemplateFile(settings.templates());
            exporters.recall(file.read(), nanoTime.getAsLong() / 1_000_000);
            templates = file;
            keeper.scheduleWithFixedDelay(
                    () -> file.write(exporters.remember()), KEEP_SECONDS, KEEP_SECONDS, TimeUnit.SECONDS);
        } else {
            templates = null;
        }
        metrics.exporters()
                .from(reader -> exporters.labelled((label, exporter) -> reader.exporter(label, numbers(exporter))));
        var listeners = policy.config().spec().listeners();
        var bound = new ArrayList<AutoCloseable>();
        try {
            netflow = listen(FlowDecoder.Port.NETFLOW, listeners.netflow().port(), settings, eventLoops, epoll);
            bound.add(netflow);
            sflow = listen(FlowDecoder.Port.SFLOW, listeners.sflow().port(), settings, eventLoops, epoll);
            bound.add(sflow);
            ipfixTcp = listeners.ipfixTcp().enabled()
                    ? new IpfixTcpListener(
                            socketAddress(listeners.ipfixTcp().port(), settings),
                            loops,
                            workers,
                            eventLoops,
                            epoll,
                            exporters,
                            settings.ipfixTls(),
                            metrics)
                    : null;
        } catch (IOException e) {
            bound.forEach(Ingest::closeQuietly);
            keeper.shutdownNow();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
        LOG.info(
                "Flow telemetry on UDP {} (NetFlow, IPFIX) and {} (sFlow), {} workers, {}.",
                netflow.port(),
                sflow.port(),
                settings.workers(),
                epoll ? "epoll" : "NIO");
    }

    private UdpListener listen(
            FlowDecoder.Port port, int number, Settings settings, List<EventLoop> eventLoops, boolean epoll)
            throws IOException {
        return new UdpListener(
                port, socketAddress(number, settings), workers, eventLoops, epoll, settings.receiveBuffer(), metrics);
    }

    private static InetSocketAddress socketAddress(int port, Settings settings) {
        return settings.address() == null
                ? new InetSocketAddress(port)
                : new InetSocketAddress(settings.address(), port);
    }

    private static void closeQuietly(AutoCloseable listener) {
        try {
            listener.close();
        } catch (Exception e) {
            LOG.warn("A listener did not close.", e);
        }
    }

    private ExporterMetrics.Numbers numbers(Exporter exporter) {
        var announced = exporter.templatesAnnouncedMillis();
        return new ExporterMetrics.Numbers(
                secondsSince(exporter.lastSeenMillis()),
                announced < 0 ? -1 : secondsSince(announced),
                exporter.lost(),
                exporter.lastRate(),
                exporter.samplingRatio());
    }

    private double secondsSince(long millis) {
        return Math.max(0, nanoTime.getAsLong() / 1_000_000 - millis) / 1e3;
    }

    /** The workers, to be summed by the tick. */
    public List<FlowWorker> workers() {
        return List.copyOf(workers);
    }

    /** Whether a look at the workers between two decisions would find anything. Any thread. */
    public boolean nearALimit() {
        for (var worker : workers) {
            if (worker.nearALimit()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Has {@code told} run on a worker's thread whenever something comes near a limit there and nothing was before. Once; what
     * came near one earlier is seen by {@link #nearALimit} after this.
     */
    public void whenNearALimit(Runnable told) {
        workers.forEach(worker -> worker.whenNearALimit(told));
    }

    /** UDP port of NetFlow and IPFIX. */
    public int netflowPort() {
        return netflow.port();
    }

    /** UDP port of sFlow. */
    public int sflowPort() {
        return sflow.port();
    }

    /** TCP port of IPFIX, 0 where there is none. */
    public int ipfixTcpPort() {
        return ipfixTcp == null ? 0 : ipfixTcp.port();
    }

    /** All exporters known, in no order. */
    public List<Exporter> exporters() {
        return exporters.exporters();
    }

    /** Puts a policy in force; listeners stay where they are. Any thread. */
    public void apply(FlowPolicy policy) {
        exporters.apply(policy);
        limits.apply(policy.window());
        workers.forEach(worker -> worker.apply(policy));
    }

    /** Reports what the kernel dropped since the last call. One thread at a time. */
    public void reportKernelDrops() {
        var dropped = netflow.drainDrops() + sflow.drainDrops();
        if (dropped > 0) {
            metrics.kernelDrops(dropped);
        }
    }

    @Override
    public void close() {
        keeper.shutdownNow();
        netflow.close();
        sflow.close();
        if (ipfixTcp != null) {
            ipfixTcp.close();
        }
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        if (templates != null) {
            templates.write(exporters.remember());
        }
    }
}
