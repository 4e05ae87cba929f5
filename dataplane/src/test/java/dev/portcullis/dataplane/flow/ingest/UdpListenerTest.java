package dev.portcullis.dataplane.flow.ingest;

import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5Record;
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
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One port, a socket for each worker: the kernel gives each sender to one of them. */
class UdpListenerTest {
    private static final int WORKERS = 4;
    private static final int SENDERS = 200;

    private final PrometheusRegistry registry = new PrometheusRegistry();

    private Ingest ingest(boolean epoll) throws IOException {
        return new Ingest(
                TestPolicies.policy(TestPolicies.SAMPLE),
                new Ingest.Settings(InetAddress.getLoopbackAddress(), WORKERS, 1 << 20, epoll),
                new FlowMetrics(registry),
                System::nanoTime);
    }

    private static void send(int port, int sender) throws IOException {
        try (var socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            for (var sequence = 0; sequence < 3; sequence++) {
                var datagram = netFlow5(1, sequence, 0, netFlow5Record("192.0.2.7", "198.51.100." + (sender + 1), 0));
                socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendersAreSharedOutAndEachIsCountedByOneWorker(boolean epoll) throws Exception {
        try (var ingest = ingest(epoll)) {
            for (var sender = 0; sender < SENDERS; sender++) {
                send(ingest.netflowPort(), sender);
            }
            await().untilAsserted(() -> assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", "netflow5"))
                    .isEqualTo(3.0 * SENDERS));

            var seen = new HashSet<Long>();
            for (var worker : ingest.workers()) {
                var hosts = worker.collect().get(30, TimeUnit.SECONDS).incoming();
                // Four times fewer than its part would be chance of one in millions.
                assertThat(hosts.size()).isGreaterThan(SENDERS / WORKERS / 4);
                for (var row = 0; row < hosts.size(); row++) {
                    assertThat(seen.add(hosts.low(row))).isTrue();
                }
            }
            assertThat(seen).hasSize(SENDERS);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void everyWorkerHasASocketOfEachPort() throws IOException {
        try (var ingest = ingest(true)) {
            for (var port : new int[] {ingest.netflowPort(), ingest.sflowPort()}) {
                var local = String.format(Locale.ROOT, ":%04X ", port);
                var sockets = 0L;
                for (var table : List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"))) {
                    if (Files.exists(table)) {
                        sockets += Files.readAllLines(table).stream()
                                .filter(line -> line.contains(local))
                                .count();
                    }
                }
                assertThat(sockets).isEqualTo(WORKERS);
            }
        }
    }
}
