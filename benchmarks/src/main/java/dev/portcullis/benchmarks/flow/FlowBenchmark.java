package dev.portcullis.benchmarks.flow;

import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.ExporterBudget;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One worker's share of the way of a datagram, on one core: the copy out of the receive buffer, decoding, counting at
 * scattered hosts under many groups, and once a second the walk over all of them. {@code flows} is the figure to quote.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx2g", "-XX:+UseSerialGC"})
public class FlowBenchmark {
    private static final int BATCH = 32;
    private static final int GROUPS = 1000;

    /** Protocol. */
    @Param({"NETFLOW5", "NETFLOW9", "IPFIX", "SFLOW5"})
    public String format = "";

    /** Different destinations. */
    @Param("100000")
    public int hosts;

    /**
     * One in how many packets the router looked at. At 1 the rates stay below every limit and hosts have light counters; at
     * 1000 as many records a second as a core can take are hundreds of terabits a second, and every host has exact ones.
     */
    @Param({"1", "1000"})
    public int sampling;

    private final WindowSums sums = new WindowSums();
    private FlowWindow window = window();
    private FlowDecoder decoder = new FlowDecoder(window);
    private final Exporter exporter =
            new Exporter(InetAddress.getLoopbackAddress(), new ExporterBudget(65_536, 1 << 20, 65_536, 1 << 20));
    private List<byte[]> datagrams = List.of();
    private FlowDecoder.Port port = FlowDecoder.Port.NETFLOW;
    private int next;
    private long second;

    /** Flow records or samples decoded and counted. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counted {
        /** How many. */
        public long flows;
    }

    private static FlowWindow window() {
        var plan = FlowPolicy.compile(Detectors.withGroups(GROUPS)).window();
        var limits = new WindowLimits();
        limits.apply(plan);
        return new FlowWindow(limits, plan, 1);
    }

    /** Makes the datagrams, and teaches the decoder what comes first among them. */
    @Setup(Level.Trial)
    public void make() {
        var traffic = FlowTraffic.Format.valueOf(format);
        port = traffic == FlowTraffic.Format.SFLOW5 ? FlowDecoder.Port.SFLOW : FlowDecoder.Port.NETFLOW;
        datagrams = new FlowTraffic(traffic, sampling, hosts, 200_000, 1).datagrams();
    }

    /** {@value #BATCH} datagrams, as one wake-up of a busy worker brings. */
    @Benchmark
    public void decodeAndCount(Counted counted) {
        var nowMillis = System.nanoTime() / 1_000_000 + 3_600_000;
        window.now(nowMillis);
        if (nowMillis / 1000 != second) {
            second = nowMillis / 1000;
            window.begin(sums);
            while (!window.step(16_384)) {
                // The walk goes on.
            }
        }
        var before = decoder.counts().flowTotal();
        for (var i = 0; i < BATCH; i++) {
            var datagram = datagrams.get(next);
            next = next + 1 == datagrams.size() ? 0 : next + 1;
            System.arraycopy(datagram, 0, decoder.buffer(), 0, datagram.length);
            decoder.decode(port, datagram.length, exporter, nowMillis);
        }
        counted.flows += decoder.counts().flowTotal() - before;
    }
}
