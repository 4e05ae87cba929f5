package dev.portcullis.dataplane.flow.window;

/** What is measured of a host in one direction, in the order thresholds are judged. */
public enum Metric {
    PPS("pps", 1, false),
    MBPS("mbps", 2, true),
    FLOWS_PER_SEC("flows_per_sec", 0, false),
    TCP_PPS("tcp_pps", 5, false),
    TCP_MBPS("tcp_mbps", 6, true),
    UDP_PPS("udp_pps", 3, false),
    UDP_MBPS("udp_mbps", 4, true),
    ICMP_PPS("icmp_pps", 7, false),
    ICMP_MBPS("icmp_mbps", 8, true),
    TCP_SYN_PPS("tcp_syn_pps", 9, false),
    TCP_SYN_MBPS("tcp_syn_mbps", 10, true),
    FRAG_PPS("frag_pps", 11, false),
    FRAG_MBPS("frag_mbps", 12, true);

    /** How many counters a host has. */
    public static final int COUNTERS = 13;

    private final String label;
    private final int counter;
    private final boolean bits;

    Metric(String label, int counter, boolean bits) {
        this.label = label;
        this.counter = counter;
        this.bits = bits;
    }

    /** The name in API and events. */
    public String label() {
        return label;
    }

    /** Its place among the {@link #COUNTERS} counters of a host. */
    public int counter() {
        return counter;
    }

    /** True where the counter holds bytes and the limit is in bits a second. */
    public boolean bits() {
        return bits;
    }

    /** {@code perSecond} packets, bits or flows in the unit of the metric's name: megabits for bits. */
    public double inOwnUnit(double perSecond) {
        return bits ? perSecond / 1e6 : perSecond;
    }
}
