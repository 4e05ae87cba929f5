package dev.portcullis.crd.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
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
@AdditionalPrinterColumn(name = "MODE", jsonPath = ".spec.mode")
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "PODS", jsonPath = ".status.nodes.summary")
@AdditionalPrinterColumn(name = "UP-TO-DATE", jsonPath = ".status.nodes.upToDate", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "KILL-SWITCH", jsonPath = ".status.conditions[?(@.type==\"KillSwitchEngaged\")].status")
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "ENDPOINT", jsonPath = ".status.endpoint", priority = 1)
@AdditionalPrinterColumn(
        name = "MESSAGE",
        jsonPath = ".status.conditions[?(@.type==\"Accepted\")].message",
        priority = 1)
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
