package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Kinds of traffic in scenarios, named as in {@link VectorType} where they are attacks. */
enum TrafficKind {
    /** Whole web connections. */
    web(6, 700, 0x1B, 0, false),
    /** Ordinary UDP, such as video. */
    video(17, 1200, 0, 0, false),
    syn_flood(6, 60, 0x02, 0, false),
    syn_ack_flood(6, 60, 0x12, 0, false),
    tcp_reflection(6, 60, 0x12, 443, false),
    ack_flood(6, 60, 0x10, 0, false),
    rst_flood(6, 40, 0x04, 0, false),
    tcp_flood(6, 900, 0x18, 0, false),
    udp_flood(17, 512, 0, 0, false),
    udp_small_packet_flood(17, 60, 0, 0, false),
    quic_flood(17, 1200, 0, 443, false),
    icmp_flood(1, 84, 0, 0, false),
    gre_flood(47, 512, 0, 0, false),
    esp_flood(50, 512, 0, 0, false),
    fragment_flood(17, 1480, 0, 0, true),
    other_protocol_flood(132, 200, 0, 0, false),
    chargen_amplification(17, 1000, 0, 19, false),
    dns_amplification(17, 1400, 0, 53, false),
    portmap_amplification(17, 486, 0, 111, false),
    ntp_amplification(17, 468, 0, 123, false),
    snmp_amplification(17, 1400, 0, 161, false),
    cldap_amplification(17, 1450, 0, 389, false),
    rip_amplification(17, 504, 0, 520, false),
    openvpn_amplification(17, 70, 0, 1194, false),
    ssdp_amplification(17, 320, 0, 1900, false),
    ard_amplification(17, 1010, 0, 3283, false),
    wsd_amplification(17, 900, 0, 3702, false),
    sip_amplification(17, 600, 0, 5060, false),
    mdns_amplification(17, 400, 0, 5353, false),
    tftp_amplification(17, 540, 0, 69, false),
    netbios_amplification(17, 229, 0, 137, false),
    memcached_amplification(17, 1428, 0, 11211, false),
    /** Answers of a resolver: small, from port 53. */
    dns_answers(17, 120, 0, 53, false);

    private final int protocol;
    private final int bytes;
    private final int flags;
    private final int sourcePort;
    private final boolean fragment;

    TrafficKind(int protocol, int bytes, int flags, int sourcePort, boolean fragment) {
        this.protocol = protocol;
        this.bytes = bytes;
        this.flags = flags;
        this.sourcePort = sourcePort;
        this.fragment = fragment;
    }

    /** Kinds that attacks are called by. */
    static List<TrafficKind> attacks() {
        return Arrays.stream(values())
                .filter(kind -> kind != web && kind != video && kind != dns_answers)
                .toList();
    }

    int bytes() {
        return bytes;
    }

    void fill(FlowRecord flow, boolean v6, Random random) {
        flow.ipProtocol = protocol == 1 && v6 ? 58 : protocol;
        flow.tcpFlags = flags;
        flow.fragment = fragment;
        var ports = (protocol == 6 || protocol == 17) && !fragment;
        flow.sourcePort = sourcePort != 0 ? sourcePort : ports ? 20_000 + random.nextInt(40_000) : 0;
        flow.destinationPort = ports ? (this == web ? 443 : 1024 + random.nextInt(60_000)) : 0;
    }
}
