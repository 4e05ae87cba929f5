package dev.portcullis.dataplane.flow.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.Metrics;
import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.decode.Octets;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ExporterTableTest {
    private static final InetAddress QUIET = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress LATE = InetAddress.ofLiteral("192.0.2.2");

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExporterTable table = new ExporterTable(new FlowMetrics(registry));
    private long flows;
    private final FlowDecoder decoder = new FlowDecoder((records, count) -> flows += count);
    private long nowMillis = 10_000_000;

    private boolean send(InetAddress sender, byte[] datagram) {
        var source = table.source(sender);
        if (source == null) {
            return false;
        }
        System.arraycopy(datagram, 0, decoder.buffer(), 0, datagram.length);
        var protocol = decoder.decode(FlowDecoder.Port.NETFLOW, datagram.length, source.exporter(), nowMillis);
        source.countDatagrams(Objects.requireNonNull(protocol), 1);
        table.decoded(source);
        return true;
    }

    /** An IPFIX message with one template of {@code fields} fields. */
    private static byte[] template(int fields) {
        var octets = new Octets()
                .u16(10, 16 + 8 + 4 * fields)
                .u32(1_700_000_000, 0, 0)
                .u16(2, 8 + 4 * fields, 256, fields)
                .u16(12, 4);
        for (var i = 1; i < fields; i++) {
            octets.u16(95, 4);
        }
        return octets.bytes();
    }

    private static byte[] data(int fields) {
        return new Octets()
                .u16(10, 16 + 4 + 4 * fields)
                .u32(1_700_000_000, 0, 0)
                .u16(256, 4 + 4 * fields)
                .zeros(4 * fields)
                .bytes();
    }

    private long decoded(InetAddress sender, byte[] datagram) {
        var before = flows;
        send(sender, datagram);
        return flows - before;
    }

    private static InetAddress spoofed(int number) {
        return IpBits.address(0, IpBits.v4(0x0B00_0000 + number));
    }

    @Test
    void aMillionMadeUpExportersWithTemplatesDoNotDisplaceAQuietGoodOne() {
        table.apply(TestPolicies.policy(TestPolicies.SAMPLE));
        send(QUIET, template(4));
        assertThat(decoded(QUIET, data(4))).isOne();
        nowMillis += ExporterTable.PROVING_MILLIS;
        assertThat(decoded(QUIET, data(4))).isOne();
        var announcement = template(40);
        var records = data(40);

        for (var i = 0; i < 1_000_000; i++) {
            send(spoofed(i), announcement);
            send(spoofed(i), records);
            if (i % 1_000 == 0) {
                nowMillis++;
            }
        }

        assertThat(decoded(QUIET, data(4))).isOne();
        assertThat(table.exporters()).hasSizeLessThan(10_000);
        assertThat(table.exporters().stream()
                        .mapToLong(Exporter::templateFields)
                        .sum())
                .isLessThanOrEqualTo(ExporterTable.MOST_NEWCOMER_WEIGHT);
        assertThat(Metrics.value(registry, "portcullis_ingest_exporters_evicted_total"))
                .isGreaterThan(980_000);
        assertThat(Metrics.scrape(registry).lines().filter(line -> line.startsWith("kapkan_ingest_packets_total{")))
                .hasSizeLessThanOrEqualTo(ExporterLabels.MOST_NEWCOMERS + 2);
        assertThat(Metrics.value(registry, "kapkan_ingest_packets_total", "192.0.2.1", "ipfix"))
                .isEqualTo(4);

        // One that comes during the flood and keeps sending finds a place, a label and room for its templates.
        for (var second = 0; second <= 61; second++) {
            nowMillis += 1_000;
            send(LATE, template(4));
            for (var i = 0; i < 1_000; i++) {
                send(spoofed(2_000_000 + second * 1_000 + i), announcement);
            }
            send(LATE, data(4));
        }
        assertThat(decoded(LATE, data(4))).isOne();
        assertThat(Objects.requireNonNull(table.source(LATE)).established()).isTrue();
        assertThat(Metrics.value(registry, "kapkan_ingest_packets_total", "192.0.2.2", "ipfix"))
                .isPositive();
    }

    @Test
    void newcomersThatAllClaimLargeTemplatesLeaveTheEstablishedTheirs() {
        table.apply(TestPolicies.policy(TestPolicies.SAMPLE));
        send(QUIET, template(4));
        send(QUIET, data(4));
        nowMillis += ExporterTable.PROVING_MILLIS;
        send(QUIET, data(4));

        for (var i = 0; i < 20_000; i++) {
            send(spoofed(i), template(512));
        }

        // Its template changes: there is room for that.
        send(QUIET, template(500));
        assertThat(decoded(QUIET, data(500))).isOne();
        assertThat(table.exporters().stream()
                        .mapToLong(Exporter::templateFields)
                        .sum())
                .isLessThanOrEqualTo(ExporterTable.MOST_NEWCOMER_WEIGHT + 500);
    }

    @Test
    void anExporterThatIsListedByAddressIsEstablishedAtOnceAndOthersAreNotBelieved() {
        table.apply(TestPolicies.sampleWith("exporters: {allowed: [192.0.2.1, 198.51.100.0/24]}"));

        assertThat(send(QUIET, template(4))).isTrue();
        assertThat(send(LATE, template(4))).isFalse();
        assertThat(Objects.requireNonNull(table.source(QUIET)).established()).isTrue();
        var within = Objects.requireNonNull(table.source(InetAddress.ofLiteral("198.51.100.7")));
        assertThat(within.established()).isFalse();

        table.apply(TestPolicies.sampleWith("exporters: {allowed: [192.0.2.2]}"));

        assertThat(table.source(QUIET)).isNull();
        assertThat(table.exporters()).isEmpty();
        assertThat(Metrics.scrape(registry)).doesNotContain("exporter=\"192.0.2.1\"");
    }

    @Test
    void templatesAndExportersThatNobodyRenewsAreForgotten() {
        table.apply(TestPolicies.sampleWith("exporters: {allowed: [192.0.2.1, 192.0.2.2]}"));
        send(QUIET, template(4));
        send(LATE, template(4));
        table.expire(nowMillis);
        nowMillis += ExporterTable.TEMPLATE_MILLIS - 1;
        send(LATE, template(4));
        table.expire(nowMillis);
        assertThat(table.exporters()).hasSize(2);

        nowMillis += 60_000;
        assertThat(decoded(LATE, data(4))).isOne();
        table.expire(nowMillis);

        assertThat(table.exporters()).extracting(Exporter::address).containsExactly(LATE);
        assertThat(table.exporters().getFirst().templates()).isOne();
        nowMillis += ExporterTable.TEMPLATE_MILLIS;
        send(LATE, data(4));
        table.expire(nowMillis);
        assertThat(table.exporters().getFirst().templates()).isZero();
    }
}
