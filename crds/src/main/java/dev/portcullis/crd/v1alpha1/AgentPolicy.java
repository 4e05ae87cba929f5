package dev.portcullis.crd.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** An egress firewall between the selected agents and the world. */
@Group("portcullis.dev")
@Version("v1alpha1")
@Kind("AgentPolicy")
@Plural("agentpolicies")
@Singular("agentpolicy")
@ShortNames("ap")
public class AgentPolicy extends CustomResource<AgentPolicySpec, AgentPolicyStatus> implements Namespaced {
    /** Records have no empty form: a new object has no spec until one is set. */
    @Override
    protected @Nullable AgentPolicySpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable AgentPolicyStatus initStatus() {
        return null;
    }
}
