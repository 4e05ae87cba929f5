package dev.portcullis.benchmarks.flow;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.Detector;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Counting one flow record among scattered hosts, and one whole decision over all of them, each on one core. */
@State(Scope.Thread)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xms2g", "-Xmx2g", "-XX:+UseSerialGC"})
public class WindowBenchmark {
    private static final int GROUPS = 1000;
    private static final int KEYS = 1 << 20;

    /** Records of a NetFlow v5 datagram, about as many as one of v9 or IPFIX has. */
    private static final int BATCH = 32;

    /** Different destinations, half IPv4 and half IPv6. */
    @Param({"100000", "1000000"})
    public int hosts;

    private final FlowPolicy policy = FlowPolicy.compile(Detectors.withGroups(GROUPS));
    private final FlowRecord[] flows =
            Stream.generate(FlowRecord::new).limit(BATCH).toArray(FlowRecord[]::new);
    private final long[] highs = new long[KEYS];
    private final long[] lows = new long[KEYS];
    private final WindowSums sums = new WindowSums();
    private final WindowSums merged = new WindowSums();
    private final Detector detector = new Detector();
    private FlowWindow window = window();
    private int next;
    private long nowMillis;

    private FlowWindow window() {
        var limits = new WindowLimits();
        limits.apply(policy.window());
        return new FlowWindow(limits, policy.window(), 1);
    }

    /** Scattered keys, each host tracked already. */
    @Setup(Level.Trial)
    public void fill() {
        nowMillis = 3_600_000;
        window = window();
        window.now(nowMillis);
        var random = new Random(1);
        for (var flow : flows) {
            flow.samplingRate = 1;
            flow.packets = 3;
            flow.bytes = 1500;
            flow.ipProtocol = 17;
            flow.protocol = Protocol.NETFLOW9;
            flow.arrivalMillis = nowMillis;
        }
        for (var i = 0; i < hosts; i++) {
            key(flows[0], i);
            window.accept(flows, 1);
        }
        var flow = flows[0];
        for (var i = 0; i < KEYS; i++) {
            key(flow, random.nextInt(hosts));
            highs[i] = flow.destinationHigh;
            lows[i] = flow.destinationLow;
        }
    }

    private static void key(FlowRecord flow, int host) {
        var scattered = host * 0x9E3779B1;
        if ((host & 1) == 0) {
            flow.destinationHigh = 0;
            flow.destinationLow = IpBits.v4(0x0A000000 | scattered >>> 8);
        } else {
            flow.destinationHigh = 0x20010DB8_00000000L | scattered & 0xFFFFFFFFL;
            flow.destinationLow = scattered;
        }
    }

    /** One record of the {@value #BATCH} of a datagram, in nanoseconds. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    @OperationsPerInvocation(BATCH)
    public void add() {
        var at = next & KEYS - 1;
        next += BATCH;
        if (at == 0) {
            nowMillis += 10;
            window.now(nowMillis);
        }
        for (var i = 0; i < BATCH; i++) {
            var flow = flows[i];
            flow.arrivalMillis = nowMillis;
            flow.destinationHigh = highs[at + i];
            flow.destinationLow = lows[at + i];
        }
        window.accept(flows, BATCH);
    }

    /** The worker's walk in steps, the merge and the decision, in milliseconds. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public Object tick() {
        window.begin(sums);
        while (!window.step(16_384)) {
            // The worker reads its sockets here.
        }
        merged.clear(policy.window().seconds());
        merged.merge(sums);
        return detector.tick(merged, policy, nowMillis, Instant.EPOCH);
    }
}
