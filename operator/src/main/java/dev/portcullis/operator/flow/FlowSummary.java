package dev.portcullis.operator.flow;

import dev.portcullis.crd.v1alpha1.FlowDetectorStatus.AttackSummary;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus.Peer;
import dev.portcullis.operator.pods.FlowReport;
import dev.portcullis.operator.pods.FlowReport.Mitigation;
import dev.portcullis.operator.pods.PodAnswer;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the pods of one detector say together. Pure.
 *
 * @param reporting pods that answered
 * @param attacks by target, vector and direction once each, the largest rate seen by a pod; largest first
 * @param exporters sum over pods
 * @param mitigation by name of the MitigationPolicy; counts are sums over pods, a peer is as its worst session
 */
public record FlowSummary(
        int reporting, List<AttackSummary> attacks, int exporters, Map<String, Mitigation> mitigation) {
    /** An attack, whatever its rates. */
    public record AttackKey(String target, String vector, String direction) {
        static AttackKey of(AttackSummary attack) {
            return new AttackKey(attack.target(), attack.vector(), attack.direction());
        }
    }

    /** Sums {@code answers} up. */
    public static FlowSummary of(Collection<PodAnswer> answers) {
        var reports = answers.stream()
                .filter(answer -> answer.error() == null)
                .map(answer -> answer.report().flow())
                .toList();
        var attacks = new LinkedHashMap<AttackKey, AttackSummary>();
        var mitigation = new TreeMap<String, Mitigation>();
        for (var report : reports) {
            report.activeAttacks().forEach(attack -> attacks.merge(AttackKey.of(attack), attack, FlowSummary::larger));
            report.mitigation().forEach((policy, one) -> mitigation.merge(policy, one, FlowSummary::sum));
        }
        return new FlowSummary(
                reports.size(),
                attacks.values().stream()
                        .sorted(Comparator.comparingLong(AttackSummary::bps)
                                .reversed()
                                .thenComparing(AttackSummary::target)
                                .thenComparing(AttackSummary::vector))
                        .toList(),
                reports.stream().mapToInt(FlowReport::exporters).sum(),
                mitigation);
    }

    private static AttackSummary larger(AttackSummary one, AttackSummary other) {
        return one.bps() >= other.bps() ? one : other;
    }

    private static Mitigation sum(Mitigation one, Mitigation other) {
        var peers = new LinkedHashMap<String, Peer>();
        one.peers().forEach(peer -> peers.merge(peer.name(), peer, FlowSummary::worse));
        other.peers().forEach(peer -> peers.merge(peer.name(), peer, FlowSummary::worse));
        return new Mitigation(
                one.active() + other.active(),
                one.rejected() + other.rejected(),
                one.rules() + other.rules(),
                one.announced() + other.announced(),
                List.copyOf(peers.values()));
    }

    private static Peer worse(Peer one, Peer other) {
        var worse = isEstablished(one) ? other : one;
        return new Peer(worse.name(), worse.address(), worse.state(), worse.since(), one.prefixes() + other.prefixes());
    }

    /** Whether the session of {@code peer} is up. */
    public static boolean isEstablished(Peer peer) {
        return "Established".equalsIgnoreCase(peer.state());
    }
}
