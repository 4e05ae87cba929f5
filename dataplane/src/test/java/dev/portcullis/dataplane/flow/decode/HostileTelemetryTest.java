package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.element;
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
import static dev.portcullis.dataplane.flow.decode.Datagrams.template;
import static dev.portcullis.dataplane.flow.decode.Datagrams.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.decode.Datagrams.Element;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTelemetryTest {
    private final Decoding decoding = new Decoding();

    /** A datagram with several parts of each protocol, and how many records it has. */
    record Valid(String name, FlowDecoder.Port port, byte[] datagram, int records) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Valid> valid() {
        return List.of(
                new Valid(
                        "NetFlow v5",
                        FlowDecoder.Port.NETFLOW,
                        netFlow5(
                                2,
                                0,
                                100,
                                netFlow5Record("192.0.2.7", "198.51.100.1", 0),
                                netFlow5Record("192.0.2.8", "198.51.100.2", 500)),
                        2),
                new Valid(
                        "NetFlow v9",
                        FlowDecoder.Port.NETFLOW,
                        netFlow9(
                                0,
                                7,
                                set(0, standardTemplate(256)),
                                set(1, Datagrams.netFlow9Options(257, element(1, 4), element(34, 4), element(35, 1))),
                                set(257, new Octets().u32(0, 100).u8(2).bytes()),
                                set(
                                        256,
                                        record("192.0.2.7", "198.51.100.1", 3),
                                        record("192.0.2.8", "198.51.100.2", 4))),
                        2),
                new Valid(
                        "IPFIX",
                        FlowDecoder.Port.NETFLOW,
                        ipfix(
                                0,
                                7,
                                set(2, standardTemplate(256), template(258, element(28, 16), element(0x8001, 65535))),
                                set(3, Datagrams.ipfixOptions(257, element(149, 4), element(305, 4), element(306, 4))),
                                set(257, new Octets().u32(7, 1, 99).bytes()),
                                set(256, record("192.0.2.7", "198.51.100.1", 3)),
                                set(
                                        258,
                                        new Octets()
                                                .ip("2001:db8::1")
                                                .u8(3, 1, 2, 3)
                                                .bytes())),
                        2),
                new Valid(
                        "sFlow v5",
                        FlowDecoder.Port.SFLOW,
                        sFlow(
                                0,
                                flowSample(
                                        100,
                                        rawHeader(
                                                1,
                                                1000,
                                                ethernet(
                                                        0x0800,
                                                        ipv4(
                                                                "192.0.2.7",
                                                                "198.51.100.1",
                                                                17,
                                                                udp(53, 9999, new byte[40]))))),
                                Datagrams.expandedFlowSample(
                                        100,
                                        new Octets()
                                                .u32(3, 32, 900, 17)
                                                .ip("192.0.2.7", "198.51.100.2")
                                                .u32(53, 9999, 0, 0)
                                                .bytes())),
                        2));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void aWholeDatagramGivesItsRecords(Valid valid) {
        decoding.decode(valid.port(), decoding.exporter, 0, valid.datagram(), valid.datagram().length);

        assertThat(decoding.count).isEqualTo(valid.records());
        assertThat(decoding.errors).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("valid")
    void aDatagramCutOffAnywhereIsCountedAndHurtsNothing(Valid valid) {
        for (var length = 0; length < valid.datagram().length; length++) {
            var cut = new Decoding();
            cut.decode(valid.port(), cut.exporter, 0, valid.datagram(), length);

            assertThat(cut.count).as("records at %d bytes", length).isLessThanOrEqualTo(valid.records());
            // v9 says how many records it has but not how long it is, so one that ends after a set looks whole.
            if (cut.errors() == 0) {
                assertThat(valid.name()).as("no error at %d bytes", length).isEqualTo("NetFlow v9");
            }
            assertThat(cut.brokenDatagrams).isEqualTo(cut.errors() > 0 ? 1 : 0);

            cut.decode(valid.port(), cut.exporter, 0, valid.datagram(), valid.datagram().length);
            assertThat(cut.flows)
                    .as("the whole datagram after one of %d bytes", length)
                    .hasSizeGreaterThanOrEqualTo(valid.records());
        }
    }

    @ParameterizedTest
    @MethodSource("valid")
    void lyingLengthsAndCountsAreBounded(Valid valid) {
        // Every 16-bit word of the datagram once as each of these: among them are all counts and lengths.
        for (var at = 0; at + 2 <= valid.datagram().length; at++) {
            for (var lie : new int[] {0, 1, 3, 0x7FFF, 0x8000, 0xFFFF}) {
                var lying = valid.datagram().clone();
                lying[at] = (byte) (lie >>> 8);
                lying[at + 1] = (byte) lie;
                var lied = new Decoding();
                lied.keep = false;
                lied.decode(valid.port(), lied.exporter, 0, lying, lying.length);

                assertThat(lied.count)
                        .as("records with %d at %d", lie, at)
                        .isLessThanOrEqualTo(valid.datagram().length);
            }
        }
    }

    @Test
    void aNetFlow5HeaderThatPromises65535RecordsGivesNone() {
        decoding.netflow(netFlow5(65_535, 0, 0));

        assertThat(decoding.flows).isEmpty();
        assertThat(decoding.errors).containsExactlyEntriesOf(Map.of(DecodeError.COUNT, 1L));
    }

    @Test
    void anIpfixTemplateWithoutFieldsAndItsEmptyDataSetEnd() {
        decoding.netflow(ipfix(0, 0, set(2, new Octets().u16(256, 0).bytes()), set(256)));

        assertThat(decoding.flows).isEmpty();
        assertThat(decoding.exporter.templates()).isZero();
        // Field count 0 is a withdrawal (RFC 7011 section 8.1), of nothing and over UDP; the data set has no template.
        assertThat(decoding.templateMisses).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTemplateWhoseRecordsHaveNoLengthIsRefused(boolean ipfix) {
        var sets =
                new byte[][] {set(ipfix ? 2 : 0, template(256, element(8, 0), element(12, 0))), set(256, new byte[64])};
        decoding.netflow(ipfix ? ipfix(0, 0, sets) : netFlow9(0, 0, sets));

        assertThat(decoding.flows).isEmpty();
        assertThat(decoding.exporter.templates()).isZero();
        assertThat(decoding.errors).containsEntry(DecodeError.TEMPLATE, 1L);
    }

    @Test
    void aBadSetLosesThatSetAndNotItsNeighbours() {
        decoding.netflow(ipfix(
                0,
                0,
                set(2, standardTemplate(256)),
                set(256, record("192.0.2.7", "198.51.100.1", 1)),
                set(2, template(300, element(8, 0))),
                set(999, new byte[8]),
                set(2, new Octets().u16(301, 40_000).zeros(16).bytes()),
                set(256, record("192.0.2.7", "198.51.100.2", 1))));

        assertThat(decoding.flows)
                .extracting(flow -> flow.destination().getHostAddress())
                .containsExactly("198.51.100.1", "198.51.100.2");
        assertThat(decoding.errors).containsEntry(DecodeError.TEMPLATE, 1L).containsEntry(DecodeError.COUNT, 1L);
        assertThat(decoding.brokenDatagrams).isOne();
    }

    @Test
    void recordsOfOneByteAreBoundedInNumber() {
        decoding.keep = false;
        decoding.netflow(ipfix(
                0, 0, set(2, template(256, element(4, 1))), set(256, new byte[60_000]), set(256, new byte[1_000])));

        assertThat(decoding.errors).containsEntry(DecodeError.COUNT, 2L);
    }

    @Test
    void aTemplateOfManyFieldsIsRefused() {
        var fields = new Element[TemplateSets.MOST_FIELDS + 1];
        Arrays.fill(fields, element(95, 4));

        decoding.netflow(ipfix(0, 0, set(2, template(256, fields))));

        assertThat(decoding.exporter.templates()).isZero();
        assertThat(decoding.errors).containsEntry(DecodeError.COUNT, 1L);
    }

    @Test
    void anExporterHasABoundOfTemplatesAndKeepsThoseItHas() {
        for (var domain = 0; domain < 100; domain++) {
            for (var id = 256; id < 256 + 1_200; id += 100) {
                var many = new Octets();
                for (var i = 0; i < 100; i++) {
                    many.add(standardTemplate(id + i));
                }
                decoding.netflow(ipfix(0, domain, set(2, many.bytes())));
            }
        }

        assertThat(decoding.exporter.templateFields()).isLessThanOrEqualTo(65_536);
        assertThat(decoding.budget.fields()).isEqualTo(decoding.exporter.templateFields());
        assertThat(decoding.errors.get(DecodeError.LIMIT)).isPositive();
        decoding.netflow(ipfix(0, 0, set(256, record("192.0.2.7", "198.51.100.1", 1))));
        assertThat(decoding.flows).hasSize(1);
    }

    @Test
    void dataThatWaitsForATemplateIsBoundedAndForgottenAfterAWhile() {
        for (var i = 0; i < 10_000; i++) {
            decoding.netflow(ipfix(i, 0, set(256, new byte[1_000])));
        }

        assertThat(decoding.budget.waiting()).isLessThanOrEqualTo(65_536).isPositive();
        assertThat(decoding.templateMisses).isEqualTo(10_000);
        var dropped = decoding.errors.get(DecodeError.TEMPLATE_MISSING);
        decoding.nowMillis += TemplatedFlows.WAIT_MILLIS + 1;
        decoding.expire();
        assertThat(decoding.budget.waiting()).isZero();
        assertThat(decoding.errors.get(DecodeError.TEMPLATE_MISSING)).isEqualTo(10_000);
        assertThat(dropped).isLessThan(10_000);
    }

    @Test
    void anSFlowDatagramThatPromisesManySamplesOrRecordsIsRefused() {
        var sample =
                flowSample(1, rawHeader(1, 100, ethernet(0x0800, ipv4("192.0.2.7", "198.51.100.1", 6, new byte[0]))));
        var manyRecords = sample.clone();
        manyRecords[36] = 0x7F;

        decoding.sflow(sFlow(0, manyRecords));
        assertThat(decoding.errors).containsEntry(DecodeError.COUNT, 1L);

        var manySamples = sFlow(0, sample);
        manySamples[24] = 0x7F;
        decoding.sflow(manySamples);
        assertThat(decoding.errors).containsEntry(DecodeError.COUNT, 2L);
        assertThat(decoding.flows).isEmpty();
    }

    @Test
    void anythingElseIsNoTelemetry() {
        assertThat(decoding.netflow(new byte[0])).isNull();
        assertThat(decoding.netflow(new byte[1])).isNull();
        assertThat(decoding.netflow(new Octets().u16(7).zeros(100).bytes())).isNull();
        assertThat(decoding.sflow(new Octets().u32(4).zeros(100).bytes())).isNull();
        assertThat(decoding.sflow(new byte[3])).isNull();

        assertThat(decoding.errors).containsEntry(DecodeError.TRUNCATED, 3L).containsEntry(DecodeError.VERSION, 2L);
        assertThat(decoding.brokenDatagrams).isEqualTo(5);
    }

    @Test
    void domainsThatAreMadeUpKeepOutNewOnesOnlyWhileTheyAreInUse() {
        for (var domain = 1; domain <= Exporter.MOST_DOMAINS; domain++) {
            decoding.netflow(ipfix(0, domain, set(2, standardTemplate(256))));
        }
        decoding.netflow(ipfix(0, 77_777, set(2, standardTemplate(256))));
        assertThat(decoding.errors).containsExactlyEntriesOf(Map.of(DecodeError.LIMIT, 1L));

        for (var half = 0; half < 2; half++) {
            decoding.nowMillis += Exporter.SILENT_MILLIS / 2;
            decoding.netflow(ipfix(half, 1, set(256, record("192.0.2.7", "198.51.100.1", 1))));
        }
        var fields = decoding.exporter.templateFields();
        decoding.netflow(ipfix(0, 77_777, set(2, standardTemplate(256))));
        decoding.netflow(ipfix(0, 77_777, set(256, record("192.0.2.7", "198.51.100.2", 1))));
        decoding.netflow(ipfix(2, 1, set(256, record("192.0.2.7", "198.51.100.1", 1))));

        // The one in use kept its templates; what the silent one had is given back.
        assertThat(decoding.flows).hasSize(4);
        assertThat(decoding.errors).containsExactlyEntriesOf(Map.of(DecodeError.LIMIT, 1L));
        assertThat(decoding.exporter.templateFields()).isEqualTo(fields);
        assertThat(decoding.budget.fields()).isEqualTo(fields);
    }

    /** Many agents of sFlow behind one address, as behind a Service that translates addresses. */
    @Test
    void telemetryThatNeedsNoTemplatesIsDecodedHoweverManyDomainsAnExporterHas() {
        var packet = ethernet(0x0800, ipv4("192.0.2.7", "198.51.100.1", 6, Datagrams.tcp(1, 2, 2)));
        for (var agent = 0; agent < 200; agent++) {
            var datagram = sFlow(agent, flowSample(1, rawHeader(1, 100, packet)));
            datagram[11] = (byte) agent;
            decoding.sflow(datagram);
            var engine = netFlow5(1, agent, 0, netFlow5Record("192.0.2.7", "198.51.100.1", 0));
            engine[21] = (byte) agent;
            decoding.netflow(engine);
        }

        assertThat(decoding.flows).hasSize(400);
        assertThat(decoding.errors).isEmpty();
        assertThat(decoding.lost).isEmpty();
    }

    @Test
    void aSampledPacketOfIpfixThatCannotBeReadIsCounted() {
        decoding.netflow(ipfix(
                0,
                0,
                set(2, template(256, element(312, 2), element(315, 20))),
                set(
                        256,
                        new Octets()
                                .u16(1_000)
                                .zeros(12)
                                .u16(0x0800)
                                .u8(0x4F)
                                .zeros(5)
                                .bytes())));

        assertThat(decoding.flows).isEmpty();
        assertThat(decoding.errors).containsExactlyEntriesOf(Map.of(DecodeError.PACKET, 1L));
    }
}
