package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.element;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ethernet;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfixOptions;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv4;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5Record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9Options;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static dev.portcullis.dataplane.flow.decode.Datagrams.template;
import static dev.portcullis.dataplane.flow.decode.Datagrams.udp;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplatedFlowsTest {
    private static final byte[] RECORD = record("192.0.2.7", "198.51.100.1", 3);

    private final Decoding decoding = new Decoding();

    private static byte[] announce(boolean ipfix, byte[] template) {
        return set(ipfix ? 2 : 0, template);
    }

    private void send(boolean ipfix, long sequence, byte[]... sets) {
        decoding.netflow(ipfix ? ipfix(sequence, 1, sets) : netFlow9(sequence, 1, sets));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void dataThatComesBeforeItsTemplateIsCountedOnceTheTemplateComesAtTheTimeItCame(boolean ipfix) {
        send(ipfix, 0, set(256, RECORD));
        assertThat(decoding.flows).isEmpty();
        assertThat(decoding.templateMisses).isOne();
        var came = decoding.nowMillis;
        decoding.nowMillis += 5_000;

        send(ipfix, 1, announce(ipfix, standardTemplate(256)));

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
        send(true, 0, announce(true, standardTemplate(256)));

        send(
                true,
                0,
                set(2, new Octets().u16(256, 0, 2, 0).bytes()),
                set(3, new Octets().u16(3, 0).bytes()));
        send(true, 0, set(256, RECORD));

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
        send(ipfix, 0, good);
        send(ipfix, 0, good);
        assertThat(decoding.templateChanges).isEmpty();

        send(ipfix, 0, forged);
        assertThat(decoding.templateChanges).containsExactly(Map.entry(TemplateChange.REPLACED, 1L));
        decoding.nowMillis += ObservationDomain.CONTEST_MILLIS - 1;
        send(ipfix, 0, good);
        send(ipfix, 0, forged);
        decoding.nowMillis += ObservationDomain.CONTEST_MILLIS;
        send(ipfix, 0, good);

        assertThat(decoding.templateChanges)
                .containsOnly(Map.entry(TemplateChange.REPLACED, 2L), Map.entry(TemplateChange.CONTESTED, 2L));
        assertThat(decoding.exporter.contestedTemplates()).isEqualTo(2);
        send(ipfix, 0, set(256, RECORD));
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
        send(
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
        "305, 10, 306, 990, 100",
        "305, 1, 306, 99, 100",
        "305, 100, 95, 0, 100",
        "309, 3, 310, 10, 3.3333333333333335",
        "34, 512, 35, 2, 512",
        "50, 64, 49, 2, 64"
    })
    void samplingStatedInOptionsCountsForTheDomain(int first, int one, int second, int two, double rate) {
        for (var ipfix : new boolean[] {true, false}) {
            var fresh = new Decoding();
            var fields = new Datagrams.Element[] {element(ipfix ? 149 : 1, 4), element(first, 4), element(second, 4)};
            var sets = new byte[][] {
                ipfix ? set(3, ipfixOptions(257, fields)) : set(1, netFlow9Options(257, fields)),
                set(257, new Octets().u32(1, one, two).bytes()),
                announce(ipfix, standardTemplate(256)),
                set(256, RECORD)
            };

            fresh.netflow(ipfix ? ipfix(0, 1, sets) : netFlow9(0, 1, sets));

            assertThat(fresh.flows).singleElement().satisfies(flow -> assertThat(flow.samplingRate())
                    .isEqualTo(rate));
        }
    }

    @Test
    void aProbabilityIsARateToo() {
        send(
                true,
                0,
                set(3, ipfixOptions(257, element(149, 4), element(311, 8))),
                set(257, new Octets().u32(1).u64(Double.doubleToLongBits(0.001)).bytes()),
                announce(true, standardTemplate(256)),
                set(256, RECORD));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.samplingRate())
                .isEqualTo(1000));
    }

    @ParameterizedTest
    @CsvSource({"48, true", "48, false", "302, true"})
    void aRecordThatNamesItsSamplerHasThatOnesRate(int samplerElement, boolean ipfix) {
        var fields = new Datagrams.Element[] {element(ipfix ? 149 : 1, 4), element(samplerElement, 2), element(34, 4)};
        send(
                ipfix,
                0,
                ipfix ? set(3, ipfixOptions(257, fields)) : set(1, netFlow9Options(257, fields)),
                set(
                        257,
                        new Octets()
                                .u32(1)
                                .u16(7)
                                .u32(100)
                                .u32(1)
                                .u16(8)
                                .u32(2_000)
                                .bytes()),
                announce(ipfix, template(256, element(12, 4), element(2, 4), element(samplerElement, 2))),
                set(
                        256,
                        new Octets()
                                .ip("198.51.100.1")
                                .u32(1)
                                .u16(7)
                                .ip("198.51.100.1")
                                .u32(1)
                                .u16(8)
                                .bytes()));

        assertThat(decoding.flows).extracting(Decoding.Flow::samplingRate).containsExactly(100.0, 2_000.0);
    }

    /** Interface 5 is sampled 1 in 100, 6 in 2,000, and the domain as a whole 1 in 10. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRateOfAnInterfaceIsThatOfWhatCameInByIt(boolean ipfix) {
        // RFC 3954 section 6.1: scope 2 is an interface. In IPFIX it is the element of the interface itself.
        var perInterface = new Datagrams.Element[] {element(ipfix ? 10 : 2, 4), element(34, 4)};
        var ofAll = new Datagrams.Element[] {element(ipfix ? 149 : 1, 4), element(34, 4)};
        var optionsSet = ipfix ? 3 : 1;
        send(
                ipfix,
                0,
                set(optionsSet, ipfix ? ipfixOptions(257, perInterface) : netFlow9Options(257, perInterface)),
                set(optionsSet, ipfix ? ipfixOptions(258, ofAll) : netFlow9Options(258, ofAll)),
                set(257, new Octets().u32(5, 100, 6, 2_000).bytes()),
                set(258, new Octets().u32(0, 10).bytes()),
                announce(ipfix, template(256, element(12, 4), element(2, 4), element(10, 4), element(14, 4))),
                set(
                        256,
                        new Octets()
                                .ip("198.51.100.1")
                                .u32(1, 5, 6)
                                .ip("198.51.100.1")
                                .u32(1, 6, 5)
                                .ip("198.51.100.1")
                                .u32(1, 9, 6)
                                .ip("198.51.100.1")
                                .u32(1, 9, 9)
                                .bytes()));

        assertThat(decoding.flows)
                .extracting(Decoding.Flow::samplingRate)
                .containsExactly(100.0, 2_000.0, 2_000.0, 10.0);
        var again = new Exporter(decoding.exporter.address(), decoding.budget);
        again.recall(decoding.exporter.remember(), decoding.nowMillis);
        assertThat(again.remember()).isEqualTo(decoding.exporter.remember());
    }

    @Test
    void interfacesWithRatesAreBounded() {
        send(true, 0, set(3, ipfixOptions(257, element(10, 4), element(34, 4))));
        for (var number = 0; number < 2_000; number++) {
            send(true, number, set(257, new Octets().u32(number, 100).bytes()));
        }

        assertThat(decoding.errors)
                .containsExactlyEntriesOf(Map.of(DecodeError.LIMIT, 2_000L - ObservationDomain.MOST_INTERFACES));
    }

    @Test
    void aRateInARecordThatCanBeNoneIsNotBelieved() {
        send(
                true,
                0,
                announce(true, template(256, element(12, 4), element(2, 4), element(34, 4))),
                set(256, new Octets().ip("198.51.100.1").u32(1, 0xFFFF_FFFFL).bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.samplingRate())
                .isEqualTo(1));
    }

    @Test
    void theOperatorsWordWinsAndTheDefaultStandsIn() {
        decoding.decoder.rules(new DecodeRules(
                Map.of(decoding.exporter.address(), new ExporterOverride(50, List.of(), false)), 7, false));
        decoding.netflow(netFlow5(1, 0, 0x4000 | 10, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        decoding.decoder.rules(new DecodeRules(Map.of(), 7, false));
        decoding.netflow(netFlow5(1, 1, 0x4000 | 10, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        decoding.netflow(netFlow5(1, 2, 0, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));

        assertThat(decoding.flows).extracting(Decoding.Flow::samplingRate).containsExactly(50.0, 10.0, 7.0);
    }

    @Test
    void aRateInTheRecordItselfIsTheNearest() {
        send(
                true,
                0,
                announce(true, template(256, element(12, 4), element(2, 4), element(34, 4))),
                set(256, new Octets().ip("198.51.100.1").u32(1, 33).bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.samplingRate())
                .isEqualTo(33));
    }

    @Test
    void whatCrossesExternalInterfacesIsCountedOnceAndHalvedWhereItIsSampledTwice() {
        decoding.decoder.rules(new DecodeRules(
                Map.of(decoding.exporter.address(), new ExporterOverride(0, List.of(9L, 4L), true)), 1, false));
        // The record of the fixture comes in by 3 and leaves by 4.
        decoding.netflow(netFlow5(1, 0, 100, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        assertThat(decoding.flows).singleElement().satisfies(flow -> {
            assertThat(flow.incomingCounts()).isFalse();
            assertThat(flow.outgoingCounts()).isTrue();
            assertThat(flow.samplingRate()).isEqualTo(50);
        });
        decoding.decoder.rules(new DecodeRules(
                Map.of(decoding.exporter.address(), new ExporterOverride(0, List.of(9L), false)), 1, false));
        decoding.netflow(netFlow5(1, 1, 100, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        assertThat(decoding.flows).hasSize(1);
        assertThat(decoding.inside).isOne();
        decoding.decoder.rules(DecodeRules.STANDARD);
        decoding.netflow(netFlow5(1, 2, 100, netFlow5Record("192.0.2.7", "198.51.100.1", 0)));
        assertThat(decoding.flows.getLast().incomingCounts()).isTrue();
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
        send(
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
        send(
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
        send(
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
        send(
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
        send(true, 0, announce(true, standardTemplate(256)), set(256, RECORD, RECORD));
        send(true, 2, set(256, RECORD));
        assertThat(decoding.lost).isEmpty();
        send(true, 13, set(256, RECORD));
        assertThat(decoding.lost).containsEntry(Protocol.IPFIX, 10L);
        send(true, 5, set(256, RECORD));
        send(true, 14, set(256, RECORD));
        send(true, 3_000_000_000L, set(256, RECORD));
        send(true, 3_000_000_001L, set(256, RECORD));
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
