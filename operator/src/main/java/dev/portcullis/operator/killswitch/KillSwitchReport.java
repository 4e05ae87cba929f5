package dev.portcullis.operator.killswitch;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.v1alpha1.KillSwitchStatus;
import dev.portcullis.operator.resource.KillSwitchResource;
import dev.portcullis.operator.rollout.RolloutConditions;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import dev.portcullis.operator.status.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What to say about a KillSwitch. Pure but for the clock. */
final class KillSwitchReport {
    private KillSwitchReport() {}

    /**
     * @param policies how many AgentPolicies it selects
     * @param tally null when it selects none or is not accepted
     * @param took time from seeing this revision to the last acknowledgement, or null when not known
     */
    static KillSwitchStatus of(
            KillSwitchResource killSwitch,
            List<Problem> problems,
            int policies,
            Acknowledgements.@Nullable Tally tally,
            @Nullable Duration took,
            InstantSource clock) {
        var before = killSwitch.getStatus();
        var generation = killSwitch.getMetadata().getGeneration();
        var engaged = engaged(killSwitch);
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, clock);
        RolloutConditions.accepted(conditions, problems);
        enforced(conditions, problems, engaged, tally);
        var complete = tally != null && tally.complete();
        return new KillSwitchStatus(
                generation,
                conditions.list(),
                engagedAt(before, engaged, clock),
                policies,
                tally == null
                        ? null
                        : new KillSwitchStatus.Pods(
                                tally.total(), tally.acknowledged(), tally.acknowledged() + "/" + tally.total()),
                complete ? acknowledgedAfter(before, generation, took) : null);
    }

    private static void enforced(
            Conditions conditions, List<Problem> problems, boolean engaged, Acknowledgements.@Nullable Tally tally) {
        if (!problems.isEmpty()) {
            conditions.set(
                    ConditionType.Enforced,
                    false,
                    Reason.SpecNotAccepted,
                    "the newest spec was not accepted; pods keep the last accepted one");
        } else if (tally == null) {
            conditions.set(ConditionType.Enforced, false, Reason.NoPolicySelected, Reason.NoPolicySelected.meaning());
        } else if (tally.complete()) {
            var pods = tally.total() == 1 ? "the one pod" : "all " + tally.total() + " pods";
            conditions.set(
                    ConditionType.Enforced,
                    true,
                    engaged ? Reason.EngagedEverywhere : Reason.ReleasedEverywhere,
                    engaged ? pods + " refuse everything" : pods + " run the switch as released");
        } else {
            conditions.set(
                    ConditionType.Enforced,
                    false,
                    Reason.WaitingForPods,
                    tally.acknowledged() + " of " + tally.total() + " pods run this revision"
                            + (tally.silent() == 0
                                    ? ""
                                    : "; the pods of " + tally.silent() + " policies are not known yet"));
        }
    }

    private static @Nullable String engagedAt(@Nullable KillSwitchStatus before, boolean engaged, InstantSource clock) {
        if (!engaged) {
            return null;
        }
        return before != null && before.engagedAt() != null
                ? before.engagedAt()
                : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Measured once for each generation: a pod that comes later was not waited for. */
    private static @Nullable Long acknowledgedAfter(
            @Nullable KillSwitchStatus before, @Nullable Long generation, @Nullable Duration took) {
        if (before != null
                && Objects.equals(before.observedGeneration(), generation)
                && Conditions.isTrue(before.conditions(), ConditionType.Enforced)) {
            return before.acknowledgedAfterMillis();
        }
        return took == null ? null : Math.max(0, took.toMillis());
    }

    /** Whether the spec, as written, engages the switch. */
    static boolean engaged(KillSwitchResource killSwitch) {
        return killSwitch.getSpec() != null
                && killSwitch.getSpec().path("engaged").asBoolean();
    }
}
