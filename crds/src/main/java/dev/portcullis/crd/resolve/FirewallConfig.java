package dev.portcullis.crd.resolve;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.KillSwitchSpec;
import java.util.List;

/**
 * What one firewall runs: the spec of its AgentPolicy with every default filled in, and the kill switches that select it.
 * Immutable.
 *
 * @param schemaVersion {@link #SCHEMA_VERSION} of the writer; a reader refuses a newer one
 * @param killSwitches ordered by namespace and name, engaged or not
 * @param revision the first 16 hex digits of the SHA-256 of everything else here
 */
public record FirewallConfig(
        int schemaVersion,
        String namespace,
        String name,
        AgentPolicySpec spec,
        List<EffectiveKillSwitch> killSwitches,
        String revision) {
    /** Version of this shape. */
    public static final int SCHEMA_VERSION = 1;

    public FirewallConfig {
        killSwitches = List.copyOf(killSwitches);
    }

    /**
     * A KillSwitch resource as it bears on this firewall.
     *
     * @param revision changes with every change of the resource's spec; pods report it back
     */
    public record EffectiveKillSwitch(
            String namespace,
            String name,
            boolean engaged,
            String reason,
            KillSwitchSpec.Drain drain,
            String revision) {}
}
