package dev.portcullis.operator.resource;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.v1alpha1.AgentPolicyStatus;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A AgentPolicy whose spec is what the user wrote: fields left out stay out, for the Resolver to fill or to name. */
@Group("portcullis.dev")
@Version("v1alpha1")
@Kind("AgentPolicy")
@Plural("agentpolicies")
@Singular("agentpolicy")
public class AgentPolicyResource extends CustomResource<JsonNode, AgentPolicyStatus> implements Namespaced {
    @Override
    protected @Nullable JsonNode initSpec() {
        return null;
    }

    @Override
    protected @Nullable AgentPolicyStatus initStatus() {
        return null;
    }
}
