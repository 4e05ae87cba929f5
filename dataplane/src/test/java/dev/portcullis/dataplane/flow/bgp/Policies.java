package dev.portcullis.dataplane.flow.bgp;

import com.google.common.net.InetAddresses;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Neighbor;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Specs and announcements for tests. */
final class Policies {
    static final int BLACKHOLE = 0xFFFF029A;
    static final long LOCAL_ASN = 65001;

    /** Retries fast, so that tests need not wait; everything else as in production. */
    static final Timings QUICK = new Timings(
            Duration.ofMillis(100),
            Duration.ofMillis(400),
            Duration.ofMinutes(4),
            Duration.ofMinutes(8),
            Duration.ofMillis(100),
            Duration.ofSeconds(2));

    private Policies() {}

    static Bgp bgp(String holdTime, Neighbor... neighbors) {
        return new Bgp(LOCAL_ASN, "192.0.2.10", TimeSpan.parse(holdTime), List.of(neighbors));
    }

    static Neighbor neighbor(String name, String address, int port, long asn, Family... families) {
        var list = families.length == 0 ? Arrays.asList(Family.values()) : Arrays.asList(families);
        return new Neighbor(name, address, port, asn, null, list);
    }

    static Neighbor signed(Neighbor neighbor) {
        return new Neighbor(
                neighbor.name(),
                neighbor.address(),
                neighbor.port(),
                neighbor.remoteAsn(),
                new SecretKeyRef("bgp", "md5"),
                neighbor.families());
    }

    static Peer peer(Bgp bgp) {
        return Peer.of(bgp, bgp.neighbors().getFirst(), SecretSource.none());
    }

    static Prefix prefix(String text) {
        var slash = text.indexOf('/');
        return new Prefix(
                InetAddresses.forString(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    static BlackholeRoute blackhole(String prefix) {
        var nextHop = prefix.contains(":") ? "100::1" : "192.0.2.1";
        return new BlackholeRoute(prefix(prefix), InetAddresses.forString(nextHop), List.of(BLACKHOLE), 0);
    }

    /** UDP from {@code sourcePort} to {@code destination}. */
    static FlowSpecRule amplification(String destination, int sourcePort, double rateBytes) {
        return new FlowSpecRule(prefix(destination), null, 17, sourcePort, -1, 0, false, rateBytes);
    }

    static FlowSpecRule rule(String destination) {
        return new FlowSpecRule(prefix(destination), null, -1, -1, -1, 0, false, 0);
    }
}
