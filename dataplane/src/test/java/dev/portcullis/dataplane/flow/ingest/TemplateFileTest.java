package dev.portcullis.dataplane.flow.ingest;

import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.flow.Metrics;
import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateFileTest {
    private static final byte[] DATA = set(256, record("192.0.2.7", "198.51.100.1", 3));

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("state/templates.json");
    }

    private Ingest ingest(PrometheusRegistry registry, String allowed) throws IOException {
        return new Ingest(
                TestPolicies.sampleWith("exporters: {allowed: [" + allowed + "]}"),
                new Ingest.Settings(InetAddress.getLoopbackAddress(), 1, 1 << 20, true, file(), () -> null),
                new FlowMetrics(registry),
                System::nanoTime);
    }

    private static void send(Ingest ingest, byte[]... datagrams) throws IOException {
        try (var socket = new DatagramSocket()) {
            for (var datagram : datagrams) {
                socket.send(new DatagramPacket(
                        datagram, datagram.length, InetAddress.getLoopbackAddress(), ingest.netflowPort()));
            }
        }
    }

    private static void awaitFlows(PrometheusRegistry registry, String protocol, double count) {
        await().untilAsserted(() -> assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", protocol))
                .isEqualTo(count));
    }

    @Test
    void templatesAreKnownAfterARestart() throws IOException {
        var first = new PrometheusRegistry();
        try (var ingest = ingest(first, "127.0.0.1")) {
            send(
                    ingest,
                    netFlow9(0, 1, set(0, standardTemplate(256)), DATA),
                    ipfix(0, 2, set(2, standardTemplate(256)), DATA));
            awaitFlows(first, "netflow9", 1);
            awaitFlows(first, "ipfix", 1);
        }

        var second = new PrometheusRegistry();
        try (var ingest = ingest(second, "127.0.0.1")) {
            send(ingest, netFlow9(1, 1, DATA), ipfix(1, 2, DATA));
            awaitFlows(second, "netflow9", 1);
            awaitFlows(second, "ipfix", 1);
            assertThat(Metrics.value(second, "portcullis_ingest_template_misses_total"))
                    .isZero();
        }

        try (var ingest = ingest(new PrometheusRegistry(), "192.0.2.1")) {
            assertThat(ingest.exporters()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"version\":2,\"exporters\":[]}",
                "{\"version\":1,\"exporters\":null}",
                "{\"version\":1,\"exporters\":[{\"address\":\"router\",\"domains\":[]}]}",
                "{\"version\":1,\"exporters\":[{\"address\":\"127.0.0.1\",\"domains\":[{\"protocol\":\"IPFIX\",\"id\":1,\"rate\":-3,"
                        + "\"samplers\":[{\"id\":1,\"rate\":1e300}],\"interfaces\":[],\"templates\":[{\"id\":256,\"options\":false,\"elements\":[8],\"lengths\":[0]},"
                        + "{\"id\":3,\"options\":false,\"elements\":[8],\"lengths\":[4]},{\"id\":256,\"options\":false,\"elements\":[8,12],\"lengths\":[4]},"
                        + "{\"id\":256,\"options\":false,\"elements\":[-7],\"lengths\":[-4]}]}]}]}"
            })
    void aFileThatIsNoneIsNoObstacle(String content) throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), content);
        var registry = new PrometheusRegistry();

        try (var ingest = ingest(registry, "127.0.0.1")) {
            assertThat(ingest.exporters())
                    .allSatisfy(exporter -> assertThat(exporter.templates()).isZero());
            send(ingest, ipfix(0, 1, set(2, standardTemplate(256)), DATA));
            awaitFlows(registry, "ipfix", 1);
        }
        assertThat(new TemplateFile(file()).read()).hasSize(1);
    }

    @Test
    void aFileThatCannotBeWrittenIsNoObstacle() throws IOException {
        Files.writeString(folder.resolve("state"), "a file where the folder should be");

        new TemplateFile(file()).write(List.of());

        assertThat(new TemplateFile(file()).read()).isEmpty();
    }
}
