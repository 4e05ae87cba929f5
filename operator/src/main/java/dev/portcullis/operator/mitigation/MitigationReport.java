package dev.portcullis.operator.mitigation;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus.Bans;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus.Peer;
import dev.portcullis.operator.flow.DetectorReports.DetectorReport;
import dev.portcullis.operator.flow.FlowSummary;
import dev.portcullis.operator.pods.FlowReport.Mitigation;
import dev.portcullis.operator.resource.MitigationPolicyResource;
import dev.portcullis.operator.rollout.RolloutConditions;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import dev.portcullis.operator.status.Reason;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What to say about a MitigationPolicy. Pure but for the clock. */
final class MitigationReport {
    private MitigationReport() {}

    /** @param detectors those that use it, by name */
    static MitigationPolicyStatus of(
            MitigationPolicyResource policy,
            List<Problem> problems,
            Map<String, DetectorReport> detectors,
            InstantSource clock) {
        var before = policy.getStatus();
        var generation = policy.getMetadata().getGeneration();
        var name = policy.getMetadata().getName();
        var said = new TreeMap<>(detectors)
                .values().stream()
                        .map(detector -> detector.summary().mitigation().get(name))
                        .filter(Objects::nonNull)
                        .toList();
        var peers = new ArrayList<Peer>();
        said.forEach(one -> peers.addAll(one.peers()));
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, clock);
        RolloutConditions.accepted(conditions, problems);
        ready(conditions, problems, detectors);
        var dryRun = policy.getSpec() == null || policy.getSpec().path("dryRun").asBoolean(true);
        conditions.set(
                ConditionType.DryRun,
                dryRun,
                dryRun ? Reason.OnlyRecorded : Reason.Announced,
                dryRun ? Reason.OnlyRecorded.meaning() : Reason.Announced.meaning());
        var configured = configuredPeers(policy);
        peers(conditions, configured, said, peers);
        var established =
                (int) peers.stream().filter(FlowSummary::isEstablished).count();
        return new MitigationPolicyStatus(
                generation,
                conditions.list(),
                detectors.isEmpty()
                        ? null
                        : detectors.keySet().stream().sorted().toList(),
                said.isEmpty() ? null : bans(said),
                said.isEmpty()
                        ? null
                        : said.stream().mapToInt(Mitigation::announced).sum(),
                configured == 0 ? null : established + "/" + Math.max(configured, peers.size()),
                peers.isEmpty() ? null : peers);
    }

    private static void ready(Conditions conditions, List<Problem> problems, Map<String, DetectorReport> detectors) {
        if (!problems.isEmpty()) {
            conditions.set(ConditionType.Ready, false, Reason.SpecNotAccepted, "detectors keep the last accepted spec");
        } else if (detectors.isEmpty()) {
            conditions.set(ConditionType.Ready, false, Reason.NotUsed, Reason.NotUsed.meaning());
        } else {
            conditions.set(
                    ConditionType.Ready,
                    true,
                    Reason.InUse,
                    "used by "
                            + String.join(
                                    ", ", detectors.keySet().stream().sorted().toList()));
        }
    }

    private static void peers(Conditions conditions, int configured, List<Mitigation> said, List<Peer> peers) {
        if (configured == 0) {
            conditions.set(ConditionType.PeersEstablished, false, Reason.NoPeers, Reason.NoPeers.meaning());
        } else if (said.isEmpty() || peers.isEmpty()) {
            conditions.unknown(ConditionType.PeersEstablished, Reason.NoReport, Reason.NoReport.meaning());
        } else {
            var down = peers.stream()
                    .filter(peer -> !FlowSummary.isEstablished(peer))
                    .map(peer -> peer.name() + " is " + peer.state())
                    .toList();
            conditions.set(
                    ConditionType.PeersEstablished,
                    down.isEmpty(),
                    down.isEmpty() ? Reason.AllEstablished : Reason.PeersDown,
                    down.isEmpty() ? Reason.AllEstablished.meaning() : String.join(", ", down));
        }
    }

    private static Bans bans(List<Mitigation> said) {
        return new Bans(
                said.stream().mapToInt(Mitigation::active).sum(),
                said.stream().mapToLong(Mitigation::rejected).sum(),
                said.stream().mapToInt(Mitigation::rules).sum());
    }

    private static int configuredPeers(MitigationPolicyResource policy) {
        return policy.getSpec() == null
                ? 0
                : policy.getSpec().path("bgp").path("neighbors").size();
    }
}
