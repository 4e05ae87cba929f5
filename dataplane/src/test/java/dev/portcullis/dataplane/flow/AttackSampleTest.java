package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.dataplane.flow.decode.Datagrams;
import dev.portcullis.dataplane.flow.decode.Octets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the API tells of a victim's sources, ports and protocols is what its sample of 2,000 records says: as a fair draw of all
 * records does, within four standard deviations.
 */
class AttackSampleTest {
    private static final String VICTIM = "10.0.0.7";
    private static final String DETECTOR = """
            networks: ["10.0.0.0/8"]
            thresholds: {packetsPerSecond: 1k}
            window: {length: 20s, tick: 200ms}
            api: {allowUnauthenticated: true}
            """;
    private static final int RECORDS = 40;

    @TempDir
    Path directory;

    private final Random random = new Random(11);
    private int sequence;

    /** One record in ten thousand packets: all weigh the same. */
    private byte[] flow(String source) {
        var udp = random.nextInt(100) < 70;
        return new Octets()
                .ip(source, VICTIM)
                .u16(random.nextInt(100) < 30 ? 53 : 1024 + random.nextInt(60_000))
                .u16(random.nextInt(100) < 60 ? 443 : random.nextInt(65_536))
                .u8(udp ? 17 : 6, udp ? 0 : 2)
                .u32(10_000, 1_000_000)
                .bytes();
    }

    /** Forty per cent are of one source, a fifth of another, the rest of anybody. */
    private String source() {
        var draw = random.nextInt(100);
        return draw < 40
                ? "192.0.2.1"
                : draw < 60 ? "192.0.2.2" : "198.18." + random.nextInt(256) + "." + random.nextInt(256);
    }

    private byte[] datagram(String onlySource) {
        var records = new byte[RECORDS][];
        for (var i = 0; i < RECORDS; i++) {
            records[i] = flow(onlySource.isEmpty() ? source() : onlySource);
        }
        var datagram = Datagrams.ipfix(sequence, 1, Datagrams.set(256, records));
        sequence += RECORDS;
        return datagram;
    }

    private static byte[] template() {
        return Datagrams.ipfix(0, 1, Datagrams.set(2, Datagrams.standardTemplate(256)));
    }

    private static Map<String, Double> shares(JsonNode sample, String kind) {
        var shares = new HashMap<String, Double>();
        sample.path(kind)
                .forEach(share -> shares.put(
                        share.path("key").asText(),
                        share.path("packets").asDouble()
                                / sample.path("total_packets").asDouble()));
        return shares;
    }

    private static JsonNode sample(RoleOverSockets role) {
        return role.json("/api/v1/attacks").path("active").path(0).path("sample");
    }

    private static void assertShare(Map<String, Double> shares, String key, double truth, int records) {
        var deviation = Math.sqrt(truth * (1 - truth) / records);
        assertThat(shares.getOrDefault(key, 0.0)).as(key).isBetween(truth - 4 * deviation, truth + 4 * deviation);
    }

    @Test
    void topSourcesPortsAndProtocolsAreThoseOfAllRecords() throws IOException {
        try (var exporter = new DatagramExporter("127.0.0.1");
                var role = new RoleOverSockets(DETECTOR, directory)) {
            exporter.send(role.netflowPort(), template());
            role.eventually(now -> {
                for (var i = 0; i < 250; i++) {
                    exporter.send(now.netflowPort(), datagram(""));
                }
                assertThat(sample(now).path("records").asInt()).isEqualTo(2000);
            });
            // What was there before the host was near its threshold is not in the sample: let it turn over.
            role.eventually(now -> {
                for (var i = 0; i < 250; i++) {
                    exporter.send(now.netflowPort(), datagram(""));
                }
                assertThat(now.metric("kapkan_ingest_flows_total", "ipfix")).isGreaterThan(40_000);
            });

            var told = sample(role);
            assertThat(told.path("records").asInt()).isEqualTo(2000);
            var sources = shares(told, "top_sources");
            assertThat(told.path("top_sources").path(0).path("key").asText()).isEqualTo("192.0.2.1");
            assertThat(told.path("top_sources").path(1).path("key").asText()).isEqualTo("192.0.2.2");
            assertShare(sources, "192.0.2.1", 0.4, 2000);
            assertShare(sources, "192.0.2.2", 0.2, 2000);
            assertShare(shares(told, "top_src_ports"), "53", 0.3, 2000);
            assertShare(shares(told, "top_dst_ports"), "443", 0.6, 2000);
            assertShare(shares(told, "protocols"), "udp", 0.7, 2000);
            assertShare(shares(told, "protocols"), "tcp", 0.3, 2000);
        }
    }

    /** Exporters reach the workers by their ports; a busy one and a quiet one count by what they report, not as equals. */
    @Test
    void whatABusyWorkerSawWeighsMoreThanWhatAQuietOneSaw() throws IOException {
        try (var role = new RoleOverSockets(DETECTOR, directory)) {
            var exporters = new HashMap<Integer, DatagramExporter>();
            for (var i = 0; i < 16; i++) {
                var exporter = new DatagramExporter("127.0.0." + (i + 1));
                exporters.put(i, exporter);
                exporter.send(role.netflowPort(), template());
            }
            // Exporter 0 reports ten times as much of one source as the fifteen others together of another: whichever
            // of
            // two workers they are with.
            role.eventually(now -> {
                for (var round = 0; round < 20; round++) {
                    for (var i = 0; i < 10; i++) {
                        java.util.Objects.requireNonNull(exporters.get(0))
                                .send(now.netflowPort(), datagram("192.0.2.1"));
                    }
                    java.util.Objects.requireNonNull(exporters.get(1 + round % 15))
                            .send(now.netflowPort(), datagram("192.0.2.2"));
                }
                assertThat(now.metric("kapkan_ingest_flows_total", "ipfix")).isGreaterThan(120_000);
            });

            var sources = shares(sample(role), "top_sources");
            assertThat(sources.get("192.0.2.1")).isBetween(0.87, 0.95);
            exporters.values().forEach(DatagramExporter::close);
        }
    }
}
