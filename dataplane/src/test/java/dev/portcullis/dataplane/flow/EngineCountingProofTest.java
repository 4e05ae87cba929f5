package dev.portcullis.dataplane.flow;

import static dev.portcullis.dataplane.flow.DatagramExporter.hosts;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5Record;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Every family of windows and decisions, moved by datagrams on a socket and read from {@code /metrics}. */
class EngineCountingProofTest extends CountingProof {
    /** The neighbours that a generator of floods greets count as well: a host is tracked for its traffic, not for an attack. */
    @Test
    void trackedHostsAreTheProtectedOnesWithTrafficEachOnce() throws IOException {
        start("thresholdsOutgoing: {packetsPerSecond: 1G}\n");

        exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(0, 250), 1);
        // Again, and to others; ten that are not protected; one that only sends; one that receives and sends.
        exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(200, 100), 1);
        exporter.sendFlows(role().netflowPort(), OUTSIDE, List.of("11.0.0.1", "11.0.0.2", "192.0.2.7"), 1);
        exporter.sendFlows(role().netflowPort(), "10.9.9.9", List.of("192.0.2.7"), 1);
        exporter.sendFlows(role().netflowPort(), "10.0.0.1", List.of("192.0.2.7"), 1);

        role().eventually(now ->
                assertThat(now.metric("kapkan_ingest_flows_total", "ipfix")).isEqualTo(355));
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isEqualTo(301));
        assertThat(role().json("/api/v1/hosts").path("total").asInt()).isEqualTo(301);
    }

    @Test
    void trackedHostsAreForgottenWithTheWindow() throws IOException {
        startWith(DETECTOR.replace("60s", "2s"));

        // Again with each look: a machine that is busy elsewhere may not look for as long as the window is.
        role().eventually(now -> {
            exporter.sendFlows(now.netflowPort(), OUTSIDE, hosts(0, 40), 1);
            assertThat(now.metric("kapkan_engine_tracked_hosts")).isEqualTo(40);
        });
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isZero());
    }

    /** One datagram in 64 is timed, and its time divided by its flows: all come by one socket, so to one worker. */
    @Test
    void processLatencyIsMeasuredOncePer64Datagrams() throws IOException {
        start("");
        var began = System.nanoTime();
        var records = new byte[30][];
        Arrays.fill(records, netFlow5Record(OUTSIDE, "10.0.0.1", 10));
        for (var i = 0; i < 640; i++) {
            exporter.send(role().netflowPort(), netFlow5(30, 30L * i, 0, records));
            if (i % 64 == 63) {
                untilCounted("netflow5", 30 * (i + 1));
            }
        }
        var elapsed = (System.nanoTime() - began) / 1e9;
        assertThat(role().metric("kapkan_engine_process_latency_seconds_count")).isEqualTo(10);
        assertThat(role().metric("kapkan_engine_process_latency_seconds_bucket", "+Inf"))
                .isEqualTo(10);
        // Ten timed datagrams of 30 flows took some time, and no more than the whole test.
        assertThat(role().metric("kapkan_engine_process_latency_seconds_sum")).isBetween(1e-9, elapsed / 30);
    }

    @Test
    void aFullTableOfHostsRefusesLightOnesAndEvictsThemForHeavyOnes() throws IOException {
        start("maxTrackedHosts: 1000\n");

        exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(0, 3000), 1);

        role().eventually(now ->
                assertThat(now.metric("portcullis_window_refused_hosts_total")).isPositive());
        role().eventually(now -> {
            exporter.sendFlows(now.netflowPort(), OUTSIDE, hosts(100_000, 200), 1_000_000);
            assertThat(now.metric("portcullis_window_evicted_hosts_total")).isPositive();
        });
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isBetween(1.0, 1000.0));
    }

    @Test
    void learnedHostsAreCountedAndThoseBeyondTheBoundToo() throws IOException {
        startWith(
                DETECTOR.replace("60s", "1s")
                        + "baseline: {enabled: true, floor: {packetsPerSecond: 1k, bitsPerSecond: 10M, flowsPerSecond: 500}}\n");

        learn(hosts(0, 10_500), 1000);
        assertThat(role().metric("portcullis_engine_baselines")).isEqualTo(10_500);

        // An eighth of 20,000 makes room though all are as heavy as one another; those measured just then come back.
        learn(hosts(100_000, 10_500), 1000);
        assertThat(role().metric("portcullis_engine_baselines")).isBetween(18_500.0, 20_000.0);
        assertThat(role().metric("portcullis_engine_refused_baselines_total")).isZero();

        // These fill it, and then each is lighter than all that were known.
        learn(hosts(200_000, 3_000), 1);
        assertThat(role().metric("portcullis_engine_baselines")).isEqualTo(20_000);
        assertThat(role().metric("portcullis_engine_refused_baselines_total")).isGreaterThanOrEqualTo(1500);
    }

    /** Sends a flow to each and waits until it has been seen, learned from and forgotten by the window. */
    private void learn(List<String> learned, int packets) {
        var counted = (int) role().metric("kapkan_ingest_flows_total", "ipfix");
        for (var first = 0; first < learned.size(); first += 2500) {
            var some = learned.subList(first, Math.min(first + 2500, learned.size()));
            exporter.sendFlows(role().netflowPort(), OUTSIDE, some, packets);
            counted += some.size();
            untilCounted("ipfix", counted);
        }
        role().untilNextTick();
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isZero());
    }

    @Test
    void decisionsAreTimedAndTakenEarlyWhereARateIsFarAbove() throws IOException {
        startWith(DETECTOR.replace("1G", "10k").replace("60s", "2s").replace("200ms", "1s"));
        role().eventually(now -> {
            exporter.sendFlows(now.netflowPort(), OUTSIDE, hosts(7, 1), 1_000_000);
            assertThat(now.metric("kapkan_engine_active_attacks")).isOne();
        });
        role().eventually(now -> {
            var other = now.json("/api/v1/attacks").path("active").size() + 8;
            exporter.sendFlows(now.netflowPort(), OUTSIDE, hosts(other, 1), 1_000_000);
            assertThat(now.metric("portcullis_engine_urgent_ticks_total")).isPositive();
        });
        assertThat(role().metric("portcullis_engine_tick_seconds_count")).isPositive();
        assertThat(role().metric("portcullis_engine_tick_seconds_sum")).isPositive();

        // A hundred times what was told last is an update.
        role().eventually(now -> {
            exporter.sendFlows(now.netflowPort(), OUTSIDE, hosts(7, 1), 100_000_000);
            assertThat(now.metric("portcullis_engine_attack_updates_total")).isPositive();
        });
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_attacks_total")).isGreaterThanOrEqualTo(2));
    }

    @Test
    void aListenerThatFailsIsCountedAndTheOthersAreTold() throws IOException {
        var registry = new PrometheusRegistry();
        var policies = new ConfigHolder<FlowPolicy>();
        policies.accept(TestPolicies.policy(DETECTOR.replace("1G", "10k")), "1");
        var told = new ArrayList<Attack>();
        try (var engine = new FlowEngine(
                policies,
                new FlowMetrics(registry),
                InstantSource.system(),
                Ingest.Settings.standard().on(InetAddress.getLoopbackAddress()))) {
            engine.addListener(new Failing());
            engine.addListener(new Failing() {
                @Override
                public void started(Attack attack) {
                    synchronized (told) {
                        told.add(attack);
                    }
                }
            });
            engine.start();
            exporter.sendFlows(engine.netflowPort(), OUTSIDE, hosts(7, 1), 10_000_000);

            Awaitility.await().untilAsserted(() -> {
                assertThat(Metrics.value(registry, "portcullis_engine_listener_errors_total"))
                        .isPositive();
                synchronized (told) {
                    assertThat(told).hasSize(1);
                }
            });
        }
    }

    private static class Failing implements AttackListener {
        @Override
        public void started(Attack attack) {
            throw new IllegalStateException("a listener with a fault");
        }

        @Override
        public void ongoing(Attack attack) {}

        @Override
        public void ended(Attack attack) {}
    }
}
