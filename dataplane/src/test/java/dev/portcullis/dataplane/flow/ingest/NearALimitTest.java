package dev.portcullis.dataplane.flow.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.SyntheticFlow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.buffer.Unpooled;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker says when something comes near a limit, so that nobody need ask it ten times a second. */
class NearALimitTest {
    private final FlowMetrics metrics = new FlowMetrics(new PrometheusRegistry());
    private final AtomicLong nanos = new AtomicLong(TimeUnit.HOURS.toNanos(1));
    private final AtomicInteger told = new AtomicInteger();
    private final FlowPolicy policy = TestPolicies.policy("""
            networks: ["198.51.100.0/24"]
            thresholds: {packetsPerSecond: 10k}
            api: {allowUnauthenticated: true}
            """);
    private final ExporterTable exporters = new ExporterTable(metrics);
    private final WindowLimits limits = new WindowLimits();
    private final FlowWorker worker = new FlowWorker(Runnable::run, exporters, policy, limits, metrics, nanos::get, 1);

    @BeforeEach
    void adopt() {
        exporters.apply(policy);
        limits.apply(policy.window());
    }

    private void receive(int packets) throws Exception {
        var encoder = FlowGenerator.Protocol.V5.encoder(1, 2);
        var destination = InetAddress.getByName("198.51.100.7");
        encoder.add(new SyntheticFlow(
                InetAddress.getByName("203.0.113.1"), destination, 53, 4000, 17, 0, packets, packets * 100L, 0));
        var datagram = Unpooled.wrappedBuffer(encoder.take());
        worker.beginBatch();
        worker.datagram(FlowDecoder.Port.NETFLOW, datagram, InetAddress.getLoopbackAddress());
        worker.endBatch();
    }

    @Test
    void itIsSaidOnceAndOnceMoreAfterItWasOver() throws Exception {
        worker.whenNearALimit(told::incrementAndGet);

        receive(10);
        assertThat(told).hasValue(0);
        assertThat(worker.nearALimit()).isFalse();

        receive(1_000_000);
        receive(1_000_000);
        assertThat(told).hasValue(1);
        assertThat(worker.nearALimit()).isTrue();

        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        worker.collect();
        assertThat(worker.nearALimit()).isFalse();
        assertThat(told).hasValue(1);

        receive(1_000_000);
        assertThat(told).hasValue(2);
    }
}
