package dev.portcullis.dataplane.flow.detect;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of one attack. Immutable.
 *
 * @param id unique in this process's life and in its persisted history
 * @param group host group of the target, {@code global} when none
 * @param mitigationPolicy name of the MitigationPolicy that applies, or null for none
 * @param metric the threshold that was crossed, by the name the API uses: pps, mbps, flows_per_sec, tcp_pps, tcp_mbps,
 *     udp_pps, udp_mbps, icmp_pps, icmp_mbps, tcp_syn_pps, tcp_syn_mbps, frag_pps, frag_mbps
 * @param rate the rate at the start, in the unit of {@code metric}
 * @param threshold the limit crossed, in the unit of {@code metric}
 * @param rates rates at the latest tick
 * @param endedAt null while it lasts
 */
public record Attack(
        String id,
        InetAddress target,
        Direction direction,
        String group,
        @Nullable String mitigationPolicy,
        String metric,
        double rate,
        double threshold,
        Rates rates,
        Classification classification,
        Sample sample,
        Instant startedAt,
        @Nullable Instant endedAt) {

    /** Towards or from the protected host. */
    public enum Direction {
        INCOMING("incoming"),
        OUTGOING("outgoing");

        private final String label;

        Direction(String label) {
            this.label = label;
        }

        /** The value in API and logs. */
        public String label() {
            return label;
        }
    }

    /**
     * What kind of attack it is.
     *
     * @param type ntp_amplification, dns_amplification, cldap_amplification, memcached_amplification,
     *     ssdp_amplification, chargen_amplification, portmap_amplification, snmp_amplification, rip_amplification,
     *     openvpn_amplification, ard_amplification, wsd_amplification, sip_amplification, mdns_amplification, syn_flood, fragment_flood, icmp_flood, udp_flood, tcp_flood or mixed
     * @param confidence 0 to 1
     * @param sourcePort the reflected port of an amplification, else 0
     */
    public record Classification(String type, double confidence, int sourcePort) {}

    /** The heaviest parts of a sample of the attack's flows, corrected for sampling, heaviest first. */
    public record Sample(
            List<Share> topSources,
            List<Share> topSourcePorts,
            List<Share> topDestinationPorts,
            List<Share> protocols,
            double totalPackets) {
        /** Nothing sampled. */
        public static final Sample EMPTY = new Sample(List.of(), List.of(), List.of(), List.of(), 0);
    }

    /** One key's part of a sample. */
    public record Share(String key, double packets, double bytes) {}
}
