package dev.portcullis.dataplane.flow.detect;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of one attack. Immutable.
 *
 * @param id unique in this process's life and in its persisted history
 * @param target the host; of a prefix its network address, of a group that of its first prefix
 * @param group host group of the target, {@code global} when none
 * @param mitigationPolicy name of the MitigationPolicy that applies, or null for none
 * @param metric the threshold that was crossed, by the name the API uses: pps, mbps, flows_per_sec, tcp_pps, tcp_mbps,
 *     udp_pps, udp_mbps, icmp_pps, icmp_mbps, tcp_syn_pps, tcp_syn_mbps, frag_pps, frag_mbps
 * @param rate the rate at the start, in the unit of {@code metric}
 * @param threshold the limit crossed, in the unit of {@code metric}
 * @param rates rates at the latest tick
 * @param classification the kind of the largest part, or {@code mixed}
 * @param endedAt null while it lasts
 * @param extent what is attacked
 * @param vectors every kind of traffic that is a tenth of the whole or more, the largest first
 * @param peak the highest rates so far
 * @param basis where the threshold came from
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
        @Nullable Instant endedAt,
        Extent extent,
        List<Classification> vectors,
        Peak peak,
        Basis basis) {

    public Attack {
        vectors = List.copyOf(vectors);
    }

    /** An attack on one host that crossed a configured threshold, of one kind of traffic. */
    public Attack(
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
        this(
                id,
                target,
                direction,
                group,
                mitigationPolicy,
                metric,
                rate,
                threshold,
                rates,
                classification,
                sample,
                startedAt,
                endedAt,
                Extent.host(target),
                List.of(classification),
                new Peak(rates.packets(), rates.bits()),
                Basis.CONFIGURED);
    }

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

    /** What an attack is on. */
    public enum Scope {
        /** One host. */
        HOST("host"),
        /** Many hosts of a prefix, none of which need be above its own limits: carpet bombing. */
        PREFIX("prefix"),
        /** A host group whose limits are on its sum. */
        GROUP("group");

        private final String label;

        Scope(String label) {
            this.label = label;
        }

        /** The value in API and logs. */
        public String label() {
            return label;
        }
    }

    /**
     * How far an attack reaches.
     *
     * @param prefixLength bits of the target that count: 32 or 128 of a host
     * @param hosts hosts in the latest sample, 1 of a host
     */
    public record Extent(Scope scope, int prefixLength, int hosts) {
        static Extent host(InetAddress target) {
            return new Extent(Scope.HOST, target.getAddress().length * 8, 1);
        }
    }

    /** Highest rates a second. */
    public record Peak(double packets, double bits) {}

    /**
     * Why a threshold was what it was.
     *
     * @param source {@code static} as configured, or {@code baseline} learned from the target's own traffic
     * @param normal what is usual of the target, in the unit of the metric; 0 where nothing is learned
     */
    public record Basis(String source, double normal) {
        /** A configured threshold. */
        public static final Basis CONFIGURED = new Basis("static", 0);
    }

    /**
     * What kind of attack it is.
     *
     * @param type one of {@link VectorType#label()}, or {@code mixed}
     * @param confidence 0 to 1: its part of the traffic
     * @param sourcePort the reflected port of an amplification or reflection, else 0
     */
    public record Classification(String type, double confidence, int sourcePort) {}

    /** The heaviest parts of a sample of the attack's flows, corrected for sampling, heaviest first. */
    public record Sample(
            List<Share> topSources,
            List<Share> topSourcePorts,
            List<Share> topDestinationPorts,
            List<Share> protocols,
            double totalPackets,
            int records) {
        /** Nothing sampled. */
        public static final Sample EMPTY = new Sample(List.of(), List.of(), List.of(), List.of(), 0, 0);

        public Sample {
            topSources = List.copyOf(topSources);
            topSourcePorts = List.copyOf(topSourcePorts);
            topDestinationPorts = List.copyOf(topDestinationPorts);
            protocols = List.copyOf(protocols);
        }

        /** A sample of unknown size. */
        public Sample(
                List<Share> topSources,
                List<Share> topSourcePorts,
                List<Share> topDestinationPorts,
                List<Share> protocols,
                double totalPackets) {
            this(topSources, topSourcePorts, topDestinationPorts, protocols, totalPackets, 0);
        }
    }

    /** One key's part of a sample. */
    public record Share(String key, double packets, double bytes) {}
}
