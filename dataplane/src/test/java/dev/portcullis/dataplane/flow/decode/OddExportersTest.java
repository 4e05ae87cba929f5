package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.REVERSE;
import static dev.portcullis.dataplane.flow.decode.Datagrams.announce;
import static dev.portcullis.dataplane.flow.decode.Datagrams.element;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ethernet;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfixOptions;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv6;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9Options;
import static dev.portcullis.dataplane.flow.decode.Datagrams.rawHeader;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.sFlow;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static dev.portcullis.dataplane.flow.decode.Datagrams.template;
import static dev.portcullis.dataplane.flow.decode.Datagrams.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.decode.Datagrams.Element;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Telemetry that is right, and unlike that of most: what it says must be counted as what it means. */
class OddExportersTest {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("198.51.100.1");
    private static final InetAddress SERVER = InetAddress.ofLiteral("192.0.2.7");

    private final Decoding decoding = new Decoding();

    /** IPFIX has no uptime in its header: elements 21 and 22 count from element 160, which only their difference needs not. */
    @ParameterizedTest
    @CsvSource({"60000, 120000", "7200000, 7260000", "3000000000, 3000060000", "4294937296, 30000"})
    void durationsByUptimeNeedNoUptimeInTheHeader(long first, long last) {
        decoding.send(
                true,
                0,
                announce(true, template(256, element(12, 4), element(2, 4), element(22, 4), element(21, 4))),
                set(256, new Octets().ip("198.51.100.1").u32(1, first, last).bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.durationMillis())
                .isEqualTo(60_000));
    }

    /** One template for both families, and zeros in what a flow is not of. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTemplateOfBothFamiliesTellsOfEither(boolean ipfix) {
        Element[] both = {element(8, 4), element(12, 4), element(27, 16), element(28, 16), element(2, 4)};
        decoding.send(
                ipfix,
                0,
                announce(ipfix, template(256, both)),
                set(
                        256,
                        new Octets()
                                .zeros(8)
                                .ip("2001:db8:9::7", "2001:db8::1")
                                .u32(6)
                                .bytes(),
                        new Octets()
                                .ip("192.0.2.7", "198.51.100.1")
                                .zeros(32)
                                .u32(4)
                                .bytes()));

        assertThat(decoding.flows)
                .extracting(Decoding.Flow::source)
                .containsExactly(InetAddress.ofLiteral("2001:db8:9::7"), SERVER);
        assertThat(decoding.flows)
                .extracting(Decoding.Flow::destination)
                .containsExactly(InetAddress.ofLiteral("2001:db8::1"), CLIENT);
        assertThat(decoding.flows).extracting(Decoding.Flow::packets).containsExactly(6L, 4L);
    }

    /** RFC 5103: a record for both directions. What comes back to the initiator is traffic towards it. */
    @Test
    void aRecordOfBothDirectionsGivesBoth() {
        decoding.send(
                true,
                0,
                announce(
                        true,
                        template(
                                256,
                                element(8, 4),
                                element(12, 4),
                                element(7, 2),
                                element(11, 2),
                                element(4, 1),
                                element(6, 1),
                                element(10, 4),
                                element(14, 4),
                                element(152, 8),
                                element(153, 8),
                                element(2, 8),
                                element(1, 8),
                                element(REVERSE | 2, 8),
                                element(REVERSE | 1, 8),
                                element(REVERSE | 6, 1))),
                set(256, biflow(3, 200, 70_000, 98_000_000), biflow(5, 300, 0, 0)));

        assertThat(decoding.errors).isEmpty();
        assertThat(decoding.flows).hasSize(3);
        var forward = decoding.flows.get(0);
        var back = decoding.flows.get(1);
        assertThat(forward.source()).isEqualTo(CLIENT);
        assertThat(forward.destination()).isEqualTo(SERVER);
        assertThat(forward.packets()).isEqualTo(3);
        assertThat(back.source()).isEqualTo(SERVER);
        assertThat(back.destination()).isEqualTo(CLIENT);
        assertThat(back.sourcePort()).isEqualTo(443);
        assertThat(back.destinationPort()).isEqualTo(50_000);
        assertThat(back.ipProtocol()).isEqualTo(6);
        assertThat(back.tcpFlags()).isEqualTo(0x12);
        assertThat(back.packets()).isEqualTo(70_000);
        assertThat(back.bytes()).isEqualTo(98_000_000);
        assertThat(back.inputInterface()).isEqualTo(forward.outputInterface()).isEqualTo(4);
        assertThat(back.outputInterface()).isEqualTo(forward.inputInterface()).isEqualTo(3);
        assertThat(back.durationMillis()).isEqualTo(30_000);
        // The second had no answer.
        assertThat(decoding.flows.get(2).packets()).isEqualTo(5);
        // The sequence counts records.
        decoding.send(true, 2, set(256, biflow(1, 40, 1, 40)));
        assertThat(decoding.lost).isEmpty();
    }

    private static byte[] biflow(long packets, long bytes, long packetsBack, long bytesBack) {
        return new Octets()
                .ip("198.51.100.1", "192.0.2.7")
                .u16(50_000, 443)
                .u8(6, 0x02)
                .u32(3, 4)
                .u64(1_700_000_000_000L, 1_700_000_030_000L)
                .u64(packets, bytes, packetsBack, bytesBack)
                .u8(0x12)
                .bytes();
    }

    /** Where one direction is external, each direction counts by its own interfaces. */
    @Test
    void bothDirectionsOfARecordAreJudgedByTheirOwnInterfaces() {
        decoding.decoder.rules(new DecodeRules(
                Map.of(decoding.exporter.address(), new ExporterOverride(0, List.of(4L), false)), 1, false));
        aRecordOfBothDirectionsGivesBoth();

        assertThat(decoding.flows).extracting(Decoding.Flow::incomingCounts).startsWith(false, true);
        assertThat(decoding.flows).extracting(Decoding.Flow::outgoingCounts).startsWith(true, false);
    }

    /** Another enterprise's element of the same number is none of RFC 5103. */
    @Test
    void elementsOfOtherEnterprisesAreNoOtherDirection() {
        var fields = new Octets().u16(256, 3, 12, 4, 2, 4, 0x8000 | 2, 4).u32(9).bytes();
        decoding.send(
                true,
                0,
                set(2, fields),
                set(256, new Octets().ip("198.51.100.1").u32(5, 7).bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.packets())
                .isEqualTo(5));
    }

    /** Firewalls count what initiator and responder sent (elements 231, 232, 298, 299) and nothing else. */
    @Test
    void whatInitiatorAndResponderSentAreTwoDirections() {
        decoding.send(
                false,
                0,
                announce(
                        false,
                        template(
                                256,
                                element(8, 4),
                                element(12, 4),
                                element(231, 4),
                                element(232, 4),
                                element(298, 4),
                                element(299, 4))),
                set(
                        256,
                        new Octets()
                                .ip("198.51.100.1", "192.0.2.7")
                                .u32(600, 9_000, 6, 9)
                                .bytes()));

        assertThat(decoding.flows).extracting(Decoding.Flow::destination).containsExactly(SERVER, CLIENT);
        assertThat(decoding.flows).extracting(Decoding.Flow::packets).containsExactly(6L, 9L);
        assertThat(decoding.flows).extracting(Decoding.Flow::bytes).containsExactly(600L, 9_000L);
    }

    /** The same record with counters of every length that exporters choose (RFC 7011 section 6.2). */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 8})
    void countersMayHaveAnyLength(int length) {
        decoding.send(
                true,
                0,
                announce(true, template(256, element(12, 4), element(2, length), element(1, length))),
                set(
                        256,
                        new Octets()
                                .ip("198.51.100.1")
                                .zeros(length - 3)
                                .u8(1, 0, 0)
                                .zeros(length - 3)
                                .u8(2, 0, 1)
                                .bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> {
            assertThat(flow.packets()).isEqualTo(65_536);
            assertThat(flow.bytes()).isEqualTo(131_073);
        });
    }

    /** Sampling that is announced late: the data set of options waits for its template like any other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void optionsThatCameBeforeTheirTemplateAreLearnedWithIt(boolean ipfix) {
        decoding.send(ipfix, 0, announce(ipfix, standardTemplate(256)));
        decoding.send(ipfix, 1, set(300, new Octets().u32(0, 512).bytes()));
        var options = ipfix
                ? set(3, ipfixOptions(300, element(149, 4), element(34, 4)))
                : set(1, netFlow9Options(300, element(1, 4), element(34, 4)));
        decoding.send(ipfix, 2, options);
        decoding.send(ipfix, 3, set(256, record("192.0.2.7", "198.51.100.1", 3)));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.samplingRate())
                .isEqualTo(512));
    }

    /** The numbers of an expanded sample are ifIndexes only where their format is 0; 1 is why it was dropped, 2 how many. */
    @Test
    void whatIsNoInterfaceOfAnExpandedSampleIsNone() {
        var packet = rawHeader(
                1, 100, ethernet(0x86DD, ipv6("2001:db8:9::7", "2001:db8::1", 17, udp(53, 9999, new byte[8]))));
        decoding.sflow(
                sFlow(1, expanded(0, 3, 0, 4, packet), expanded(0, 3, 2, 4, packet), expanded(1, 3, 1, 256, packet)));

        assertThat(decoding.flows).extracting(Decoding.Flow::inputInterface).containsExactly(3L, 3L, 0L);
        assertThat(decoding.flows).extracting(Decoding.Flow::outputInterface).containsExactly(4L, 0L, 0L);
    }

    private static byte[] expanded(int inputFormat, int input, int outputFormat, int output, byte[] packet) {
        return new Octets()
                .u32(3, 44 + packet.length, 1, 0, 3, 100, 1_000_000, 0, inputFormat, input, outputFormat, output, 1)
                .add(packet)
                .bytes();
    }

    /** RFC 6946: a packet with a fragment header that is whole is no fragment. */
    @Test
    void anAtomicFragmentIsNone() {
        for (var offsetAndMore : new int[] {0, 1, 8}) {
            var fragment = new Octets()
                    .u8(17, 0)
                    .u16(offsetAndMore, 0, 7)
                    .add(udp(53, 9999, new byte[8]))
                    .bytes();
            decoding.sflow(sFlow(
                    offsetAndMore,
                    Datagrams.flowSample(
                            1,
                            rawHeader(1, 100, ethernet(0x86DD, ipv6("2001:db8:9::7", "2001:db8::1", 44, fragment))))));
        }

        assertThat(decoding.flows).extracting(Decoding.Flow::fragment).containsExactly(false, true, true);
        assertThat(decoding.flows).extracting(Decoding.Flow::ipProtocol).containsExactly(17, 17, 17);
    }

    /** Clocks that are wrong by hours or years, either way: only differences are used. */
    @ParameterizedTest
    @ValueSource(longs = {-4 * 3_600_000L, 4 * 3_600_000L, 86_400_000L * 400, -86_400_000L * 400})
    void aWrongClockChangesNothing(long wrong) {
        var end = 1_700_000_000_000L + wrong;
        decoding.send(
                true,
                0,
                announce(true, template(256, element(12, 4), element(2, 4), element(152, 8), element(153, 8))),
                set(
                        256,
                        new Octets()
                                .ip("198.51.100.1")
                                .u32(1)
                                .u64(end - 60_000, end)
                                .bytes(),
                        new Octets().ip("198.51.100.1").u32(1).u64(end, end).bytes()));

        assertThat(decoding.flows).extracting(Decoding.Flow::durationMillis).containsExactly(60_000L, 0L);
        assertThat(decoding.flows)
                .allSatisfy(flow -> assertThat(flow.arrivalMillis()).isEqualTo(decoding.nowMillis));
    }
}
