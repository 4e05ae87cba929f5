package dev.portcullis.crd.resolve;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a {@link ResourceSet} came to.
 *
 * @param firewalls by AgentPolicy; only accepted ones
 * @param flows by FlowDetector; only accepted ones
 * @param accepted every resource without a problem, KillSwitches and MitigationPolicies included
 * @param secretRefs the Secret keys each accepted AgentPolicy or FlowDetector refers to
 * @param problems in a stable order; a resource named here is not in the other fields
 */
public record Resolution(
        Map<ResourceId, FirewallConfig> firewalls,
        Map<ResourceId, FlowConfig> flows,
        Set<ResourceId> accepted,
        Map<ResourceId, Set<ResourceSet.SecretKey>> secretRefs,
        List<Problem> problems) {
    public Resolution {
        firewalls = Map.copyOf(firewalls);
        flows = Map.copyOf(flows);
        accepted = Set.copyOf(accepted);
        secretRefs = Map.copyOf(secretRefs);
        problems = List.copyOf(problems);
    }

    /** The problems of one resource. */
    public List<Problem> problemsOf(ResourceId id) {
        return problems.stream()
                .filter(problem -> problem.resource().equals(id))
                .toList();
    }
}
