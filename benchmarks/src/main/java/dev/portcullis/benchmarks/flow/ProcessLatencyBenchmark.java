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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@code kapkan_engine_process_latency_seconds} costs: {@value #DATAGRAMS} datagrams to 1,000 hosts, with
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

    /** Whose datagrams. */
    @Param({"NETFLOW5", "SFLOW5"})
    public String format = "NETFLOW5";

    private int next;
    private long nowMillis;
    private FlowDecoder.Port port = FlowDecoder.Port.NETFLOW;

    private static FlowWindow window() {
        var plan = FlowPolicy.compile(Detectors.withGroups(1)).window();
        var limits = new WindowLimits();
        limits.apply(plan);
        return new FlowWindow(limits, plan, 1);
    }

    /** Makes the datagrams. */
    @Setup
    public void make() {
        var made = FlowTraffic.Format.valueOf(format);
        port = made.sampledPackets() ? FlowDecoder.Port.SFLOW : FlowDecoder.Port.NETFLOW;
        datagrams = new FlowTraffic(made, 1, 1_000, 20_000, 1).datagrams();
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

    /**
     * Prints what timing one of {@value #DATAGRAMS} datagrams costs by pairs: both ways one after the other, by chance in either
     * order, in one JVM, so that neither the compiler's luck nor the machine's load comes between them. The twentieth of the
     * pairs that differ the most on either side, which something interrupted, are left out.
     *
     * @param arguments how many pairs, default 200,000, and the format, default NETFLOW5
     */
    public static void main(String[] arguments) {
        var pairs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
        var benchmark = new ProcessLatencyBenchmark();
        if (arguments.length > 1) {
            benchmark.format = arguments[1];
        }
        benchmark.make();
        var random = new SplittableRandom(1);
        var untimed = new double[pairs];
        var differences = new double[pairs];
        for (var pair = -pairs / 4; pair < pairs; pair++) {
            var timedFirst = random.nextBoolean();
            var first = benchmark.nanos(timedFirst);
            var second = benchmark.nanos(!timedFirst);
            if (pair >= 0) {
                untimed[pair] = timedFirst ? second : first;
                differences[pair] = timedFirst ? first - second : second - first;
            }
        }
        Arrays.sort(untimed);
        Arrays.sort(differences);
        var kept = Arrays.copyOfRange(differences, pairs / 20, pairs - pairs / 20);
        var mean = Arrays.stream(kept).average().orElseThrow();
        var variance =
                Arrays.stream(kept).map(each -> (each - mean) * (each - mean)).sum() / (kept.length - 1);
        var margin = 2.6 * Math.sqrt(variance / kept.length);
        var base = untimed[pairs / 2];
        System.out.printf(
                Locale.ROOT,
                "%s, %,d pairs: %d datagrams take %.1f us in the median; one of them timed adds %.0f ns, %.0f to %.0f with 99 %% certainty: %.2f %% (%.2f to %.2f)%n",
                benchmark.format,
                pairs,
                DATAGRAMS,
                base / 1000,
                mean,
                mean - margin,
                mean + margin,
                100 * mean / base,
                100 * (mean - margin) / base,
                100 * (mean + margin) / base);
    }

    private long nanos(boolean oneTimed) {
        var start = System.nanoTime();
        if (oneTimed) {
            timed();
        } else {
            untimed();
        }
        return System.nanoTime() - start;
    }

    private void begin() {
        nowMillis = System.nanoTime() / 1_000_000 + 3_600_000;
        window.now(nowMillis);
    }

    private void decode() {
        var datagram = datagrams.get(next);
        next = next + 1 == datagrams.size() ? 0 : next + 1;
        System.arraycopy(datagram, 0, decoder.buffer(), 0, datagram.length);
        decoder.decode(port, datagram.length, exporter, nowMillis);
    }
}
