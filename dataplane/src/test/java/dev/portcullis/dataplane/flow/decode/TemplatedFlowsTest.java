package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.announce;
import static dev.portcullis.dataplane.flow.decode.Datagrams.element;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ethernet;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfixOptions;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv4;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5Record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static dev.portcullis.dataplane.flow.decode.Datagrams.template;
import static dev.portcullis.dataplane.flow.decode.Datagrams.udp;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplatedFlowsTest {
    private static final byte[] RECORD = record("192.0.2.7", "198.51.100.1", 3);

    private final Decoding decoding = new Decoding();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void dataThatComesBeforeItsTemplateIsCountedOnceTheTemplateComesAtTheTimeItCame(boolean ipfix) {
        decoding.send(ipfix, 0, set(256, RECORD));
        assertThat(decoding.flows).isEmpty();
        assertThat(decoding.templateMisses).isOne();
        var came = decoding.nowMillis;
        decoding.nowMillis += 5_000;

        decoding.send(ipfix, 1, announce(ipfix, standardTemplate(256)));

        assertThat(decoding.flows).singleElement().satisfies(flow -> {
            assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral("198.51.100.1"));
            assertThat(flow.packets()).isEqualTo(3);
            assertThat(flow.bytes()).isEqualTo(120);
            assertThat(flow.tcpFlags()).isEqualTo(2);
            assertThat(flow.arrivalMillis()).isEqualTo(came);
        });
        assertThat(decoding.errors).isEmpty();
    }

    @Test
    void aWithdrawnTemplateOfASessionIsGoneAndItsNumberMayMeanSomethingElse() {
        sendOverTcp(announce(true, standardTemplate(256)));
        sendOverTcp(set(2, new Octets().u16(256, 0).bytes()));
        assertThat(decoding.exporter.templates()).isZero();
        sendOverTcp(announce(true, template(256, element(28, 16), element(2, 8))));
        sendOverTcp(set(256, new Octets().ip("2001:db8::9").u64(77).bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> {
            assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral("2001:db8::9"));
            assertThat(flow.packets()).isEqualTo(77);
        });
        sendOverTcp(set(2, new Octets().u16(2, 0).bytes()));
        assertThat(decoding.exporter.templates()).isZero();
        assertThat(decoding.budget.fields()).isZero();
        assertThat(decoding.templateChanges).isEmpty();
    }

    private void sendOverTcp(byte[] flowSet) {
        var message = ipfix(0, 1, flowSet);
        decoding.decode(FlowDecoder.Port.NETFLOW, decoding.exporter, 1, message, message.length);
    }

    @Test
    void aWithdrawalOverUdpIsIgnoredAndCounted() {
        decoding.send(true, 0, announce(true, standardTemplate(256)));

        decoding.send(
                true,
                0,
                set(2, new Octets().u16(256, 0, 2, 0).bytes()),
                set(3, new Octets().u16(3, 0).bytes()));
        decoding.send(true, 0, set(256, RECORD));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.packets())
                .isEqualTo(3));
        assertThat(decoding.templateChanges).containsExactly(Map.entry(TemplateChange.WITHDRAWAL_IGNORED, 3L));
    }

    /** An exporter that was configured anew changes its templates once; two that use one address do so time and again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTemplateThatChangesIsCountedAndContestedWhenItChangesAgainSoon(boolean ipfix) {
        var good = announce(ipfix, standardTemplate(256));
        var forged = announce(ipfix, template(256, element(1, 4), element(12, 4)));
        decoding.send(ipfix, 0, good);
        decoding.send(ipfix, 0, good);
        assertThat(decoding.templateChanges).isEmpty();

        decoding.send(ipfix, 0, forged);
        assertThat(decoding.templateChanges).containsExactly(Map.entry(TemplateChange.REPLACED, 1L));
        decoding.nowMillis += ObservationDomain.CONTEST_MILLIS - 1;
        decoding.send(ipfix, 0, good);
        decoding.send(ipfix, 0, forged);
        decoding.nowMillis += ObservationDomain.CONTEST_MILLIS;
        decoding.send(ipfix, 0, good);

        assertThat(decoding.templateChanges)
                .containsOnly(Map.entry(TemplateChange.REPLACED, 2L), Map.entry(TemplateChange.CONTESTED, 2L));
        assertThat(decoding.exporter.contestedTemplates()).isEqualTo(2);
        decoding.send(ipfix, 0, set(256, RECORD));
        assertThat(decoding.flows).hasSize(1);
    }

    @Test
    void templatesOfTcpSessionsAreTheirOwnAndEndWithThem() {
        var standard = ipfix(0, 1, announce(true, standardTemplate(256)));
        var other = ipfix(0, 1, announce(true, template(256, element(28, 16), element(2, 8))));
        decoding.decode(FlowDecoder.Port.NETFLOW, decoding.exporter, 1, standard, standard.length);
        decoding.decode(FlowDecoder.Port.NETFLOW, decoding.exporter, 2, other, other.length);
        var data = ipfix(0, 1, set(256, RECORD));

        decoding.decode(FlowDecoder.Port.NETFLOW, decoding.exporter, 1, data, data.length);

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.packets())
                .isEqualTo(3));
        decoding.exporter.closeSession(1);
        assertThat(decoding.exporter.templates()).isOne();
        decoding.exporter.closeSession(2);
        assertThat(decoding.budget.fields()).isZero();
    }

    @Test
    void elementsOfEnterprisesAndUnknownOnesAreSkippedByTheirLength() {
        decoding.send(
                true,
                0,
                announce(
                        true,
                        template(
                                256,
                                element(0x8000 | 12, 4),
                                element(9999, 7),
                                element(12, 4),
                                element(0x8000 | 2, 65535),
                                element(82, 65535),
                                element(2, 3),
                                element(1, 8))),
                set(
                        256,
                        new Octets()
                                .ip("203.0.113.9")
                                .zeros(7)
                                .ip("198.51.100.1")
                                .u8(5, 1, 2, 3, 4, 5)
                                .u8(255, 1, 4)
                                .zeros(260)
                                .u8(0, 1, 0)
                                .u64(9_000)
                                .bytes()));

        assertThat(decoding.errors).isEmpty();
        assertThat(decoding.flows).singleElement().satisfies(flow -> {
            assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral("198.51.100.1"));
            assertThat(flow.packets()).isEqualTo(256);
            assertThat(flow.bytes()).isEqualTo(9_000);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "22, 4, 21, 4, 3540000, 3600000, 60000",
        "152, 8, 153, 8, 1700000000000, 1700000060000, 60000",
        "150, 4, 151, 4, 1700000000, 1700000060, 60000",
        "154, 8, 155, 8, 4294967296, 12884901888, 2000",
        "156, 8, 157, 8, 4294967296, 6442450944, 500",
        "158, 4, 159, 4, 5000000, 1000000, 4000",
        "161, 4, 95, 4, 1500, 0, 1500",
        "162, 4, 95, 4, 1500000, 0, 1500",
        "22, 4, 21, 4, 3600000, 3540000, 0",
        "152, 8, 153, 8, 1700000060000, 1700000000000, 0"
    })
    void aFlowsDurationComesFromWhicheverTimesItHas(
            int startElement, int startLength, int endElement, int endLength, long start, long end, long duration) {
        var octets = new Octets().ip("198.51.100.1").u32(1);
        number(octets, startLength, start);
        number(octets, endLength, end);
        decoding.send(
                false,
                0,
                announce(
                        false,
                        template(
                                256,
                                element(12, 4),
                                element(2, 4),
                                element(startElement, startLength),
                                element(endElement, endLength))),
                set(256, octets.bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.durationMillis())
                .isBetween(duration, duration + 1));
    }

    private static void number(Octets octets, int length, long value) {
        if (length == 8) {
            octets.u64(value);
        } else {
            octets.u32(value);
        }
    }

    @Test
    void outCountersAndTotalsStandInForTheUsualOnes() {
        decoding.send(
                false,
                0,
                announce(false, template(256, element(12, 4), element(24, 4), element(23, 4))),
                announce(false, template(257, element(12, 4), element(86, 8), element(85, 8))),
                set(256, new Octets().ip("198.51.100.1").u32(5, 500).bytes()),
                set(257, new Octets().ip("198.51.100.1").u64(6, 600).bytes()));

        assertThat(decoding.flows).extracting(Decoding.Flow::packets).containsExactly(5L, 6L);
        assertThat(decoding.flows).extracting(Decoding.Flow::bytes).containsExactly(500L, 600L);
    }

    @Test
    void fragmentsAreKnownByOffsetOrFlags() {
        decoding.send(
                true,
                0,
                announce(true, template(256, element(12, 4), element(88, 2), element(197, 1))),
                set(
                        256,
                        new Octets().ip("198.51.100.1").u16(185).u8(0).bytes(),
                        new Octets().ip("198.51.100.1").u16(0).u8(0x20).bytes(),
                        new Octets().ip("198.51.100.1").u16(0).u8(0x40).bytes()));

        assertThat(decoding.flows).extracting(Decoding.Flow::fragment).containsExactly(true, true, false);
    }

    @Test
    void sampledPacketsInIpfixAreReadAsSFlowsAre() {
        var packet = ipv4("192.0.2.7", "198.51.100.1", 17, udp(53, 9999, new byte[20]));
        var frame = ethernet(0x0800, packet);
        decoding.send(
                true,
                0,
                announce(true, template(256, element(312, 2), element(315, 65535))),
                announce(true, template(257, element(224, 2), element(313, packet.length))),
                set(256, new Octets().u16(1_014).u8(frame.length).add(frame).bytes()),
                set(257, new Octets().u16(packet.length).add(packet).bytes()));

        assertThat(decoding.flows).hasSize(2).allSatisfy(flow -> {
            assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral("198.51.100.1"));
            assertThat(flow.sourcePort()).isEqualTo(53);
            assertThat(flow.bytes()).isEqualTo(packet.length);
        });
    }

    @Test
    void gapsInTheSequenceAreLossAndRestartsAreNot() {
        decoding.send(true, 0, announce(true, standardTemplate(256)), set(256, RECORD, RECORD));
        decoding.send(true, 2, set(256, RECORD));
        assertThat(decoding.lost).isEmpty();
        decoding.send(true, 13, set(256, RECORD));
        assertThat(decoding.lost).containsEntry(Protocol.IPFIX, 10L);
        decoding.send(true, 5, set(256, RECORD));
        decoding.send(true, 14, set(256, RECORD));
        decoding.send(true, 3_000_000_000L, set(256, RECORD));
        decoding.send(true, 3_000_000_001L, set(256, RECORD));
        assertThat(decoding.lost).containsEntry(Protocol.IPFIX, 10L);
        assertThat(decoding.exporter.lost()).isEqualTo(10);

        // An exporter whose number counts the records of the message itself, and no options.
        var counting = new Decoding();
        counting.netflow(ipfix(2, 1, announce(true, standardTemplate(256)), set(256, RECORD, RECORD)));
        counting.netflow(ipfix(5, 1, set(256, RECORD, RECORD, RECORD)));
        counting.netflow(ipfix(
                6,
                1,
                set(3, ipfixOptions(257, element(149, 4), element(305, 4))),
                set(257, new Octets().u32(1, 1).bytes()),
                set(256, RECORD)));
        counting.netflow(ipfix(8, 1, set(256, RECORD, RECORD)));
        assertThat(counting.lost).isEmpty();
        counting.netflow(ipfix(20, 1, set(256, RECORD, RECORD)));
        assertThat(counting.lost).containsEntry(Protocol.IPFIX, 10L);

        decoding.netflow(netFlow5(1, 100, 0, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        decoding.netflow(netFlow5(1, 131, 0, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        assertThat(decoding.lost).containsEntry(Protocol.NETFLOW5, 30L);
    }
}
