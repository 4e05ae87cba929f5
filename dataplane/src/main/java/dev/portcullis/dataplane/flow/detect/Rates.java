package dev.portcullis.dataplane.flow.detect;

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
}
