package dev.portcullis.operator.rollout;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import dev.portcullis.operator.status.Reason;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Accepted, Ready and Progressing of a resource that has pods. Pure. */
public final class RolloutConditions {
    private final Conditions conditions;

    /** Adds to {@code conditions}. */
    public RolloutConditions(Conditions conditions) {
        this.conditions = conditions;
    }

    /** Adds Accepted: False with the first problem's reason and all their sentences. */
    public void accepted(List<Problem> problems) {
        accepted(conditions, problems);
    }

    /** Adds Accepted to {@code conditions}. */
    public static void accepted(Conditions conditions, List<Problem> problems) {
        if (problems.isEmpty()) {
            conditions.set(ConditionType.Accepted, true, Reason.Valid, Reason.Valid.meaning());
        } else {
            conditions.set(
                    ConditionType.Accepted, false, Reason.of(problems.getFirst().reason()), sentences(problems));
        }
    }

    /** Each problem as {@code path: message}. */
    public static String sentences(List<Problem> problems) {
        return problems.stream()
                .map(problem -> problem.path() + ": " + problem.message())
                .collect(Collectors.joining("; "));
    }

    /**
     * Adds Ready and Progressing.
     *
     * @param rollout null where there is nothing to roll out
     * @param trouble why an object could not be made, or null
     * @param note what is missing beside the pods, or empty
     */
    public void rollout(boolean accepted, @Nullable Rollout rollout, @Nullable Trouble trouble, String note) {
        if (trouble != null) {
            both(false, trouble.reason(), trouble.message());
        } else if (rollout == null) {
            both(false, Reason.SpecNotAccepted, "nothing runs: no spec of this resource was accepted yet");
        } else if (!accepted) {
            both(
                    false,
                    Reason.SpecNotAccepted,
                    "the newest spec was not accepted; " + rollout.upToDate() + " of " + rollout.desired()
                            + " pods run the last accepted one");
        } else if (rollout.complete()) {
            conditions.set(ConditionType.Ready, true, Reason.PodsCurrent, all(rollout.desired()) + note);
            conditions.set(ConditionType.Progressing, false, Reason.Settled, Reason.Settled.meaning());
        } else if (!rollout.refused().isEmpty()) {
            var first = rollout.refused().getFirst();
            both(
                    false,
                    Reason.PodsRefused,
                    rollout.refused().size() + " pods refused the configuration; " + first.pod() + ": "
                            + first.message());
        } else if (rollout.seen() && rollout.desired() == 0) {
            both(false, Reason.NoNodes, Reason.NoNodes.meaning());
        } else {
            conditions.set(ConditionType.Ready, false, Reason.WaitingForPods, waiting(rollout));
            conditions.set(ConditionType.Progressing, true, Reason.RollingOut, waiting(rollout));
        }
    }

    private void both(boolean progressing, Reason reason, String message) {
        conditions.set(ConditionType.Ready, false, reason, message);
        conditions.set(ConditionType.Progressing, progressing, reason, message);
    }

    private static String all(int desired) {
        return desired == 1 ? "the one pod is ready and current" : "all " + desired + " pods are ready and current";
    }

    private static String waiting(Rollout rollout) {
        if (!rollout.seen()) {
            return "the DaemonSet controller has not taken up the newest template yet";
        }
        var counts = rollout.ready() + " of " + rollout.desired() + " pods are ready, " + rollout.upToDate()
                + " run the current configuration";
        return rollout.waitingFor().isEmpty() ? counts : counts + ": " + String.join(", ", rollout.waitingFor());
    }
}
