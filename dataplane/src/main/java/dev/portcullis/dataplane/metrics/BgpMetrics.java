package dev.portcullis.dataplane.metrics;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;

/** The families about BGP. The label {@code peer} holds names of configured neighbours only. */
public final class BgpMetrics {
    /** Who sent a NOTIFICATION. */
    public enum Direction {
        sent,
        received
    }

    /** Why an announcement is left out. */
    public enum Dropped {
        /** It cannot be said in an UPDATE. */
        invalid,
        /** The table is full. */
        limit
    }

    private final Gauge up;
    private final Gauge announced;
    private final Counter drops;
    private final Counter notifications;
    private final CounterDataPoint[] dropped;

    /** Declares the families in {@code registry}. */
    public BgpMetrics(PrometheusRegistry registry) {
        up = Gauge.builder()
                .name("portcullis_bgp_peer_up")
                .help("1 while the session with the neighbour is Established, else 0.")
                .labelNames("peer")
                .withoutExemplars()
                .register(registry);
        announced = Gauge.builder()
                .name("portcullis_bgp_peer_announced")
                .help("Routes and rules written to the neighbour's established session.")
                .labelNames("peer", "family")
                .withoutExemplars()
                .register(registry);
        drops = Counter.builder()
                .name("portcullis_bgp_session_drops_total")
                .help("Established sessions that ended, for whatever reason.")
                .labelNames("peer")
                .withoutExemplars()
                .register(registry);
        notifications = Counter.builder()
                .name("portcullis_bgp_notifications_total")
                .help("NOTIFICATION messages, by who sent them.")
                .labelNames("peer", "direction")
                .withoutExemplars()
                .register(registry);
        var refused = Counter.builder()
                .name("portcullis_bgp_announcements_dropped_total")
                .help(
                        "Announcements left out of a table of routes, each time one is made: invalid cannot be said in an UPDATE,"
                                + " limit is beyond the table's size.")
                .labelNames("reason")
                .withoutExemplars()
                .register(registry);
        dropped = Arrays.stream(Dropped.values())
                .map(reason -> refused.labelValues(reason.name()))
                .toArray(CounterDataPoint[]::new);
    }

    /** Counts an announcement that is left out. Any thread. */
    public void dropped(Dropped reason) {
        dropped[reason.ordinal()].inc();
    }

    /** The series of the neighbour {@code name}, at zero where they are new. Any thread. */
    public Peer peer(String name) {
        return new Peer(name);
    }

    /** One neighbour's series. Any thread. */
    public final class Peer {
        private final String name;
        private final GaugeDataPoint peerUp;
        private final CounterDataPoint peerDrops;
        private final GaugeDataPoint[] peerAnnounced;
        private final CounterDataPoint[] peerNotifications;

        private Peer(String name) {
            this.name = name;
            peerUp = up.labelValues(name);
            peerDrops = drops.labelValues(name);
            peerAnnounced = Arrays.stream(Family.values())
                    .map(family -> announced.labelValues(name, family.name()))
                    .toArray(GaugeDataPoint[]::new);
            peerNotifications = Arrays.stream(Direction.values())
                    .map(direction -> notifications.labelValues(name, direction.name()))
                    .toArray(CounterDataPoint[]::new);
        }

        /** The session is Established. */
        public void established() {
            peerUp.set(1);
        }

        /** The Established session ended, and with it what was announced. */
        public void dropped() {
            peerUp.set(0);
            peerDrops.inc();
            for (var gauge : peerAnnounced) {
                gauge.set(0);
            }
        }

        /** {@code routes} of {@code family} are written to the session. */
        public void announced(Family family, int routes) {
            peerAnnounced[family.ordinal()].set(routes);
        }

        /** A NOTIFICATION was sent or received. */
        public void notification(Direction direction) {
            peerNotifications[direction.ordinal()].inc();
        }

        /** Takes the series of a neighbour that is no longer configured out of the registry. */
        public void remove() {
            up.remove(name);
            drops.remove(name);
            for (var family : Family.values()) {
                announced.remove(name, family.name());
            }
            for (var direction : Direction.values()) {
                notifications.remove(name, direction.name());
            }
        }
    }
}
