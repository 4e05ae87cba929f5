package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.KillSwitchSpec;
import java.util.List;
import java.util.Objects;

/**
 * What one firewall runs: the spec of its AgentPolicy with every default filled in, and the kill switches that select it.
 * Immutable.
 *
 * @param schemaVersion {@link #SCHEMA_VERSION} of the writer; a reader refuses a newer one
 * @param killSwitches ordered by namespace and name, engaged or not
 * @param upstreamTrust certificates, as PEM, of the authorities that origins may be certified by beside the public ones;
 *     often empty
 * @param revision the first 16 hex digits of the SHA-256 of everything else here
 */
public record FirewallConfig(
        int schemaVersion,
        String namespace,
        String name,
        AgentPolicySpec spec,
        List<EffectiveKillSwitch> killSwitches,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String upstreamTrust,
        String revision) {
    /** Version of this shape. */
    public static final int SCHEMA_VERSION = 1;

    public FirewallConfig {
        killSwitches = List.copyOf(killSwitches);
        // Absent in what was written before there was such a field.
        upstreamTrust = Objects.requireNonNullElse(upstreamTrust, "");
    }

    /** The Secret with the authority of TLS interception: the one the spec names, else the one that is made for it. */
    public String authoritySecret() {
        var named =
                spec.tlsInterception() == null ? null : spec.tlsInterception().caSecretRef();
        return named == null ? madeAuthoritySecret(name) : named.name();
    }

    /** Name of the Secret with the authority that is made for the AgentPolicy {@code name}. */
    public static String madeAuthoritySecret(String name) {
        return name + "-firewall-ca";
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
