package dev.portcullis.benchmarks.flow;

import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.ExporterBudget;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@code kapkan_engine_process_latency_seconds} costs: {@value #DATAGRAMS} datagrams of NetFlow v5 to 1,000 hosts, with
 * one of them timed as a worker times it and with none. {@code observation} is the timing alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx1g", "-XX:+UseSerialGC"})
public class ProcessLatencyBenchmark {
    private static final int DATAGRAMS = 64;

    private final FlowMetrics metrics = new FlowMetrics(new PrometheusRegistry());
    private final FlowWindow window = window();
    private final FlowDecoder decoder = new FlowDecoder(window);
    private final Exporter exporter =
            new Exporter(InetAddress.getLoopbackAddress(), new ExporterBudget(65_536, 1 << 20, 65_536, 1 << 20));
    private List<byte[]> datagrams = List.of();
    private int next;
    private long nowMillis;

    private static FlowWindow window() {
        var plan = FlowPolicy.compile(Detectors.withGroups(1)).window();
        var limits = new WindowLimits();
        limits.apply(plan);
        return new FlowWindow(limits, plan, 1);
    }

    /** Makes the datagrams. */
    @Setup
    public void make() {
        datagrams = new FlowTraffic(FlowTraffic.Format.NETFLOW5, 1, 1_000, 20_000, 1).datagrams();
    }

    /** None is timed. */
    @Benchmark
    public void untimed() {
        begin();
        for (var i = 0; i < DATAGRAMS; i++) {
            decode();
        }
    }

    /** The last is timed. */
    @Benchmark
    public void timed() {
        begin();
        for (var i = 1; i < DATAGRAMS; i++) {
            decode();
        }
        var flows = decoder.counts().flowTotal();
        var start = System.nanoTime();
        decode();
        flows = decoder.counts().flowTotal() - flows;
        metrics.processLatency((System.nanoTime() - start) / 1e9 / flows);
    }

    /** Two readings of the clock and the histogram. */
    @Benchmark
    public void observation() {
        var start = System.nanoTime();
        metrics.processLatency((System.nanoTime() - start) / 1e9 / 30);
    }

    private void begin() {
        nowMillis = System.nanoTime() / 1_000_000 + 3_600_000;
        window.now(nowMillis);
    }

    private void decode() {
        var datagram = datagrams.get(next);
        next = next + 1 == datagrams.size() ? 0 : next + 1;
        System.arraycopy(datagram, 0, decoder.buffer(), 0, datagram.length);
        decoder.decode(FlowDecoder.Port.NETFLOW, datagram.length, exporter, nowMillis);
    }
}
