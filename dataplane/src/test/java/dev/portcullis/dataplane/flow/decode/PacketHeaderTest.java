package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.ethernet;
import static dev.portcullis.dataplane.flow.decode.Datagrams.flowSample;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv4;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv6;
import static dev.portcullis.dataplane.flow.decode.Datagrams.rawHeader;
import static dev.portcullis.dataplane.flow.decode.Datagrams.sFlow;
import static dev.portcullis.dataplane.flow.decode.Datagrams.tcp;
import static dev.portcullis.dataplane.flow.decode.Datagrams.udp;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every link layer, header and tunnel that sampled packets come in, through sFlow datagrams. */
class PacketHeaderTest {
    private static final String FROM = "192.0.2.7";
    private static final String TO = "198.51.100.1";
    private static final String FROM6 = "2001:db8::7";
    private static final String TO6 = "2001:db8:100::1";
    private static final byte[] SYN4 = ipv4(FROM, TO, 6, tcp(1234, 80, 2));
    private static final byte[] SYN6 = ipv6(FROM6, TO6, 6, tcp(1234, 80, 2));

    /** A packet under a link layer. */
    record Packet(String name, int headerProtocol, byte[] header, String destination, int bytes) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static byte[] tag(int type, int vlan, int inner, byte[] payload) {
        return ethernet(type, new Octets().u16(vlan, inner).add(payload).bytes());
    }

    private static byte[] label(int label, boolean bottom) {
        return new Octets().u32((long) label << 12 | (bottom ? 0x100 : 0) | 64).bytes();
    }

    private static byte[] optioned() {
        var tcp = tcp(1234, 80, 2);
        return new Octets()
                .u16(0x4700, 28 + tcp.length, 0, 0)
                .u8(64, 6)
                .u16(0)
                .ip(FROM, TO)
                .u8(7, 7, 4, 0, 0, 0, 0, 0)
                .add(tcp)
                .bytes();
    }

    private static byte[] extended() {
        var tcp = tcp(1234, 80, 2);
        return ipv6(
                FROM6,
                TO6,
                0,
                new Octets()
                        .u8(43, 0)
                        .zeros(6)
                        .u8(60, 1)
                        .zeros(14)
                        .u8(51, 0)
                        .zeros(6)
                        .u8(44, 1)
                        .zeros(6 + 4)
                        .u8(6, 0)
                        .u16(0)
                        .zeros(4)
                        .add(tcp)
                        .bytes());
    }

    static List<Packet> packets() {
        var mpls = new Octets().add(label(100, false), label(200, true)).bytes();
        return List.of(
                new Packet("Ethernet, IPv4", 1, ethernet(0x0800, SYN4), TO, SYN4.length),
                new Packet("Ethernet, IPv6", 1, ethernet(0x86DD, SYN6), TO6, SYN6.length),
                new Packet("802.1Q", 1, tag(0x8100, 5, 0x0800, SYN4), TO, SYN4.length),
                new Packet(
                        "QinQ 0x88A8",
                        1,
                        ethernet(
                                0x88A8,
                                new Octets().u16(5, 0x8100, 6, 0x0800).add(SYN4).bytes()),
                        TO,
                        SYN4.length),
                new Packet(
                        "QinQ 0x9100",
                        1,
                        ethernet(
                                0x9100,
                                new Octets().u16(5, 0x8100, 6, 0x86DD).add(SYN6).bytes()),
                        TO6,
                        SYN6.length),
                new Packet(
                        "PPPoE",
                        1,
                        ethernet(
                                0x8864,
                                new Octets()
                                        .u16(0x1100, 1, SYN4.length + 2, 0x0021)
                                        .add(SYN4)
                                        .bytes()),
                        TO,
                        SYN4.length),
                new Packet(
                        "PPPoE under a tag, IPv6",
                        1,
                        tag(
                                0x8100,
                                5,
                                0x8864,
                                new Octets()
                                        .u16(0x1100, 1, SYN6.length + 2, 0x0057)
                                        .add(SYN6)
                                        .bytes()),
                        TO6,
                        SYN6.length),
                new Packet(
                        "MPLS unicast",
                        1,
                        ethernet(0x8847, new Octets().add(mpls, SYN4).bytes()),
                        TO,
                        SYN4.length),
                new Packet(
                        "MPLS multicast",
                        1,
                        ethernet(0x8848, new Octets().add(mpls, SYN6).bytes()),
                        TO6,
                        SYN6.length),
                new Packet(
                        "header protocol PPP",
                        7,
                        new Octets().u16(0x0021).add(SYN4).bytes(),
                        TO,
                        SYN4.length),
                new Packet(
                        "header protocol PPP in HDLC framing",
                        7,
                        new Octets().u16(0xFF03, 0x0057).add(SYN6).bytes(),
                        TO6,
                        SYN6.length),
                new Packet("header protocol IPv4", 11, SYN4, TO, SYN4.length),
                new Packet("header protocol IPv6", 12, SYN6, TO6, SYN6.length),
                new Packet(
                        "header protocol MPLS", 13, new Octets().add(mpls, SYN4).bytes(), TO, SYN4.length),
                new Packet("IPv4 options", 11, optioned(), TO, optioned().length),
                new Packet("IPv6 extension headers", 12, extended(), TO6, extended().length));
    }

    private static Decoding decode(int headerProtocol, byte[] header, boolean inner) {
        var decoding = new Decoding();
        decoding.decoder.rules(new DecodeRules(Map.of(), 1, inner));
        decoding.sflow(sFlow(0, flowSample(100, rawHeader(headerProtocol, header.length + 4, header))));
        return decoding;
    }

    private static Decoding.Flow flow(int headerProtocol, byte[] header, boolean inner) {
        var decoding = decode(headerProtocol, header, inner);
        assertThat(decoding.errors).isEmpty();
        assertThat(decoding.flows).hasSize(1);
        return decoding.flows.getFirst();
    }

    @ParameterizedTest
    @MethodSource("packets")
    void theHeaderIsFoundUnderItsLinkLayer(Packet packet) {
        var flow = flow(packet.headerProtocol(), packet.header(), false);

        assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral(packet.destination()));
        assertThat(flow.ipProtocol()).isEqualTo(6);
        assertThat(flow.sourcePort()).isEqualTo(1234);
        assertThat(flow.destinationPort()).isEqualTo(80);
        assertThat(flow.tcpFlags()).isEqualTo(2);
        assertThat(flow.bytes()).isEqualTo(packet.bytes());
        assertThat(flow.packets()).isOne();
        assertThat(flow.samplingRate()).isEqualTo(100);
        assertThat(flow.inputInterface()).isEqualTo(3);
        assertThat(flow.outputInterface()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("packets")
    void aHeaderCutOffAnywhereGivesWhatIsWholeOrAnError(Packet packet) {
        for (var length = 0; length < packet.header().length; length++) {
            var cut = decode(packet.headerProtocol(), Arrays.copyOf(packet.header(), length), true);
            assertThat(cut.flows.size() + cut.errors())
                    .as("at %d bytes", length)
                    .isOne();
            cut.flows.forEach(
                    flow -> assertThat(flow.destination()).isEqualTo(InetAddress.ofLiteral(packet.destination())));
        }
    }

    static List<Packet> tunnels() {
        var gre4 = new Octets().u16(0, 0x0800).add(SYN4).bytes();
        var greKeyed = new Octets().u16(0xB000, 0x86DD).zeros(12).add(SYN6).bytes();
        var greEthernet = new Octets()
                .u16(0x2000, 0x6558)
                .zeros(4)
                .add(ethernet(0x0800, SYN4))
                .bytes();
        var greMpls = new Octets().u16(0, 0x8847).add(label(9, true), SYN4).bytes();
        var vxlan = udp(
                55_000,
                4789,
                new Octets()
                        .u32(0x0800_0000, 77 << 8)
                        .add(tag(0x8100, 5, 0x0800, SYN4))
                        .bytes());
        return List.of(
                new Packet("GRE", 11, ipv4("10.0.0.1", "10.0.0.2", 47, gre4), TO, SYN4.length),
                new Packet(
                        "GRE with checksum, key and sequence",
                        11,
                        ipv4("10.0.0.1", "10.0.0.2", 47, greKeyed),
                        TO6,
                        SYN6.length),
                new Packet("GRE with Ethernet", 11, ipv4("10.0.0.1", "10.0.0.2", 47, greEthernet), TO, SYN4.length),
                new Packet("GRE with MPLS", 12, ipv6("fd00::1", "fd00::2", 47, greMpls), TO, SYN4.length),
                new Packet("IP in IP", 11, ipv4("10.0.0.1", "10.0.0.2", 4, SYN4), TO, SYN4.length),
                new Packet("6in4", 11, ipv4("10.0.0.1", "10.0.0.2", 41, SYN6), TO6, SYN6.length),
                new Packet("4in6", 12, ipv6("fd00::1", "fd00::2", 4, SYN4), TO, SYN4.length),
                new Packet("VXLAN", 11, ipv4("10.0.0.1", "10.0.0.2", 17, vxlan), TO, SYN4.length),
                new Packet(
                        "VXLAN in GRE",
                        11,
                        ipv4(
                                "10.1.0.1",
                                "10.1.0.2",
                                47,
                                new Octets()
                                        .u16(0, 0x0800)
                                        .add(ipv4("10.0.0.1", "10.0.0.2", 17, vxlan))
                                        .bytes()),
                        TO,
                        SYN4.length));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void theInnerHeaderOfATunnelCountsWhereThatIsWanted(Packet packet) {
        var inner = flow(packet.headerProtocol(), packet.header(), true);
        assertThat(inner.destination()).isEqualTo(InetAddress.ofLiteral(packet.destination()));
        assertThat(inner.ipProtocol()).isEqualTo(6);
        assertThat(inner.destinationPort()).isEqualTo(80);
        assertThat(inner.bytes()).isEqualTo(packet.bytes());

        var outer = flow(packet.headerProtocol(), packet.header(), false);
        assertThat(outer.destination())
                .isIn(
                        InetAddress.ofLiteral("10.0.0.2"),
                        InetAddress.ofLiteral("10.1.0.2"),
                        InetAddress.ofLiteral("fd00::2"));
        assertThat(outer.bytes()).isEqualTo(packet.header().length);
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void anInnerHeaderThatIsCutOffLeavesTheOuterOne(Packet packet) {
        var whole = packet.headerProtocol() == 12 ? 40 : 20;
        for (var length = whole; length < packet.header().length; length++) {
            var cut = decode(packet.headerProtocol(), Arrays.copyOf(packet.header(), length), true);
            assertThat(cut.flows).as("at %d bytes", length).hasSize(1);
            assertThat(cut.flows.getFirst().packets()).isOne();
        }
    }

    @Test
    void tunnelsInTunnelsEndSomewhere() {
        var packet = SYN4;
        for (var i = 0; i < 40; i++) {
            packet = ipv4("10.0.0." + i, "10.0.1." + i, 4, packet);
        }

        assertThat(flow(11, packet, true).destination().getHostAddress()).startsWith("10.0.1.");
    }

    @Test
    void fragmentsAreFragmentsInBothFamilies() {
        var payload = udp(53, 9999, new byte[16]);
        var first4 = ipv4(FROM, TO, 17, payload);
        first4[6] = 0x20;
        var later4 = ipv4(FROM, TO, 17, payload);
        later4[7] = 100;
        var first6 = ipv6(
                FROM6,
                TO6,
                44,
                new Octets().u8(17, 0).u16(1).u32(7).add(payload).bytes());
        var later6 = ipv6(
                FROM6,
                TO6,
                44,
                new Octets().u8(17, 0).u16(800).u32(7).add(payload).bytes());

        for (var packet : List.of(first4, later4, first6, later6)) {
            var flow = flow(11, packet, false);
            assertThat(flow.fragment()).isTrue();
            assertThat(flow.ipProtocol()).isEqualTo(17);
        }
        assertThat(flow(11, first4, false).sourcePort()).isEqualTo(53);
        assertThat(flow(11, later4, false).sourcePort()).isZero();
        assertThat(flow(12, first6, false).sourcePort()).isEqualTo(53);
        assertThat(flow(12, later6, false).sourcePort()).isZero();
    }

    @Test
    void whatIsNoIpPacketIsNoRecordAndNoError() {
        for (var frame : List.of(ethernet(0x0806, new byte[28]), ethernet(0x88CC, new byte[40]))) {
            var decoding = decode(1, frame, false);
            assertThat(decoding.flows).isEmpty();
            assertThat(decoding.errors).isEmpty();
        }
    }

    @Test
    void aSegmentedPacketWithoutLengthCountsWhatWasOnTheWire() {
        var packet = ipv4(FROM, TO, 6, tcp(1234, 80, 0x10));
        packet[2] = 0;
        packet[3] = 0;
        var decoding = new Decoding();
        decoding.sflow(sFlow(0, flowSample(1, rawHeader(1, 1_518, ethernet(0x0800, packet)))));

        assertThat(decoding.flows).singleElement().satisfies(flow -> assertThat(flow.bytes())
                .isEqualTo(1_504));
    }
}
