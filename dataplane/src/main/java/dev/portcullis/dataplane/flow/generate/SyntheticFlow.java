package dev.portcullis.dataplane.flow.generate;

import java.net.InetAddress;

/**
 * One flow as its exporter counted it: packets and bytes before correction for sampling.
 *
 * @param source of the same family as {@code destination}
 * @param bytes of all packets, from the IP header on
 * @param durationMillis from the first to the last packet
 */
public record SyntheticFlow(
        InetAddress source,
        InetAddress destination,
        int sourcePort,
        int destinationPort,
        int ipProtocol,
        int tcpFlags,
        long packets,
        long bytes,
        long durationMillis) {
    /** True for IPv6. */
    public boolean v6() {
        return destination.getAddress().length == 16;
    }
}
