package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.resolve.FlowConfig;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What mitigation protects and under which rules. Immutable; a new one replaces it whole when the configuration changes.
 *
 * @param networks the protected networks
 * @param groups name of the MitigationPolicy of each host group's prefixes, empty where the group has none
 * @param defaultPolicy name of the detector's MitigationPolicy, or null
 * @param policies by name
 */
public record Protection(
        PrefixMap<Boolean> networks,
        PrefixMap<Optional<String>> groups,
        @Nullable String defaultPolicy,
        Map<String, MitigationRules> policies) {
    public Protection {
        policies = Map.copyOf(policies);
    }

    /**
     * Compiles what mitigation goes by out of a detector's configuration.
     *
     * @throws IllegalArgumentException for a value no Resolver would have accepted
     */
    public static Protection compile(FlowConfig config) {
        var spec = config.spec();
        var detectors = spec.mitigationPolicyRef();
        var defaultPolicy = detectors == null ? null : detectors.name();
        var groups = new LinkedHashMap<String, Optional<String>>();
        for (var group : spec.hostGroups()) {
            var own = group.mitigationPolicyRef();
            var policy = own == null ? Optional.ofNullable(defaultPolicy) : Optional.of(own.name());
            group.prefixes().forEach(prefix -> groups.put(prefix, policy));
        }
        var policies = new LinkedHashMap<String, MitigationRules>();
        config.mitigationPolicies().forEach((name, policy) -> policies.put(name, MitigationRules.of(name, policy)));
        return new Protection(PrefixMap.of(spec.networks()), new PrefixMap<>(groups), defaultPolicy, policies);
    }

    /** The rules for {@code address}: those of its longest host group prefix, else the detector's, else null. */
    public @Nullable MitigationRules rulesFor(InetAddress address) {
        var group = groups.get(address);
        var name = group == null ? defaultPolicy : group.orElse(null);
        return name == null ? null : policies.get(name);
    }

    /** True when any policy, of whatever hosts, forbids a ban of {@code address}. */
    public boolean whitelists(InetAddress address) {
        for (var rules : policies.values()) {
            if (rules.whitelist().contains(address)) {
                return true;
            }
        }
        return false;
    }
}
