package dev.portcullis.dataplane.flow.ingest;

import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.flow.Metrics;
import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.Octets;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpfixTcpTest {
    private static final byte[] TEMPLATE = ipfix(0, 1, set(2, standardTemplate(256)));
    private static final byte[] DATA =
            ipfix(0, 1, set(256, record("192.0.2.7", "198.51.100.1", 3), record("192.0.2.8", "198.51.100.2", 4)));

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<Socket> sockets = new ArrayList<>();
    private @Nullable Ingest ingest;

    private void start(FlowPolicy policy, boolean epoll) throws IOException {
        ingest = new Ingest(
                policy,
                new Ingest.Settings(InetAddress.getLoopbackAddress(), 2, 1 << 20, epoll, null, () -> null),
                new FlowMetrics(registry),
                System::nanoTime);
    }

    private static FlowPolicy enabled() {
        return TestPolicies.sampleWith("listeners: {ipfixTcp: {enabled: true}}");
    }

    private Socket connect() throws IOException {
        var socket = new Socket(
                InetAddress.getLoopbackAddress(), Objects.requireNonNull(ingest).ipfixTcpPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        sockets.add(socket);
        return socket;
    }

    @AfterEach
    void close() throws IOException {
        for (var socket : sockets) {
            socket.close();
        }
        Objects.requireNonNull(ingest).close();
    }

    private void awaitValue(double expected, String family, String... labels) {
        await().untilAsserted(() ->
                assertThat(Metrics.value(registry, family, labels)).isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messagesAreCountedHoweverTheStreamIsCut(boolean epoll) throws IOException {
        start(enabled(), epoll);
        var stream = new Octets().add(TEMPLATE, DATA, DATA, DATA).bytes();
        var out = connect().getOutputStream();
        for (var b : stream) {
            out.write(b);
        }
        awaitValue(6, "kapkan_ingest_flows_total", "ipfix");
        out.write(new Octets().add(DATA, DATA).bytes());
        awaitValue(10, "kapkan_ingest_flows_total", "ipfix");

        assertThat(Metrics.value(registry, "kapkan_ingest_packets_total", "127.0.0.1", "ipfix"))
                .isEqualTo(6);
        assertThat(Metrics.value(registry, "portcullis_ingest_sessions")).isOne();
        assertThat(Metrics.value(registry, "kapkan_ingest_decode_errors_total")).isZero();
    }

    @Test
    void templatesEndWithTheirSession() throws IOException {
        start(enabled(), true);
        connect().getOutputStream().write(new Octets().add(TEMPLATE, DATA).bytes());
        awaitValue(2, "kapkan_ingest_flows_total", "ipfix");
        assertThat(Objects.requireNonNull(ingest).exporters())
                .singleElement()
                .satisfies(exporter -> assertThat(exporter.templates()).isOne());
        sockets.getFirst().close();
        awaitValue(0, "portcullis_ingest_sessions");
        await().untilAsserted(() -> assertThat(
                        Objects.requireNonNull(ingest).exporters().getFirst().templates())
                .isZero());

        connect().getOutputStream().write(DATA);

        awaitValue(1, "portcullis_ingest_template_misses_total");
        assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", "ipfix"))
                .isEqualTo(2);
    }

    @Test
    void whatIsNoIpfixEndsItsSessionAndNoOther() throws IOException {
        start(enabled(), true);
        var good = connect();
        good.getOutputStream().write(TEMPLATE);
        awaitValue(1, "kapkan_ingest_packets_total", "127.0.0.1", "ipfix");
        for (var garbage : List.of(
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                new Octets().u16(10, 0).zeros(12).bytes(),
                new Octets().u16(10, 15).zeros(60_000).bytes(),
                new Octets().u16(9, 20).zeros(16).bytes())) {
            var bad = connect();
            bad.getOutputStream().write(garbage);
            assertThat(endOf(bad)).isTrue();
        }
        awaitValue(4, "kapkan_ingest_decode_errors_total");

        good.getOutputStream().write(DATA);
        awaitValue(2, "kapkan_ingest_flows_total", "ipfix");
        awaitValue(1, "portcullis_ingest_sessions");
    }

    /** True when the other side closes; a reset is an end too. */
    private static boolean endOf(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void oneExporterHasABoundOfSessionsAndARefusedOneMayComeAgain() throws IOException {
        start(enabled(), true);
        for (var i = 0; i < IpfixTcpListener.MOST_OF_ONE; i++) {
            connect().getOutputStream().write(TEMPLATE);
        }
        awaitValue(IpfixTcpListener.MOST_OF_ONE, "kapkan_ingest_packets_total", "127.0.0.1", "ipfix");

        assertThat(endOf(connect())).isTrue();
        awaitValue(1, "portcullis_ingest_sessions_refused_total");

        sockets.getFirst().close();
        awaitValue(IpfixTcpListener.MOST_OF_ONE - 1, "portcullis_ingest_sessions");
        connect().getOutputStream().write(new Octets().add(TEMPLATE, DATA).bytes());
        awaitValue(2, "kapkan_ingest_flows_total", "ipfix");
    }

    @Test
    void anExporterThatIsNotOnTheListIsRefused() throws IOException {
        start(
                TestPolicies.sampleWith("{listeners: {ipfixTcp: {enabled: true}}, exporters: {allowed: [192.0.2.1]}}"),
                true);

        assertThat(endOf(connect())).isTrue();

        awaitValue(1, "portcullis_ingest_refused_total");
        assertThat(Objects.requireNonNull(ingest).exporters()).isEmpty();
    }

    @Test
    void withoutTheListenerThereIsNoPort() throws IOException {
        start(TestPolicies.policy(TestPolicies.SAMPLE), true);

        assertThat(Objects.requireNonNull(ingest).ipfixTcpPort()).isZero();
    }
}
