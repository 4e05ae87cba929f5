package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.DecodeCounts;
import dev.portcullis.dataplane.flow.decode.DecodeError;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.decode.TemplateChange;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: decodes the datagrams of its sockets and counts them. All its state belongs to one thread, that of its
 * executor; only {@link #collect}, {@link #glance}, {@link #nearALimit}, {@link #whenNearALimit} and {@link #apply} may be
 * called from others.
 */
public final class FlowWorker implements DecodeCounts.Reader {
    private static final Logger LOG = LoggerFactory.getLogger(FlowWorker.class);

    /** One datagram in this many is timed. */
    static final int TIMED = 64;

    /** Slots walked between two looks at the sockets: some hundred microseconds. */
    private static final int STEP = 16_384;

    private final Executor executor;
    private final ExporterTable exporters;
    private final FlowMetrics metrics;
    private final LongSupplier nanoTime;
    private final FlowWindow window;
    private final FlowDecoder decoder;
    private final WindowSums sums = new WindowSums();
    private final WindowSums glance = new WindowSums();
    private @Nullable DatagramBatch batch;
    private volatile boolean nearALimit;
    private volatile Runnable whenNearALimit = () -> {};
    private long nowMillis;
    private int untimed;

    /**
     * A worker whose thread is that of {@code executor}.
     *
     * @param nanoTime monotonic time in nanoseconds
     */
    public FlowWorker(
            Executor executor,
            ExporterTable exporters,
            FlowPolicy policy,
            WindowLimits limits,
            FlowMetrics metrics,
            LongSupplier nanoTime,
            long seed) {
        this.executor = executor;
        this.exporters = exporters;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        window = new FlowWindow(limits, policy.window(), seed);
        decoder = new FlowDecoder(window);
        decoder.rules(policy.decode());
    }

    /** Puts a policy in force; counters are kept. */
    public void apply(FlowPolicy policy) {
        executor.execute(() -> {
            window.apply(policy.window());
            decoder.rules(policy.decode());
        });
    }

    /** Says that datagrams follow. */
    void beginBatch() {
        nowMillis = nanoTime.getAsLong() / 1_000_000;
        window.now(nowMillis);
    }

    /** Decodes and counts one datagram, which stays the caller's. */
    void datagram(FlowDecoder.Port port, ByteBuf content, InetAddress sender) {
        var source = exporters.source(sender);
        if (source == null) {
            metrics.refusedDatagram();
            return;
        }
        message(port, content, source, 0);
    }

    /**
     * Decodes and counts one datagram, or message of a TCP session, of a believed exporter.
     *
     * @param session number of the session, 0 for UDP
     */
    void message(FlowDecoder.Port port, ByteBuf content, ExporterSource source, int session) {
        var length = Math.min(content.readableBytes(), FlowDecoder.MOST_BYTES);
        content.getBytes(content.readerIndex(), decoder.buffer(), 0, length);
        decode(port, length, source, session);
        exporters.decoded(source);
    }

    /** Where to receive many datagrams at once; those in it are counted by {@link #received}. */
    DatagramBatch batch() {
        var made = batch;
        if (made == null) {
            made = new DatagramBatch();
            batch = made;
        }
        return made;
    }

    /**
     * Decodes and counts the first {@code count} datagrams of {@link #batch}. Those that follow one another from the same
     * sender need one look at the table of exporters.
     */
    void received(FlowDecoder.Port port, DatagramBatch datagrams, int count) {
        var first = 0;
        for (var i = 1; i <= count; i++) {
            if (i == count || !datagrams.sameSender(first, i)) {
                received(port, datagrams, first, i);
                first = i;
            }
        }
    }

    private void received(FlowDecoder.Port port, DatagramBatch datagrams, int from, int to) {
        var source = exporters.source(datagrams.sender(from));
        for (var i = from; i < to; i++) {
            if (source == null) {
                metrics.refusedDatagram();
            } else {
                received(port, datagrams, i, source);
            }
        }
        if (source != null) {
            exporters.decoded(source);
        }
    }

    private void received(FlowDecoder.Port port, DatagramBatch datagrams, int i, ExporterSource source) {
        try {
            decode(port, datagrams.copy(i, decoder.buffer()), source, 0);
        } catch (RuntimeException fault) {
            // Of ours: the next datagram must be read all the same.
            LOG.warn("A datagram on the {} listener was dropped.", port, fault);
        }
    }

    private void decode(FlowDecoder.Port port, int length, ExporterSource source, int session) {
        var timed = ++untimed >= TIMED;
        var flows = timed ? decoder.counts().flowTotal() : 0;
        var start = timed ? nanoTime.getAsLong() : 0;
        var protocol = decoder.decode(port, length, source.exporter(), session, nowMillis);
        if (timed) {
            flows = decoder.counts().flowTotal() - flows;
            if (flows > 0) {
                untimed = 0;
                metrics.processLatency((nanoTime.getAsLong() - start) / 1e9 / flows);
            }
        }
        if (protocol != null) {
            source.countDatagrams(protocol, 1);
        }
    }

    /** Whether {@link #glance} would find anything; of the latest batch, any thread. */
    public boolean nearALimit() {
        return nearALimit;
    }

    /** Has {@code told} run on this worker's thread whenever {@link #nearALimit} becomes true. Any thread. */
    public void whenNearALimit(Runnable told) {
        whenNearALimit = told;
    }

    /** Says that the batch is over: its numbers become visible. */
    void endBatch() {
        var near = window.samples();
        // A volatile write waits for all writes before it; a read does not.
        if (near != nearALimit) {
            nearALimit = near;
            if (near) {
                whenNearALimit.run();
            }
        }
        decoder.counts().drainTo(this);
    }

    /**
     * Sums up all hosts on the worker's thread, in steps between datagrams. One call at a time; the result is the caller's
     * until the next.
     */
    public CompletableFuture<WindowSums> collect() {
        var done = new CompletableFuture<WindowSums>();
        executor.execute(() -> {
            beginBatch();
            exporters.expire(nowMillis);
            for (var exporter : exporters.exporters()) {
                decoder.expire(exporter, nowMillis);
            }
            window.begin(sums);
            step(done);
        });
        return done;
    }

    /** Sums up what is near a limit, without its samples. One call at a time; the result is the caller's until the next. */
    public CompletableFuture<WindowSums> glance() {
        var done = new CompletableFuture<WindowSums>();
        executor.execute(() -> {
            beginBatch();
            window.glance(glance);
            done.complete(glance);
        });
        return done;
    }

    private void step(CompletableFuture<WindowSums> done) {
        if (!window.step(STEP)) {
            executor.execute(() -> step(done));
            return;
        }
        endBatch();
        metrics.refusedHosts(window.drainRefusedHosts());
        metrics.evictedHosts(window.drainEvictedHosts());
        metrics.refusedSamples(window.drainRefusedSamples());
        done.complete(sums);
    }

    @Override
    public void errors(DecodeError error, long count) {
        metrics.decodeErrors(error, count);
    }

    @Override
    public void flows(Protocol protocol, long count) {
        metrics.flows(protocol, count);
    }

    @Override
    public void lost(Protocol protocol, long count) {
        metrics.lost(protocol, count);
    }

    @Override
    public void brokenDatagrams(long count) {
        metrics.decodeErrors(count);
    }

    @Override
    public void templateMisses(long count) {
        metrics.templateMisses(count);
    }

    @Override
    public void templateChanges(TemplateChange change, long count) {
        metrics.templateChanges(change, count);
    }

    @Override
    public void inside(long count) {
        metrics.inside(count);
    }
}
