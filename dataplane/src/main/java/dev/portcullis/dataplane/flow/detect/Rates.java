package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.Metric;

/** Rates of one host in one direction, corrected for sampling, averaged over the window. Per second; bits are bits. */
public record Rates(
        double packets,
        double bits,
        double flows,
        double tcpPackets,
        double tcpBits,
        double udpPackets,
        double udpBits,
        double icmpPackets,
        double icmpBits,
        double tcpSynPackets,
        double tcpSynBits,
        double fragmentPackets,
        double fragmentBits) {
    /** No traffic. */
    public static final Rates ZERO = new Rates(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** The rate of one metric, in packets, bits or flows a second. */
    public double of(Metric metric) {
        return switch (metric) {
            case PPS -> packets;
            case MBPS -> bits;
            case FLOWS_PER_SEC -> flows;
            case TCP_PPS -> tcpPackets;
            case TCP_MBPS -> tcpBits;
            case UDP_PPS -> udpPackets;
            case UDP_MBPS -> udpBits;
            case ICMP_PPS -> icmpPackets;
            case ICMP_MBPS -> icmpBits;
            case TCP_SYN_PPS -> tcpSynPackets;
            case TCP_SYN_MBPS -> tcpSynBits;
            case FRAG_PPS -> fragmentPackets;
            case FRAG_MBPS -> fragmentBits;
        };
    }
}
