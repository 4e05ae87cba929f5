package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Fallback;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what routers should be told about a host. Decides nothing about whether they may be: that is {@link Guards}. */
final class Planner {
    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    private static final int GRE = 47;
    private static final int ESP = 50;
    private static final int RST = 0x04;
    private static final int SYN = 0x02;
    private static final int ACK = 0x10;

    /**
     * What should be told.
     *
     * @param announcements empty when no rule is narrower than the whole host and the policy wants none that wide
     * @param fellBackReason why {@code method} is not the one asked for, or null
     */
    record Plan(
            Method method,
            List<Announcement> announcements,
            @Nullable String fellBackReason) {}

    private Planner() {}

    /**
     * Plans with {@code method}, or with a blackhole where no established session takes FlowSpec, one takes the route, and
     * the rules say so.
     *
     * @param method FlowSpec or Blackhole
     */
    static Plan plan(
            InetAddress target, List<Vector> vectors, Method method, MitigationRules rules, Announcer announcer) {
        var route = List.<Announcement>of(blackhole(target, rules));
        if (method == Method.Blackhole) {
            return new Plan(Method.Blackhole, route, null);
        }
        var filters = filters(target, vectors, rules);
        if (!filters.isEmpty()
                && rules.fallback() == Fallback.Blackhole
                && !announcer.canCarry(filters.getFirst())
                && announcer.canCarry(route.getFirst())) {
            return new Plan(Method.Blackhole, route, "no established neighbour takes FlowSpec for this address family");
        }
        return new Plan(Method.FlowSpec, filters, null);
    }

    private static BlackholeRoute blackhole(InetAddress target, MitigationRules rules) {
        var prefix = Prefix.host(target);
        return new BlackholeRoute(
                prefix, prefix.v6() ? rules.nextHop6() : rules.nextHop(), rules.communities(), rules.localPref());
    }

    private static List<Announcement> filters(InetAddress target, List<Vector> vectors, MitigationRules rules) {
        var filters = new LinkedHashSet<Announcement>();
        // A ban by hand names no traffic: all of it towards the host.
        var wanted = vectors.isEmpty() ? List.of(new Vector(Attack.Direction.INCOMING, "mixed", 0)) : vectors;
        for (var vector : wanted) {
            var filter = filter(Prefix.host(target), vector, rules.rateBytes());
            if (rules.allowDestinationOnly() || !filter.matchesAddressesOnly()) {
                filters.add(filter);
            }
        }
        return List.copyOf(filters);
    }

    private static FlowSpecRule filter(Prefix host, Vector vector, double rateBytes) {
        var incoming = vector.direction() == Attack.Direction.INCOMING;
        var protocol = -1;
        var sourcePort = -1;
        var set = 0;
        var clear = 0;
        var fragment = false;
        switch (vector.type()) {
            case "syn_flood" -> {
                protocol = TCP;
                set = SYN;
                clear = ACK;
            }
            case "syn_ack_flood" -> {
                protocol = TCP;
                set = SYN | ACK;
            }
            case "tcp_reflection" -> {
                protocol = TCP;
                set = SYN | ACK;
                sourcePort = vector.sourcePort() > 0 ? vector.sourcePort() : -1;
            }
            case "ack_flood" -> {
                protocol = TCP;
                set = ACK;
                clear = SYN;
            }
            case "rst_flood" -> {
                protocol = TCP;
                set = RST;
            }
            case "gre_flood" -> protocol = GRE;
            case "esp_flood" -> protocol = ESP;
            case "fragment_flood" -> fragment = true;
            case "icmp_flood" -> protocol = host.v6() ? ICMPV6 : ICMP;
            // Port 443 alone would stop the answers of half the web to hosts that ask it.
            case "udp_flood", "udp_small_packet_flood", "quic_flood" -> protocol = UDP;
            case "tcp_flood" -> protocol = TCP;
            default -> {
                if (vector.sourcePort() > 0) {
                    protocol = UDP;
                    sourcePort = vector.sourcePort();
                }
            }
        }
        return new FlowSpecRule(
                incoming ? host : null,
                incoming ? null : host,
                protocol,
                sourcePort,
                -1,
                set,
                clear,
                fragment,
                rateBytes);
    }
}
