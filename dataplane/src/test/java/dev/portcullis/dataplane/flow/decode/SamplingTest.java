package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.announce;
import static dev.portcullis.dataplane.flow.decode.Datagrams.element;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfixOptions;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow5Record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9Options;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static dev.portcullis.dataplane.flow.decode.Datagrams.template;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a record is multiplied with, and whether it counts at all: the operator's word, the telemetry's, and the default. */
class SamplingTest {
    private static final byte[] RECORD = record("192.0.2.7", "198.51.100.1", 3);

    private final Decoding decoding = new Decoding();

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
        decoding.send(
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
        decoding.send(
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
        decoding.send(
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
        decoding.send(true, 0, set(3, ipfixOptions(257, element(10, 4), element(34, 4))));
        for (var number = 0; number < 2_000; number++) {
            decoding.send(true, number, set(257, new Octets().u32(number, 100).bytes()));
        }

        assertThat(decoding.errors)
                .containsExactlyEntriesOf(Map.of(DecodeError.LIMIT, 2_000L - ObservationDomain.MOST_INTERFACES));
    }

    @Test
    void aRateInARecordThatCanBeNoneIsNotBelieved() {
        decoding.send(
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
        decoding.send(
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
}
