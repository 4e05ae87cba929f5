package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.Vector;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowEngineTest {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ConfigHolder<FlowPolicy> policies = new ConfigHolder<>();
    private final Events events = new Events();
    private @Nullable FlowEngine engine;

    private static final class Events implements AttackListener {
        final List<Attack> started = new CopyOnWriteArrayList<>();
        final List<Attack> ongoing = new CopyOnWriteArrayList<>();
        final List<Attack> ended = new CopyOnWriteArrayList<>();

        @Override
        public void started(Attack attack) {
            started.add(attack);
        }

        @Override
        public void ongoing(Attack attack) {
            ongoing.add(attack);
        }

        @Override
        public void ended(Attack attack) {
            ended.add(attack);
        }
    }

    private void start(FlowPolicy policy, boolean epoll) throws IOException {
        policies.accept(policy, "1");
        var starting = new FlowEngine(
                policies,
                new FlowMetrics(registry),
                InstantSource.system(),
                new Ingest.Settings(InetAddress.getLoopbackAddress(), 2, 8 << 20, epoll, null, () -> null));
        engine = starting;
        starting.addListener(events);
        starting.start();
    }

    @AfterEach
    void close() {
        engine().close();
    }

    private FlowEngine engine() {
        return Objects.requireNonNull(engine);
    }

    private FlowGenerator.Summary flood(FlowGenerator.Protocol protocol, Vector vector, String target, int seconds)
            throws IOException {
        var standard = FlowGenerator.Options.standard(protocol);
        var port = protocol == FlowGenerator.Protocol.SFLOW ? engine().sflowPort() : engine().netflowPort();
        return FlowGenerator.run(
                new FlowGenerator.Options(
                        protocol,
                        vector,
                        InetAddress.getByName(target),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        standard.packetsPerSecond(),
                        standard.flowsPerSecond(),
                        standard.samplingRate(),
                        Duration.ofSeconds(seconds),
                        standard.seed()),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "V5, netflow5, UDP_FLOOD, 198.51.100.10",
        "V9, netflow9, SYN_FLOOD, 2001:db8:100::10",
        "IPFIX, ipfix, NTP_AMPLIFICATION, 198.51.100.10",
        "SFLOW, sflow5, DNS_AMPLIFICATION, 2001:db8:100::10"
    })
    void aFloodIsSeenWhileItLastsAndOverAfterwards(
            FlowGenerator.Protocol protocol, String label, Vector vector, String target) throws IOException {
        start(TestPolicies.policy(TestPolicies.SAMPLE), true);

        var sent = flood(protocol, vector, target, 3);

        assertThat(events.started).singleElement().satisfies(attack -> {
            assertThat(attack.target()).isEqualTo(InetAddress.getByName(target));
            assertThat(attack.direction()).isEqualTo(Attack.Direction.INCOMING);
            assertThat(attack.group()).isEqualTo("global");
            assertThat(attack.rate()).isGreaterThan(attack.threshold());
            assertThat(attack.classification().type()).isEqualTo(vector.label());
            assertThat(attack.sample().topSources()).hasSize(10);
        });
        assertThat(Metrics.value(registry, "kapkan_engine_active_attacks")).isOne();
        assertThat(engine().activeAttacks()).hasSize(1);
        await().until(() -> !events.ended.isEmpty());
        assertThat(events.ended.getFirst().endedAt()).isNotNull();
        assertThat(events.ongoing).isNotEmpty();
        assertThat(engine().activeAttacks()).isEmpty();
        assertThat(engine().recentAttacks()).containsExactlyElementsOf(events.ended);
        assertThat(Metrics.value(registry, "kapkan_engine_active_attacks")).isZero();
        assertThat(Metrics.value(registry, "kapkan_engine_attacks_total")).isOne();
        assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", label)).isEqualTo(sent.flows());
        assertThat(Metrics.value(registry, "kapkan_ingest_packets_total", "127.0.0.1", label))
                .isEqualTo(sent.datagrams());
        assertThat(Metrics.value(registry, "kapkan_ingest_decode_errors_total")).isZero();
        assertThat(Metrics.count(registry, "kapkan_engine_process_latency_seconds"))
                .isPositive();
    }

    @Test
    void thePortableTransportCountsAsWell() throws IOException {
        start(TestPolicies.policy(TestPolicies.SAMPLE), false);

        var sent = flood(FlowGenerator.Protocol.V5, Vector.ICMP_FLOOD, "198.51.100.10", 2);

        await().untilAsserted(() -> assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", "netflow5"))
                .isEqualTo(sent.flows()));
        assertThat(events.started)
                .singleElement()
                .satisfies(attack -> assertThat(attack.classification().type()).isEqualTo("icmp_flood"));
    }
}
