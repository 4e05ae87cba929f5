package dev.portcullis.dataplane.flow.generate;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The attacks that can be made up. */
public enum Vector {
    UDP_FLOOD("udp_flood", 17, 0, 512, 0),
    SYN_FLOOD("syn_flood", 6, 0, 60, 0x02),
    NTP_AMPLIFICATION("ntp_amplification", 17, 123, 468, 0),
    DNS_AMPLIFICATION("dns_amplification", 17, 53, 1400, 0),
    ICMP_FLOOD("icmp_flood", 1, 0, 84, 0),
    TCP_FLOOD("tcp_flood", 6, 0, 120, 0x10);

    private final String label;
    private final int ipProtocol;
    private final int sourcePort;
    private final int packetBytes;
    private final int tcpFlags;

    Vector(String label, int ipProtocol, int sourcePort, int packetBytes, int tcpFlags) {
        this.label = label;
        this.ipProtocol = ipProtocol;
        this.sourcePort = sourcePort;
        this.packetBytes = packetBytes;
        this.tcpFlags = tcpFlags;
    }

    /** The name on the command line, and of the classification that a detector should come to. */
    public String label() {
        return label;
    }

    /**
     * The vector of this name.
     *
     * @throws IllegalArgumentException with the names there are
     */
    public static Vector of(String label) {
        return Arrays.stream(values())
                .filter(vector -> vector.label.equals(label))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + label + "' is not an attack vector: choose one of "
                                + Arrays.stream(values()).map(Vector::label).collect(Collectors.joining(", "))));
    }

    /** ICMP is another protocol with IPv6. */
    int ipProtocol(boolean v6) {
        return v6 && ipProtocol == 1 ? 58 : ipProtocol;
    }

    boolean hasPorts() {
        return ipProtocol != 1;
    }

    /** The reflected service's port, or 0 for any. */
    int sourcePort() {
        return sourcePort;
    }

    /** Size of a packet from its IP header on. */
    int packetBytes() {
        return packetBytes;
    }

    int tcpFlags() {
        return tcpFlags;
    }
}
