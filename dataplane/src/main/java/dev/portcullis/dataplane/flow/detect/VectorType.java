package dev.portcullis.dataplane.flow.detect;

import java.util.Locale;

/** The kinds of attack traffic that flow records tell apart, amplifications aside: those are named by their service. */
public enum VectorType {
    /** TCP SYN without ACK. */
    SYN_FLOOD,
    /** TCP SYN with ACK, not from one well-known service. */
    SYN_ACK_FLOOD,
    /** TCP SYN with ACK from service ports of many hosts: answers to SYNs that carried the victim's address. */
    TCP_REFLECTION,
    /** Small TCP packets with ACK alone. */
    ACK_FLOOD,
    /** TCP RST. */
    RST_FLOOD,
    /** Any other TCP. */
    TCP_FLOOD,
    /** UDP from or to port 443. */
    QUIC_FLOOD,
    /** UDP of 100 bytes a packet or less. */
    UDP_SMALL_PACKET_FLOOD,
    /** Any other UDP. */
    UDP_FLOOD,
    /** ICMP and ICMPv6. */
    ICMP_FLOOD,
    /** GRE. */
    GRE_FLOOD,
    /** ESP. */
    ESP_FLOOD,
    /** Fragments of any protocol. */
    FRAGMENT_FLOOD,
    /** Any other IP protocol. */
    OTHER_PROTOCOL_FLOOD;

    /** The name in API and events. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True for the kinds of TCP. */
    boolean tcp() {
        return compareTo(TCP_FLOOD) <= 0;
    }

    /** True for the kinds of UDP. */
    boolean udp() {
        return compareTo(QUIC_FLOOD) >= 0 && compareTo(UDP_FLOOD) <= 0;
    }
}
