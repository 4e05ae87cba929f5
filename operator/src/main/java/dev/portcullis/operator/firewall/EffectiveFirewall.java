package dev.portcullis.operator.firewall;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.FirewallConfig.EffectiveKillSwitch;
import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.Resolution;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the pods of an AgentPolicy should run now. Where its newest spec, or a KillSwitch that selects it, has a problem, the
 * last good one of each stays in force: a bad edit neither stops a firewall nor releases a kill switch. Pure.
 *
 * @param config null when there is nothing the pods could run yet
 * @param secrets the Secret keys of the newest spec, or null when it was not accepted and those copied before stay
 * @param problems of the AgentPolicy; empty when its newest spec was accepted
 */
record EffectiveFirewall(
        @Nullable FirewallConfig config, @Nullable Set<SecretKey> secrets, List<Problem> problems) {
    /**
     * @param resolution of the policy with all it depends on
     * @param switches the kill switches that select the policy, whether its own spec is accepted or not
     * @param rejectedSwitches those that exist and have problems
     * @param running what the pods were told last, or null
     */
    static EffectiveFirewall of(
            ResourceId policy,
            Resolution resolution,
            List<EffectiveKillSwitch> switches,
            Set<ResourceId> rejectedSwitches,
            @Nullable FirewallConfig running,
            List<Problem> problems) {
        var resolved = problems.isEmpty() ? resolution.firewalls().get(policy) : null;
        var base = resolved != null ? resolved : running;
        if (base == null) {
            return new EffectiveFirewall(null, null, problems);
        }
        var effective = ConfigCodec.stamped(new FirewallConfig(
                base.schemaVersion(),
                base.namespace(),
                base.name(),
                base.spec(),
                withKept(switches, rejectedSwitches, running),
                base.upstreamTrust(),
                ""));
        var secrets = resolved == null ? null : resolution.secretRefs().get(policy);
        return new EffectiveFirewall(effective, secrets, problems);
    }

    private static List<EffectiveKillSwitch> withKept(
            List<EffectiveKillSwitch> switches, Set<ResourceId> rejected, @Nullable FirewallConfig running) {
        if (running == null || rejected.isEmpty()) {
            return switches;
        }
        var all = new ArrayList<>(switches);
        running.killSwitches().stream()
                .filter(before -> rejected.contains(new ResourceId("KillSwitch", before.namespace(), before.name())))
                .forEach(all::add);
        all.sort(Comparator.comparing(EffectiveKillSwitch::namespace).thenComparing(EffectiveKillSwitch::name));
        return all;
    }

    /** The Secret keys to copy, {@code more} included, or null where those copied before stay. */
    @Nullable
    Set<SecretKey> secretsAnd(Set<SecretKey> more) {
        if (secrets == null) {
            return null;
        }
        var all = new HashSet<>(secrets);
        all.addAll(more);
        return all;
    }

    /** The configuration in a ConfigMap the operator wrote, or null where there is none that can be read. */
    static @Nullable FirewallConfig running(@Nullable String json) {
        if (json == null) {
            return null;
        }
        try {
            return ConfigCodec.readFirewall(json.getBytes(StandardCharsets.UTF_8));
        } catch (ConfigException altered) {
            return null;
        }
    }

    /** The engaged switches, as {@code namespace/name}. */
    Set<String> engaged() {
        var engaged = new HashSet<String>();
        if (config != null) {
            config.killSwitches().stream()
                    .filter(EffectiveKillSwitch::engaged)
                    .forEach(one -> engaged.add(one.namespace() + "/" + one.name()));
        }
        return engaged;
    }
}
