package dev.portcullis.operator.flow;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.FlowDetectorStatus;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.rollout.Rollout;
import dev.portcullis.operator.rollout.RolloutConditions;
import dev.portcullis.operator.rollout.Trouble;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import dev.portcullis.operator.status.Reason;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** What to say about a FlowDetector. Pure but for the clock. */
final class FlowStatus {
    /** Most attacks listed. */
    private static final int MAX_ATTACKS = 10;

    private FlowStatus() {}

    /**
     * @param rollout null where there is nothing to roll out
     * @param trouble why an object could not be made, or null
     * @param note what is missing beside the pods, or empty
     */
    static FlowDetectorStatus of(
            FlowDetectorResource detector,
            EffectiveFlow effective,
            @Nullable Rollout rollout,
            FlowSummary summary,
            @Nullable Trouble trouble,
            String note,
            InstantSource clock) {
        var before = detector.getStatus();
        var generation = detector.getMetadata().getGeneration();
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, clock);
        var rolling = new RolloutConditions(conditions);
        rolling.accepted(effective.problems());
        rolling.rollout(effective.problems().isEmpty(), rollout, trouble, note);
        attacks(conditions, summary);
        var config = effective.config();
        if (config != null) {
            exporters(conditions, config);
        }
        return new FlowDetectorStatus(
                generation,
                conditions.list(),
                config == null ? null : config.revision(),
                rollout == null ? null : rollout.counts(),
                summary.reporting() == 0
                        ? null
                        : new FlowDetectorStatus.Attacks(
                                summary.attacks().size(),
                                summary.attacks().stream().limit(MAX_ATTACKS).toList()),
                summary.reporting() == 0 ? null : summary.exporters(),
                config == null ? null : mitigation(config),
                rollout == null || rollout.refused().isEmpty() ? null : rollout.refused());
    }

    private static void attacks(Conditions conditions, FlowSummary summary) {
        if (summary.reporting() == 0) {
            conditions.unknown(ConditionType.AttackInProgress, Reason.NoReport, Reason.NoReport.meaning());
        } else if (summary.attacks().isEmpty()) {
            conditions.set(ConditionType.AttackInProgress, false, Reason.NoAttack, Reason.NoAttack.meaning());
        } else {
            var largest = summary.attacks().getFirst();
            conditions.set(
                    ConditionType.AttackInProgress,
                    true,
                    Reason.UnderAttack,
                    summary.attacks().size() + " active; the largest: " + largest.vector() + " " + largest.direction()
                            + " " + largest.target());
        }
    }

    private static void exporters(Conditions conditions, FlowConfig config) {
        var allowed = config.spec().exporters().allowed().size();
        if (allowed == 0) {
            conditions.set(ConditionType.ExportersRestricted, false, Reason.AnyExporter, Reason.AnyExporter.meaning());
        } else {
            conditions.set(
                    ConditionType.ExportersRestricted,
                    true,
                    Reason.AllowListed,
                    allowed + " addresses or networks are believed");
        }
    }

    private static String mitigation(FlowConfig config) {
        var policies = config.mitigationPolicies().values();
        if (policies.isEmpty()) {
            return "None";
        }
        return policies.stream().allMatch(MitigationPolicySpec::dryRun) ? "DryRun" : "Live";
    }
}
