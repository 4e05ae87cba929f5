package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.flow.bgp.Daemon;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.flow.ingest.SelfSigned;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.handler.ssl.SslContext;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Exporters as Debian has them read a packet capture and tell us of it; what we count is compared with the packets
 * themselves. Unsampled to the last packet and byte of each host, sampled 1 in 100 within 1 %.
 */
class RealExportersTest {
    private static final int WINDOW_SECONDS = 60;
    private static final int WHOLE = 20_000;
    private static final int FLOWS = 400;
    private static final int SPREAD = 500;

    /**
     * How often pmacct reads the large capture. It draws the packets it samples by chance: of 3,000,000 one per cent is two
     * standard deviations of those to IPv4 hosts, of 12,000,000 four.
     */
    private static final int PASSES = 4;

    private static final String DETECTOR = """
            networks: ["198.51.100.0/24", "2001:db8:100::/48"]
            thresholds: {packetsPerSecond: 1G}
            window: {length: 60s, tick: 200ms}
            listeners: {ipfixTcp: {enabled: true}}
            api: {allowUnauthenticated: true}
            """;

    @TempDir
    private static Path folder;

    private static Capture whole = new Capture(Path.of("none"), Map.of(), Map.of());
    private static Capture large = whole;
    private static Capture ofOneFamily = whole;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ConfigHolder<FlowPolicy> policies = new ConfigHolder<>();
    private final AtomicReference<@Nullable SslContext> tls = new AtomicReference<>();
    private final FlowEngine engine = new FlowEngine(
            policies,
            new FlowMetrics(registry),
            InstantSource.system(),
            Ingest.Settings.standard().on(InetAddress.getLoopbackAddress()).securedBy(tls::get));

    @BeforeAll
    static void capture() throws IOException {
        whole = Capture.write(folder.resolve("whole.pcap"), WHOLE, FLOWS, SPREAD);
        large = Capture.write(folder.resolve("large.pcap"), 3_000_000, 400, 200);
        // Flows 0 to 2 are IPv4.
        ofOneFamily = Capture.write(folder.resolve("one.pcap"), 1_000_000, 3, 200);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private void start(String exporters) throws IOException {
        policies.accept(TestPolicies.policy(DETECTOR + exporters), "1");
        engine.start();
    }

    private static void run(List<String> command) throws IOException {
        var log = Files.createTempFile(folder, "exporter", ".log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("%s ends by itself: %s", command, Files.readString(log))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void softflowd(Capture capture, int port, String version, String... more) throws IOException {
        var command = new ArrayList<>(List.of(
                Daemon.require("softflowd", "softflowd"),
                "-d",
                "-r",
                capture.file().toString(),
                "-n",
                "127.0.0.1:" + port,
                "-v",
                version,
                "-c",
                "none",
                "-p",
                folder.resolve("softflowd.pid").toString()));
        command.addAll(List.of(more));
        run(command);
    }

    private static void pmacctd(Capture capture, String plugin, int port, String... more) throws IOException {
        var config = new ArrayList<>(List.of(
                "daemonize: false",
                "pcap_savefile: " + capture.file(),
                "plugins: " + plugin,
                plugin + "_receiver: 127.0.0.1:" + port,
                "plugin_buffer_size: 102400",
                "plugin_pipe_size: 102400000",
                "aggregate: src_host, dst_host, src_port, dst_port, proto, tos"));
        config.addAll(List.of(more));
        var file = Files.createTempFile(folder, "pmacctd", ".conf");
        Files.writeString(file, String.join("\n", config) + "\n", StandardCharsets.US_ASCII);
        run(List.of(Daemon.require("pmacctd", "pmacct"), "-f", file.toString()));
    }

    /** Flows that nfpcapd makes of the capture, sent by nfreplay. */
    private static void nfreplay(Capture capture, int port, String version) throws IOException {
        var flows = Files.createTempDirectory(folder, "nfpcapd");
        run(List.of(
                Daemon.require("nfpcapd", "nfdump"),
                "-r",
                capture.file().toString(),
                "-w",
                flows.toString(),
                "-t",
                "3600"));
        try (var files = Files.list(flows)) {
            for (var file : files.toList()) {
                run(List.of(
                        Daemon.require("nfreplay", "nfdump"),
                        "-r",
                        file.toString(),
                        "-H",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-v",
                        version));
            }
        }
    }

    private Map<InetAddress, Long> counted(boolean bytes) {
        var counted = new HashMap<InetAddress, Long>();
        for (var host : engine.hosts(null, 0, 1000, HostPage.Sort.PACKETS).hosts()) {
            var rate = bytes ? host.incoming().bits() / 8 : host.incoming().packets();
            counted.put(host.target(), Math.round(rate * WINDOW_SECONDS));
        }
        return counted;
    }

    private static long all(Map<InetAddress, Long> each) {
        return each.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<InetAddress, Long> ofFamilies(Map<InetAddress, Long> all, boolean v6Too) {
        var some = new HashMap<>(all);
        some.keySet().removeIf(host -> !v6Too && host.getAddress().length == 16);
        return some;
    }

    private void assertExact(Capture capture, String protocol, boolean v6Too) {
        await().untilAsserted(() -> assertThat(counted(false)).isEqualTo(ofFamilies(capture.packets(), v6Too)));
        assertThat(counted(true)).isEqualTo(ofFamilies(capture.bytes(), v6Too));
        assertNothingLost(protocol);
    }

    private void assertWithinOnePercent(Capture capture, String protocol, boolean v6Too) {
        assertWithinOnePercent(capture, 1, protocol, v6Too);
    }

    private void assertWithinOnePercent(Capture capture, int passes, String protocol, boolean v6Too) {
        await().untilAsserted(() -> {
            var packets = all(counted(false));
            assertThat(packets / (double) (passes * capture.packets(v6Too))).isEqualTo(1, within(0.01));
            var bytes = all(counted(true));
            assertThat(bytes / (double) (passes * capture.bytes(v6Too))).isEqualTo(1, within(0.01));
        });
        assertNothingLost(protocol);
    }

    private void assertNothingLost(String protocol) {
        assertThat(Metrics.value(registry, "portcullis_ingest_lost_total", protocol))
                .isZero();
        assertThat(Metrics.value(registry, "portcullis_exporter_lost_total", "127.0.0.1"))
                .isZero();
        assertThat(Metrics.value(registry, "kapkan_ingest_decode_errors_total")).isZero();
        assertThat(Metrics.value(registry, "portcullis_ingest_template_misses_total"))
                .isZero();
        assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", protocol))
                .isPositive();
        assertThat(Metrics.value(registry, "kapkan_ingest_packets_total", "127.0.0.1", protocol))
                .isPositive();
    }

    @ParameterizedTest
    @CsvSource({"5, netflow5, false", "9, netflow9, true", "10, ipfix, true"})
    void softflowdIsCountedToTheLastByte(String version, String protocol, boolean v6Too) throws IOException {
        start("");

        softflowd(whole, engine.netflowPort(), version);

        assertExact(whole, protocol, v6Too);
    }

    @Test
    void softflowdOverTcpIsCountedToTheLastByte() throws IOException {
        start("");

        softflowd(whole, engine.ipfixTcpPort(), "10", "-P", "tcp");

        assertExact(whole, "ipfix", true);
    }

    @Test
    void softflowdOverTcpSampledIsCountedWithinOnePercent() throws IOException {
        start("");

        softflowd(large, engine.ipfixTcpPort(), "10", "-P", "tcp", "-s", "100");

        assertWithinOnePercent(large, "ipfix", true);
    }

    @Test
    void softflowdOverTlsIsCountedToTheLastByte() throws Exception {
        start("");
        try (var relay = relay()) {
            softflowd(whole, relay.port(), "10", "-P", "tcp");

            assertExact(whole, "ipfix", true);
        }
    }

    @Test
    void softflowdOverTlsSampledIsCountedWithinOnePercent() throws Exception {
        start("");
        try (var relay = relay()) {
            softflowd(large, relay.port(), "10", "-P", "tcp", "-s", "100");

            assertWithinOnePercent(large, "ipfix", true);
        }
    }

    private TlsRelay relay() throws Exception {
        var own = Files.createTempDirectory(folder, "tls");
        var server = SelfSigned.of("server", own);
        tls.set(IpfixTlsTest.read(server, null));
        return new TlsRelay(engine.ipfixTcpPort(), Files.write(own.resolve("server.pem"), server.certificate()));
    }

    @ParameterizedTest
    @CsvSource({"5, netflow5, false", "9, netflow9, true", "10, ipfix, true"})
    void softflowdSampledIsCountedWithinOnePercent(String version, String protocol, boolean v6Too) throws IOException {
        start("");

        // With v5 it takes the next IPv4 packet for an IPv6 one that it cannot tell of, and so too many of those.
        var capture = v6Too ? large : ofOneFamily;

        softflowd(capture, engine.netflowPort(), version, "-s", "100");

        assertWithinOnePercent(capture, protocol, v6Too);
    }

    @ParameterizedTest
    @CsvSource({"5, netflow5, false", "9, netflow9, true", "10, ipfix, true"})
    void pmacctsProbeIsCountedToTheLastByte(String version, String protocol, boolean v6Too) throws IOException {
        start("");

        pmacctd(whole, "nfprobe", engine.netflowPort(), "nfprobe_version: " + version);

        assertExact(whole, protocol, v6Too);
    }

    @ParameterizedTest
    @CsvSource({"5, netflow5, false", "9, netflow9, true", "10, ipfix, true"})
    void pmacctsProbeSampledIsCountedWithinOnePercent(String version, String protocol, boolean v6Too)
            throws IOException {
        start("");

        pmacctd(
                large,
                "nfprobe",
                engine.netflowPort(),
                "nfprobe_version: " + version,
                "sampling_rate: 100",
                // It tells of all at the end, however long it takes to read.
                "nfprobe_timeouts: expint=3600",
                "pcap_savefile_replay: " + PASSES);

        assertWithinOnePercent(large, PASSES, protocol, v6Too);
    }

    @ParameterizedTest
    @CsvSource({"5, netflow5, false", "9, netflow9, true"})
    void whatNfreplaySendsIsCountedToTheLastByte(String version, String protocol, boolean v6Too) throws IOException {
        start("");

        nfreplay(whole, engine.netflowPort(), version);

        assertExact(whole, protocol, v6Too);
    }

    /** A tag stands before the IP header in each sampled packet, and counts as no bytes of it. (pmacctd reads no 802.1ad.) */
    @Test
    void packetsInAVlanAreCountedByTheSFlowProbeToTheLastByte() throws IOException {
        start("");
        var tagged = Capture.tagged(folder.resolve("vlan.pcap"), WHOLE, FLOWS, SPREAD, 0x8100);

        pmacctd(tagged, "sfprobe", engine.sflowPort());

        await().untilAsserted(() -> assertThat(all(counted(false))).isBetween(WHOLE - 10L, (long) WHOLE));
        assertExact(Capture.beginning((int) all(counted(false)), WHOLE, FLOWS, SPREAD), "sflow5", true);
    }

    @ParameterizedTest
    @CsvSource({"9, netflow9", "10, ipfix"})
    void packetsInAVlanAreCountedByTheProbeToTheLastByte(String version, String protocol) throws IOException {
        start("");
        var tagged = Capture.tagged(folder.resolve("vlan-" + version + ".pcap"), WHOLE, FLOWS, SPREAD, 0x8100);

        pmacctd(tagged, "nfprobe", engine.netflowPort(), "nfprobe_version: " + version);

        assertExact(tagged, protocol, true);
    }

    @ParameterizedTest
    @CsvSource("sflow5, true")
    void pmacctsSFlowProbeIsCountedToTheLastByte(String protocol, boolean v6Too) throws IOException {
        start("");

        pmacctd(whole, "sfprobe", engine.sflowPort());

        // It does not send a last datagram that is not full.
        await().untilAsserted(() -> assertThat(all(counted(false))).isBetween(WHOLE - 10L, (long) WHOLE));
        var sent = Capture.beginning((int) all(counted(false)), WHOLE, FLOWS, SPREAD);
        assertExact(sent, protocol, v6Too);
    }

    @ParameterizedTest
    @CsvSource("sflow5, true")
    void pmacctsSFlowProbeSampledIsCountedWithinOnePercent(String protocol, boolean v6Too) throws IOException {
        start("");

        pmacctd(large, "sfprobe", engine.sflowPort(), "sampling_rate: 100", "pcap_savefile_replay: " + PASSES);

        assertWithinOnePercent(large, PASSES, protocol, v6Too);
    }
}
