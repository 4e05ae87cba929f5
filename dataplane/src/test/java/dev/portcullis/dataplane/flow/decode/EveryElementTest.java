package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.announce;
import static dev.portcullis.dataplane.flow.decode.Datagrams.element;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.template;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.decode.Datagrams.Element;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records with every element that routers put into flows, those that say nothing of rates between those that do. */
class EveryElementTest {
    private static final Decoding.Flow NONE = first(new Decoding());

    /** An element, as long as exporters make it, with a value, and what it changes in the flow. */
    record Told(int number, byte[] value, Object expected, java.util.function.Function<Decoding.Flow, Object> told) {
        @Override
        public String toString() {
            return "element " + number + " of " + value.length + " bytes";
        }
    }

    private static Told number(
            int element, int length, long value, long expected, java.util.function.ToLongFunction<Decoding.Flow> told) {
        return new Told(element, bytes(length, value), expected, told::applyAsLong);
    }

    private static byte[] bytes(int length, long value) {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) {
            bytes[i] = (byte) (value >>> 8 * (length - 1 - i));
        }
        return bytes;
    }

    private static Told address(int element, String address, java.util.function.Function<Decoding.Flow, Object> told) {
        return new Told(element, InetAddress.ofLiteral(address).getAddress(), InetAddress.ofLiteral(address), told);
    }

    /** Each element that a flow is read from; two of time or of sampling that go together are in tests of their own. */
    static List<Told> read() {
        var all = new ArrayList<Told>();
        for (var length : new int[] {4, 8}) {
            all.add(number(1, length, 5_000, 5_000, Decoding.Flow::bytes));
            all.add(number(2, length, 7, 7, Decoding.Flow::packets));
            all.add(number(23, length, 5_001, 5_001, Decoding.Flow::bytes));
            all.add(number(24, length, 8, 8, Decoding.Flow::packets));
            all.add(number(85, length, 5_002, 5_002, Decoding.Flow::bytes));
            all.add(number(86, length, 9, 9, Decoding.Flow::packets));
            all.add(number(231, length, 5_003, 5_003, Decoding.Flow::bytes));
            all.add(number(298, length, 10, 10, Decoding.Flow::packets));
        }
        all.add(number(4, 1, 17, 17, Decoding.Flow::ipProtocol));
        all.add(number(6, 1, 0x12, 0x12, Decoding.Flow::tcpFlags));
        all.add(number(6, 2, 0x112, 0x12, Decoding.Flow::tcpFlags));
        all.add(number(7, 2, 53, 53, Decoding.Flow::sourcePort));
        all.add(number(11, 2, 443, 443, Decoding.Flow::destinationPort));
        for (var length : new int[] {2, 4}) {
            all.add(number(10, length, 3, 3, Decoding.Flow::inputInterface));
            all.add(number(14, length, 4, 4, Decoding.Flow::outputInterface));
            all.add(number(34, length, 512, 512, flow -> (long) flow.samplingRate()));
        }
        all.add(address(8, "192.0.2.7", Decoding.Flow::source));
        all.add(address(12, "198.51.100.9", Decoding.Flow::destination));
        all.add(new Told(88, bytes(2, 185), true, Decoding.Flow::fragment));
        all.add(new Told(197, bytes(1, 0x20), true, Decoding.Flow::fragment));
        all.add(new Told(197, bytes(4, 0x2000_0000L), true, Decoding.Flow::fragment));
        all.add(number(161, 4, 1_500, 1_500, Decoding.Flow::durationMillis));
        all.add(number(162, 4, 1_500_000, 1_500, Decoding.Flow::durationMillis));
        return all;
    }

    /** ToS, autonomous systems, masks, next hops, ICMP types, direction, VLANs, MACs, reasons, names: known, and of no weight. */
    static Stream<Element> skipped() {
        return Stream.of(
                element(5, 1),
                element(9, 1),
                element(13, 1),
                element(15, 4),
                element(16, 4),
                element(17, 4),
                element(18, 4),
                element(29, 1),
                element(30, 1),
                element(31, 4),
                element(32, 2),
                element(33, 1),
                element(35, 1),
                element(49, 1),
                element(52, 1),
                element(53, 1),
                element(55, 1),
                element(56, 6),
                element(57, 6),
                element(58, 2),
                element(59, 2),
                element(60, 1),
                element(61, 1),
                element(62, 16),
                element(63, 16),
                element(70, 3),
                element(80, 6),
                element(81, 6),
                element(82, 65535),
                element(89, 1),
                element(136, 1),
                element(139, 2),
                element(148, 8),
                element(176, 1),
                element(177, 1),
                element(178, 1),
                element(179, 1),
                element(180, 2),
                element(182, 2),
                element(184, 4),
                element(192, 1),
                element(225, 4),
                element(226, 4),
                element(233, 1),
                element(234, 4),
                element(239, 1),
                element(256, 2),
                element(304, 2),
                element(322, 4),
                element(323, 8),
                element(352, 8),
                element(65535 & 0x7FFF, 12),
                element(0x8000 | 100, 65535));
    }

    private static Decoding.Flow first(Decoding decoding) {
        decoding.send(
                true,
                0,
                announce(true, template(999, element(12, 4))),
                set(999, new Octets().ip("198.51.100.1").bytes()));
        return decoding.flows.removeFirst();
    }

    /** Between unknown elements on both sides, for NetFlow v9 as well as IPFIX. */
    @ParameterizedTest
    @MethodSource("read")
    void eachElementIsReadWhereverItStands(Told each) {
        for (var ipfix : new boolean[] {true, false}) {
            var decoding = new Decoding();
            var address = each.number() == 12 ? 15 : 12;
            decoding.send(
                    ipfix,
                    0,
                    announce(
                            ipfix,
                            template(
                                    256,
                                    element(56, 6),
                                    element(address, 4),
                                    element(each.number(), each.value().length),
                                    element(32, 2))),
                    set(
                            256,
                            new Octets()
                                    .zeros(6)
                                    .ip("198.51.100.1")
                                    .add(each.value())
                                    .u16(0x0303)
                                    .bytes()));

            assertThat(decoding.errors).isEmpty();
            assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(
                            each.told().apply(flow))
                    .isEqualTo(each.expected())
                    .isNotEqualTo(each.told().apply(NONE)));
        }
    }

    @Test
    void addressesOfIpv6AreReadToo() {
        var decoding = new Decoding();
        decoding.send(
                false,
                0,
                announce(false, template(256, element(27, 16), element(62, 16), element(28, 16))),
                set(
                        256,
                        new Octets()
                                .ip("2001:db8::7", "2001:db8::8", "2001:db8::9")
                                .bytes()));

        assertThat(decoding.flows).singleElement().satisfies(flow -> {
            assertThat(flow.source()).isEqualTo(InetAddress.ofLiteral("2001:db8::7"));
            assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral("2001:db8::9"));
        });
    }

    /** One template with all of them: what is of no weight changes nothing, and moves nothing. */
    @Test
    void whatIsOfNoWeightIsSkippedByItsLength() {
        var elements = new ArrayList<Element>();
        var record = new Octets();
        skipped().forEach(each -> {
            elements.add(each);
            if (each.length() == 65535) {
                record.u8(3, 0xFF, 0xFF, 0xFF);
            } else {
                for (var i = 0; i < each.length(); i++) {
                    record.u8(0xFF);
                }
            }
        });
        elements.add(element(12, 4));
        elements.add(element(2, 4));
        record.ip("198.51.100.1").u32(6);
        var decoding = new Decoding();
        decoding.send(
                true,
                0,
                announce(true, template(256, elements.toArray(Element[]::new))),
                set(256, record.bytes(), record.bytes()));

        assertThat(decoding.errors).isEmpty();
        assertThat(decoding.flows).hasSize(2).allSatisfy(flow -> {
            assertThat(flow.packets()).isEqualTo(6);
            assertThat(flow.destination()).isEqualTo(NONE.destination());
            assertThat(flow.source()).isEqualTo(NONE.source());
            assertThat(flow.bytes()).isZero();
            assertThat(flow.samplingRate()).isOne();
            assertThat(flow.durationMillis()).isZero();
            assertThat(flow.fragment()).isFalse();
        });
    }

    /** This test and those of times, sampling, sampled packets and the other direction go through all that is read. */
    @Test
    void nothingThatIsReadIsLeftOut() {
        var elsewhere = List.of(
                21, 22, 27, 28, 48, 50, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 224, 302, 305, 306, 309, 310,
                311, 312, 313, 315);
        var here = read().stream().map(Told::number).toList();
        for (var element = 1; element < 0x8000; element++) {
            if (Field.ordinalOf(element) >= 0 && element != 232 && element != 299) {
                assertThat(here.contains(element) || elsewhere.contains(element))
                        .as("element %s", element)
                        .isTrue();
            }
        }
    }
}
