package dev.portcullis.dataplane.flow;

import static dev.portcullis.dataplane.flow.DatagramExporter.hosts;
import static dev.portcullis.dataplane.flow.decode.Datagrams.counters;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ethernet;
import static dev.portcullis.dataplane.flow.decode.Datagrams.flowSample;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv4;
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
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Every family of ingest, moved by datagrams on a socket and read from {@code /metrics}. */
class CountingProofTest extends CountingProof {
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
        var before = role().metric("kapkan_ingest_packets_total", "127.0.0.1", "netflow9");
        for (var domain = 2; domain < 70; domain++) {
            exporter.send(netflow, netFlow9(0, domain, template));
        }
        role().eventually(now -> assertThat(now.metric("kapkan_ingest_packets_total", "127.0.0.1", "netflow9"))
                .isEqualTo(before + 68));
        role().untilNextTick();
        assertThat(role().metric("portcullis_ingest_decode_errors_total", "limit"))
                .isBetween(5.0, 8.0);
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
        assertBroken(reason, 1, datagrams);
    }

    private void assertBroken(DecodeError reason, int times, int datagrams) {
        role().eventually(now -> {
            assertThat(now.metric("portcullis_ingest_decode_errors_total", reason.label()))
                    .as(reason.label())
                    .isEqualTo(times);
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

    /** Sampled 1 in 100 by sFlow where it enters, and 1 in 1000 by NetFlow further inside: it is one flow, at its true rate. */
    @Test
    void oneFlowThatTwoExportersSampleDifferentlyCountsOnce() throws IOException {
        start(
                "exporters: {overrides: [{address: 127.0.0.2, externalInterfaces: [3]}, {address: 127.0.0.3, externalInterfaces: [9]}]}\n");
        var packet = rawHeader(1, 100, ethernet(0x0800, ipv4(OUTSIDE, "10.0.0.1", 17, new byte[20])));
        try (var border = new DatagramExporter("127.0.0.2");
                var inside = new DatagramExporter("127.0.0.3")) {
            for (var i = 0; i < 60; i++) {
                border.send(role().sflowPort(), sFlow(1 + i, flowSample(100, packet)));
                inside.send(role().netflowPort(), netFlow5(1, i, 1000, netFlow5Record(OUTSIDE, "10.0.0.1", 0)));
            }

            role().eventually(now -> {
                assertThat(now.metric("kapkan_ingest_flows_total", "sflow5")).isEqualTo(60);
                assertThat(now.metric("portcullis_ingest_inside_total")).isEqualTo(60);
            });
            // 60 samples of 100 packets each, over the window of a minute.
            role().eventually(now -> assertThat(now.json("/api/v1/hosts").path("hosts"))
                    .singleElement()
                    .satisfies(host -> assertThat(host.path("rates").path("pps").asDouble())
                            .isEqualTo(100.0)));
        }
    }

    private static byte[] inBy(int interfaceNumber, byte[] record) {
        record[13] = (byte) interfaceNumber;
        return record;
    }

    /** What the operator, the telemetry and the default say of sampling, as it is counted with. */
    @Test
    void theSamplingRateOfEachExporterIsTold() throws IOException {
        start("exporters: {overrides: [{address: 127.0.0.2, samplingRate: 50}]}\nsampling: {defaultRate: 7}\n");
        try (var overridden = new DatagramExporter("127.0.0.2");
                var silentAboutIt = new DatagramExporter("127.0.0.3")) {
            exporter.send(role().netflowPort(), netFlow5(1, 0, 1000, netFlow5Record(OUTSIDE, "10.0.0.1", 10)));
            overridden.send(role().netflowPort(), netFlow5(1, 0, 1000, netFlow5Record(OUTSIDE, "10.0.0.1", 10)));
            silentAboutIt.send(role().netflowPort(), netFlow5(1, 0, 0, netFlow5Record(OUTSIDE, "10.0.0.1", 10)));

            role().eventually(now -> {
                assertThat(now.metric("portcullis_exporter_sampling_rate", "127.0.0.1"))
                        .isEqualTo(1000);
                assertThat(now.metric("portcullis_exporter_sampling_rate", "127.0.0.2"))
                        .isEqualTo(50);
                assertThat(now.metric("portcullis_exporter_sampling_rate", "127.0.0.3"))
                        .isEqualTo(7);
            });
        }
    }

    /** An agent that says 1 in 500 and samples 1 in 1000: what its interface counted itself tells. */
    @Test
    void samplingThatIsNotWhatAnSFlowAgentSaysIsTold() throws IOException {
        start("");
        var packet = rawHeader(1, 100, ethernet(0x0800, ipv4(OUTSIDE, "10.0.0.1", 17, new byte[20])));
        var samples = new byte[20][];
        Arrays.fill(samples, flowSample(500, packet));

        exporter.send(role().sflowPort(), sFlow(1, counters(false, 3, 0, 0), flowSample(500, packet)));
        for (var i = 0; i < 60; i++) {
            exporter.send(role().sflowPort(), sFlow(2 + i, samples));
        }
        exporter.send(role().sflowPort(), sFlow(62, counters(false, 3, 1_201_000, 0)));

        role().eventually(now -> assertThat(now.metric("portcullis_exporter_sampling_ratio", "127.0.0.1"))
                .isBetween(0.499, 0.501));
        assertThat(role().metric("kapkan_ingest_decode_errors_total")).isZero();
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
            if (number % 250 == 249) {
                untilCounted("netflow5", number + 1);
            }
        }

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
            // The kernel tells of a drop at once, the sequence only with the next datagram that comes through.
            Awaitility.await().until(() -> {
                exporter.sendFlows(engine.netflowPort(), OUTSIDE, hosts(0, 20_000), 1);
                return Metrics.value(registry, "portcullis_ingest_kernel_drops_total") > 0
                        && Metrics.value(registry, "portcullis_ingest_lost_total", "ipfix") > 0;
            });
        }
    }

    /** What is cut off at the end of a jumbo frame lacks a part, whatever the protocol, and is counted; the next one is read. */
    @Test
    void aDatagramLongerThanAJumboFrameIsCutAndCounted() throws IOException {
        start("");
        var netflow = role().netflowPort();
        exporter.send(netflow, netFlow9(0, 1, set(0, standardTemplate(256))));
        exporter.send(netflow, ipfix(0, 1, set(2, standardTemplate(256))));
        var records = new byte[500][];
        Arrays.fill(records, record(OUTSIDE, "10.0.0.1", 1));

        exporter.send(netflow, netFlow9(1, 1, set(256, records)));
        assertBroken(DecodeError.LENGTH, 1, 1);
        exporter.send(netflow, ipfix(0, 1, set(256, records)));
        assertBroken(DecodeError.LENGTH, 2, 2);
        var samples = new byte[150][];
        Arrays.fill(
                samples,
                flowSample(1, rawHeader(1, 100, ethernet(0x0800, ipv4(OUTSIDE, "10.0.0.1", 17, new byte[20])))));
        exporter.send(role().sflowPort(), sFlow(1, samples));
        assertBroken(DecodeError.LENGTH, 3, 3);

        exporter.send(netflow, netFlow9(2, 1, set(256, record(OUTSIDE, "10.0.0.1", 1))));
        role().eventually(now ->
                assertThat(now.metric("kapkan_ingest_flows_total", "netflow9")).isOne());
    }

    /**
     * The two datagrams that stop another detector, a thousand times, and each datagram cut off everywhere, from one sender; what
     * another sends meanwhile is counted to the last record.
     */
    @Test
    void whatStopsOthersHurtsNoGoodNeighbour() throws IOException {
        start("");
        var netflow = role().netflowPort();
        var promise = netFlow5(65_535, 0, 0);
        var endless = ipfix(0, 0, set(2, new Octets().u16(256, 0).bytes()), set(256));
        var empty = ipfix(0, 0, set(2, new Octets().u16(300, 2, 8, 0, 12, 0).bytes()), set(300, new byte[64]));
        var whole = ipfix(0, 9, set(2, standardTemplate(256)), set(256, record("192.0.2.9", "10.0.0.9", 1)));
        var sampled = sFlow(
                1, flowSample(1, rawHeader(1, 100, ethernet(0x0800, ipv4(OUTSIDE, "10.0.0.9", 17, new byte[20])))));
        var good = 0;
        try (var attacker = new DatagramExporter("127.0.0.66")) {
            for (var round = 0; round < 100; round++) {
                for (var i = 0; i < 10; i++) {
                    attacker.send(netflow, promise, endless, empty);
                }
                attacker.send(netflow, Arrays.copyOf(whole, round % whole.length));
                attacker.send(role().sflowPort(), Arrays.copyOf(sampled, round % sampled.length));
                exporter.sendFlows(netflow, OUTSIDE, hosts(0, 100), 1);
                good += 100;
                var expected = good;
                role().eventually(now -> assertThat(now.metric("kapkan_ingest_flows_total", "ipfix"))
                        .isEqualTo(expected));
            }
        }

        // The attacker's datagrams may come by another socket, to the other worker.
        role().eventually(now -> {
            assertThat(now.metric("portcullis_ingest_decode_errors_total", "count"))
                    .isEqualTo(1000);
            assertThat(now.metric("portcullis_ingest_decode_errors_total", "template"))
                    .isEqualTo(1000);
        });
        assertThat(role().metric("kapkan_ingest_flows_total", "netflow5")).isZero();
        assertThat(role().metric("portcullis_exporter_lost_total", "127.0.0.1")).isZero();
        assertThat(role().metric("portcullis_ingest_kernel_drops_total")).isZero();
        role().eventually(now ->
                assertThat(now.metric("kapkan_engine_tracked_hosts")).isEqualTo(100));
    }
}
