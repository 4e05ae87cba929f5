package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.Rates;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What detection lets the API see. Snapshots; any thread may ask, and no answer waits for a tick. */
public interface FlowReadModel {
    /** Attacks in progress, in the order they began. */
    List<Attack> activeAttacks();

    /** The last attacks that ended, the latest first. */
    List<Attack> recentAttacks();

    /** Tracked hosts, heaviest first; {@code group} alone where it is not null. */
    Hosts hosts(HostOrder order, @Nullable String group, int offset, int limit);

    /** The last hour of a host, oldest first; empty where nothing is known of it. */
    List<Moment> traffic(InetAddress host, Instant from, Instant to);

    /** Rates towards the groups that are judged as a whole, by name. */
    Map<String, Rates> groupRates();

    /** Exporters, by address. */
    List<ExporterState> exporters();

    /** By what the heaviest hosts come first: the sum of both directions. */
    enum HostOrder {
        PPS("pps"),
        MBPS("mbps"),
        FLOWS_PER_SEC("flows_per_sec");

        private final String label;

        HostOrder(String label) {
            this.label = label;
        }

        /** The value of the parameter {@code sort}. */
        public String label() {
            return label;
        }
    }

    /**
     * Part of the list of hosts.
     *
     * @param total hosts tracked
     * @param listed hosts that pages hold; the rest is too light to have counters of its own
     */
    record Hosts(List<HostState> hosts, int total, int listed) {}

    /**
     * A host at one time; rates a second.
     *
     * @param normalPackets what is usual of it, 0 where nothing is learned
     */
    record Moment(Instant at, double packets, double bits, double flows, boolean inAttack, double normalPackets) {}

    /** One host. */
    record HostState(InetAddress address, String group, Rates incoming, Rates outgoing) {}

    /**
     * One exporter.
     *
     * @param protocols what it speaks, by the names of label {@code protocol}
     * @param lost records or datagrams that its sequence numbers say were lost
     * @param samplingRate one in how many packets, by its latest record; 0 before the first
     */
    record ExporterState(
            InetAddress address,
            List<String> protocols,
            long datagrams,
            long flows,
            long errors,
            long lost,
            int templates,
            long contestedTemplates,
            double samplingRate,
            Instant lastSeen) {}
}
