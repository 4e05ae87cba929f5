package dev.portcullis.operator.firewall;

import dev.portcullis.crd.v1alpha1.AgentPolicyStatus;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.rollout.Rollout;
import dev.portcullis.operator.rollout.RolloutConditions;
import dev.portcullis.operator.rollout.Trouble;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import dev.portcullis.operator.status.Reason;
import java.time.InstantSource;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What to say about an AgentPolicy. Pure but for the clock. */
final class FirewallStatus {
    private FirewallStatus() {}

    /**
     * @param rollout null where there is nothing to roll out
     * @param trouble why an object could not be made, or null
     * @param note what is missing beside the pods, or empty
     */
    static AgentPolicyStatus of(
            AgentPolicyResource policy,
            EffectiveFirewall effective,
            @Nullable Rollout rollout,
            @Nullable Trouble trouble,
            String note,
            InstantSource clock) {
        var before = policy.getStatus();
        var generation = policy.getMetadata().getGeneration();
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, clock);
        var rolling = new RolloutConditions(conditions);
        rolling.accepted(effective.problems());
        rolling.rollout(effective.problems().isEmpty(), rollout, trouble, note);
        var engaged = new TreeSet<>(effective.engaged());
        if (engaged.isEmpty()) {
            conditions.set(ConditionType.KillSwitchEngaged, false, Reason.NotEngaged, Reason.NotEngaged.meaning());
        } else {
            conditions.set(
                    ConditionType.KillSwitchEngaged,
                    true,
                    Reason.Engaged,
                    "everything is refused because of " + String.join(", ", engaged));
        }
        var config = effective.config();
        return new AgentPolicyStatus(
                generation,
                conditions.list(),
                config == null ? null : config.revision(),
                rollout == null ? null : rollout.counts(),
                config == null ? null : FirewallResources.endpoint(policy, config.spec()),
                rollout == null || rollout.refused().isEmpty() ? null : rollout.refused());
    }
}
