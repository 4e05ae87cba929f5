package dev.portcullis.dataplane.flow;

import static dev.portcullis.dataplane.flow.DatagramExporter.hosts;
import static dev.portcullis.dataplane.flow.decode.Datagrams.flowSample;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5Record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9;
import static dev.portcullis.dataplane.flow.decode.Datagrams.rawHeader;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.sFlow;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.flow.decode.DecodeError;
import dev.portcullis.dataplane.flow.decode.Octets;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every family of ingest and engine, moved by datagrams on a socket and read from {@code /metrics}. */
class CountingProofTest {
    private static final String DETECTOR = """
            networks: ["10.0.0.0/8", "2001:db8:100::/48"]
            thresholds: {packetsPerSecond: 1G}
            window: {length: 60s, tick: 200ms}
            api: {allowUnauthenticated: true}
            """;
    private static final String OUTSIDE = "192.0.2.1";

    @TempDir
    Path directory;

    private final DatagramExporter exporter = new DatagramExporter("127.0.0.1");
    private @Nullable RoleOverSockets running;

    private RoleOverSockets role() {
        return Objects.requireNonNull(running);
    }

    private RoleOverSockets start(String more) throws IOException {
        running = new RoleOverSockets(DETECTOR + more, directory);
        return role();
    }

    @AfterEach
    void close() {
        exporter.close();
        if (running != null) {
            running.close();
        }
    }

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
        running = new RoleOverSockets(DETECTOR.replace("60s", "2s"), directory);

        exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(0, 40), 1);

        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isEqualTo(40));
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isZero());
    }

    /** One datagram in 64 is timed, and its time divided by its flows: all come by one socket, so to one worker. */
    @Test
    void processLatencyIsMeasuredOncePer64Datagrams() throws IOException {
        start("");
        var began = System.nanoTime();
        var records = new byte[30][];
        java.util.Arrays.fill(records, netFlow5Record(OUTSIDE, "10.0.0.1", 10));
        for (var i = 0; i < 640; i++) {
            exporter.send(role().netflowPort(), netFlow5(30, 30L * i, 0, records));
        }

        role().eventually(now ->
                assertThat(now.metric("kapkan_ingest_flows_total", "netflow5")).isEqualTo(19_200));
        var elapsed = (System.nanoTime() - began) / 1e9;
        assertThat(role().metric("kapkan_engine_process_latency_seconds_count")).isEqualTo(10);
        assertThat(role().metric("kapkan_engine_process_latency_seconds_bucket", "+Inf"))
                .isEqualTo(10);
        // Ten timed datagrams of 30 flows took some time, and no more than the whole test.
        assertThat(role().metric("kapkan_engine_process_latency_seconds_sum")).isBetween(1e-9, elapsed / 30);
    }

    @Test
    void whatCannotBeDecodedIsCountedByReasonAndByDatagram() throws IOException {
        start("");
        var template = set(0, standardTemplate(256));
        var netflow = role().netflowPort();

        exporter.send(netflow, new Octets().u16(7, 1).zeros(30).bytes());
        assertBroken(DecodeError.VERSION, 1);
        exporter.send(netflow, new Octets().u16(5, 1).zeros(6).bytes());
        assertBroken(DecodeError.TRUNCATED, 2);
        exporter.send(netflow, netFlow9(0, 1, new Octets().u16(0, 400).zeros(8).bytes()));
        assertBroken(DecodeError.LENGTH, 3);
        exporter.send(netflow, netFlow5(31, 0, 0));
        assertBroken(DecodeError.COUNT, 4);
        exporter.send(
                netflow, netFlow9(1, 1, set(0, new Octets().u16(256, 1, 8, 0).bytes())));
        assertBroken(DecodeError.TEMPLATE, 5);
        exporter.send(
                role().sflowPort(),
                sFlow(
                        1,
                        flowSample(
                                1,
                                rawHeader(
                                        1,
                                        100,
                                        new Octets()
                                                .zeros(12)
                                                .u16(0x0800)
                                                .u8(0x4F)
                                                .bytes()))));
        assertBroken(DecodeError.PACKET, 6);
        // 64 domains are as many as an exporter may have; it has two by now, of v5 and sFlow beside domain 1 of v9.
        for (var domain = 2; domain < 70; domain++) {
            exporter.send(netflow, netFlow9(0, domain, template));
        }
        role().eventually(now -> assertThat(now.metric("portcullis_ingest_decode_errors_total", "limit"))
                .isBetween(5.0, 8.0));
        var limited = role().metric("portcullis_ingest_decode_errors_total", "limit");
        assertThat(role().metric("kapkan_ingest_decode_errors_total")).isEqualTo(6 + limited);

        // Data that waits for a template takes 64 KiB of an exporter at most.
        for (var i = 0; i < 60; i++) {
            exporter.send(
                    netflow,
                    netFlow9(2 + i, 1, new Octets().u16(300, 1404).zeros(1400).bytes()));
        }
        role().eventually(now -> assertThat(now.metric("portcullis_ingest_template_misses_total"))
                .isEqualTo(60));
        role().eventually(now -> assertThat(now.metric("portcullis_ingest_decode_errors_total", "template_missing"))
                .isBetween(10.0, 20.0));
        assertThat(role().metric("kapkan_ingest_decode_errors_total"))
                .isEqualTo(6 + limited + role().metric("portcullis_ingest_decode_errors_total", "template_missing"));
    }

    private void assertBroken(DecodeError reason, int datagrams) {
        role().eventually(now -> {
            assertThat(now.metric("portcullis_ingest_decode_errors_total", reason.label()))
                    .as(reason.label())
                    .isOne();
            assertThat(now.metric("kapkan_ingest_decode_errors_total")).isEqualTo(datagrams);
        });
    }

    @Test
    void whatWasLostOnTheWayIsToldBySequenceNumbers() throws IOException {
        start("");
        var netflow = role().netflowPort();
        var v5 = netFlow5Record(OUTSIDE, "10.0.0.1", 10);

        exporter.send(netflow, netFlow5(1, 100, 0, v5), netFlow5(1, 108, 0, v5));
        exporter.send(netflow, netFlow9(10, 1, set(0, standardTemplate(256))));
        exporter.send(netflow, netFlow9(14, 1, set(256, record(OUTSIDE, "10.0.0.1", 1))));
        exporter.send(netflow, ipfix(0, 1, set(2, standardTemplate(256))));
        exporter.send(netflow, ipfix(0, 1, set(256, record(OUTSIDE, "10.0.0.1", 1))));
        exporter.send(netflow, ipfix(12, 1, set(256, record(OUTSIDE, "10.0.0.1", 1))));
        exporter.send(role().sflowPort(), sFlow(1), sFlow(7));

        role().eventually(now -> {
            assertThat(now.metric("portcullis_ingest_lost_total", "netflow5")).isEqualTo(7);
            assertThat(now.metric("portcullis_ingest_lost_total", "netflow9")).isEqualTo(3);
            assertThat(now.metric("portcullis_ingest_lost_total", "ipfix")).isEqualTo(11);
            assertThat(now.metric("portcullis_ingest_lost_total", "sflow5")).isEqualTo(5);
            assertThat(now.metric("portcullis_exporter_lost_total", "127.0.0.1"))
                    .isEqualTo(26);
        });
        assertThat(role().get("/metrics")).contains("portcullis_exporter_last_seen_seconds{exporter=\"127.0.0.1\"} ");
        assertThat(role().get("/metrics"))
                .contains("portcullis_exporter_template_age_seconds{exporter=\"127.0.0.1\"} ");
        assertThat(role().metric("portcullis_exporter_last_seen_seconds", "127.0.0.1"))
                .isBetween(0.0, 30.0);
        assertThat(role().metric("kapkan_ingest_packets_total", "127.0.0.1", "ipfix"))
                .isEqualTo(3);
    }

    @Test
    void templatesThatChangeAreCountedAndTheExporterIsNamed() throws IOException {
        start("");
        var one = ipfix(0, 1, set(2, standardTemplate(256)));
        var other = ipfix(0, 1, set(2, new Octets().u16(256, 1, 12, 4).bytes()));

        exporter.send(
                role().netflowPort(),
                one,
                other,
                one,
                ipfix(0, 1, set(2, new Octets().u16(256, 0).bytes())));

        role().eventually(now -> {
            assertThat(now.metric("portcullis_ingest_template_changes_total", "replaced"))
                    .isOne();
            assertThat(now.metric("portcullis_ingest_template_changes_total", "contested"))
                    .isOne();
            assertThat(now.metric("portcullis_ingest_template_changes_total", "withdrawal_ignored"))
                    .isOne();
        });
        assertThat(role().json("/api/v1/exporters")
                        .path("exporters")
                        .path(0)
                        .path("contested_templates")
                        .asInt())
                .isOne();
    }

    @Test
    void recordsThatCrossNoExternalInterfaceAreCountedAside() throws IOException {
        start("exporters: {overrides: [{address: 127.0.0.1, externalInterfaces: [3]}]}\n");

        // In by interface 3; the other was sampled where it leaves by 4 and came in by 5.
        exporter.send(
                role().netflowPort(),
                netFlow5(1, 0, 0, netFlow5Record(OUTSIDE, "10.0.0.1", 10)),
                netFlow5(1, 1, 0, inBy(5, netFlow5Record(OUTSIDE, "10.0.0.1", 10))));

        role().eventually(now ->
                assertThat(now.metric("kapkan_ingest_flows_total", "netflow5")).isEqualTo(2));
        role().eventually(now ->
                assertThat(now.metric("portcullis_ingest_inside_total")).isOne());
    }

    private static byte[] inBy(int interfaceNumber, byte[] record) {
        record[13] = (byte) interfaceNumber;
        return record;
    }

    @Test
    void exportersThatAreNotListedAreRefusedAndChangeNothing() throws IOException {
        start("exporters: {allowed: [127.0.0.2]}\n");
        try (var listed = new DatagramExporter("127.0.0.2")) {
            var refused = exporter.sendFlows(role().netflowPort(), OUTSIDE, hosts(0, 100), 1);
            var taken = listed.sendFlows(role().netflowPort(), OUTSIDE, hosts(0, 10), 1);

            role().eventually(now -> {
                assertThat(now.metric("portcullis_ingest_refused_total")).isEqualTo(refused);
                assertThat(now.metric("kapkan_ingest_packets_total", "127.0.0.2", "ipfix"))
                        .isEqualTo(taken);
            });
            role().eventually(now ->
                    assertThat(now.metric("kapkan_engine_tracked_hosts")).isEqualTo(10));
            assertThat(role().metric("kapkan_ingest_flows_total", "ipfix")).isEqualTo(10);
            assertThat(role().json("/api/v1/exporters").path("exporters")).hasSize(1);
        }
    }

    @Test
    void exportersBeyondTheBoundAreForgottenAndShareALabel() throws IOException {
        start("");
        for (var number = 0; number < 9000; number++) {
            try (var one = new DatagramExporter("127.1." + (number >> 8) + "." + (number & 0xFF))) {
                one.send(role().netflowPort(), netFlow5(1, 0, 0, netFlow5Record(OUTSIDE, "10.0.0.1", 10)));
            }
        }

        role().eventually(now ->
                assertThat(now.metric("kapkan_ingest_flows_total", "netflow5")).isEqualTo(9000));
        assertThat(role().metric("portcullis_ingest_exporters_evicted_total")).isGreaterThan(500);
        assertThat(role().metric("kapkan_ingest_packets_total", "other", "netflow5"))
                .isGreaterThan(7000);
        assertThat(role().get("/metrics")
                        .lines()
                        .filter(line -> line.startsWith("kapkan_ingest_packets_total{"))
                        .count())
                .isLessThanOrEqualTo(1025);
    }

    @Test
    void theReceiveBufferIsWhatTheKernelGranted() throws IOException {
        start("");
        try (var channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 20);
            var granted = channel.getOption(StandardSocketOptions.SO_RCVBUF);

            for (var listener : List.of("netflow", "sflow")) {
                assertThat(role().metric("portcullis_ingest_receive_buffer_bytes", listener))
                        .isIn((double) granted, granted / 2.0);
            }
        }
    }

    @Test
    void whatTheKernelDropsIsCounted() throws IOException {
        var registry = new PrometheusRegistry();
        var policies = new ConfigHolder<FlowPolicy>();
        policies.accept(TestPolicies.policy(DETECTOR), "1");
        // The smallest buffer there is holds no burst.
        try (var engine = new FlowEngine(
                policies,
                new FlowMetrics(registry),
                InstantSource.system(),
                new Ingest.Settings(InetAddress.getLoopbackAddress(), 1, 1, true))) {
            engine.start();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                exporter.sendFlows(engine.netflowPort(), OUTSIDE, hosts(0, 20_000), 1);
                return Metrics.value(registry, "portcullis_ingest_kernel_drops_total") > 0;
            });
            assertThat(Metrics.value(registry, "portcullis_ingest_lost_total", "ipfix"))
                    .isPositive();
        }
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
        running = new RoleOverSockets(
                DETECTOR.replace("60s", "1s")
                        + "baseline: {enabled: true, floor: {packetsPerSecond: 1k, bitsPerSecond: 10M, flowsPerSecond: 500}}\n",
                directory);

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
        exporter.sendFlows(role().netflowPort(), OUTSIDE, learned, packets);
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isPositive());
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isZero());
    }

    @Test
    void decisionsAreTimedAndTakenEarlyWhereARateIsFarAbove() throws IOException {
        running = new RoleOverSockets(
                DETECTOR.replace("1G", "10k").replace("60s", "2s").replace("200ms", "1s"), directory);
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

            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
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
