package dev.portcullis.dataplane.flow;

import dev.portcullis.crd.v1alpha1.FlowDetectorStatus.AttackSummary;
import dev.portcullis.dataplane.flow.api.FlowReadModel;
import dev.portcullis.dataplane.flow.api.PolicyPeer;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.mitigate.Ban;
import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a flow role adds to {@code /status}: the fields that the operator sums up over pods. */
final class FlowReport {
    /** Most attacks listed, the largest first. */
    static final int MAX_ATTACKS = 1000;

    private static final Duration HEARD = Duration.ofMinutes(1);

    /** Bans under one MitigationPolicy. */
    record PolicyBans(String policy, int active, long rejected, int rules, int announced) {}

    /** One neighbour. */
    record Peer(String policy, String name, String address, String state, String since, int prefixes) {}

    private FlowReport() {}

    /** @param policies names of all MitigationPolicies in force */
    static Map<String, Object> of(
            FlowReadModel flow,
            Mitigator.Snapshot mitigation,
            List<PolicyPeer> peers,
            Collection<String> policies,
            Instant now) {
        var bans = new HashMap<InetAddress, Ban>();
        for (var ban : mitigation.bans()) {
            if (ban.state() != Ban.State.WITHDRAWN) {
                bans.putIfAbsent(ban.target(), ban);
            }
        }
        var fields = new LinkedHashMap<String, Object>();
        fields.put(
                "activeAttacks",
                flow.activeAttacks().stream()
                        .sorted(Comparator.comparingDouble(
                                        (Attack attack) -> attack.rates().packets())
                                .reversed())
                        .limit(MAX_ATTACKS)
                        .map(attack -> attack(attack, bans.get(attack.target())))
                        .toList());
        fields.put(
                "exporters",
                flow.exporters().stream()
                        .filter(exporter -> exporter.lastSeen().isAfter(now.minus(HEARD)))
                        .count());
        fields.put(
                "bans",
                policies.stream().map(policy -> bans(policy, mitigation)).toList());
        fields.put("peers", peers.stream().map(FlowReport::peer).toList());
        return fields;
    }

    private static AttackSummary attack(Attack attack, @Nullable Ban ban) {
        return new AttackSummary(
                attack.target().getHostAddress(),
                attack.classification().type(),
                attack.direction().label(),
                Math.round(attack.rates().packets()),
                Math.round(attack.rates().bits()),
                attack.startedAt().toString(),
                ban == null ? "None" : measure(ban));
    }

    private static String measure(Ban ban) {
        if (ban.state() == Ban.State.REJECTED) {
            return "Rejected: " + ban.life().endedFor();
        }
        return (ban.measure().dryRun() ? "DryRun " : "") + ban.measure().method();
    }

    private static PolicyBans bans(String policy, Mitigator.Snapshot mitigation) {
        var active = mitigation.bans().stream()
                .filter(ban -> ban.state() == Ban.State.ACTIVE && ban.policy().equals(policy))
                .toList();
        return new PolicyBans(
                policy,
                active.size(),
                mitigation.rejected().getOrDefault(policy, 0L),
                active.stream().mapToInt(ban -> ban.measure().rules()).sum(),
                active.stream()
                        .filter(ban -> ban.measure().carriedBy() > 0)
                        .mapToInt(ban -> ban.measure().announcements().size())
                        .sum());
    }

    private static Peer peer(PolicyPeer each) {
        var peer = each.peer();
        return new Peer(
                each.policy(),
                peer.name(),
                peer.address(),
                peer.state(),
                peer.since().toString(),
                peer.announced());
    }
}
