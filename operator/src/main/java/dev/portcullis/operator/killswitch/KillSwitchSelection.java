package dev.portcullis.operator.killswitch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.portcullis.crd.resolve.FirewallConfig.EffectiveKillSwitch;
import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.ResolverInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The kill switches that select one AgentPolicy, whatever state the policy's own spec is in. Pure.
 *
 * @param switches ordered by namespace and name, engaged or not
 * @param problems of kill switches that are not accepted
 */
public record KillSwitchSelection(List<EffectiveKillSwitch> switches, List<Problem> problems) {
    /** The selection for {@code policy} among {@code killSwitches}. */
    public static KillSwitchSelection of(
            AgentPolicyResource policy, Collection<Resource> killSwitches, String operatorNamespace) {
        // Selection goes by labels and namespace, so the policy takes part with a spec of defaults only.
        var resources = new ArrayList<>(killSwitches);
        resources.add(ResolverInput.of(policy, JsonNodeFactory.instance.objectNode()));
        var resolution = Resolver.resolve(new ResourceSet(resources, Set.of(), operatorNamespace));
        var config = resolution.firewalls().get(ResolverInput.id(policy));
        return new KillSwitchSelection(config == null ? List.of() : config.killSwitches(), resolution.problems());
    }
}
