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

/** Stops everything the selected agent policies would let through. */
@Group("portcullis.dev")
@Version("v1alpha1")
@Kind("KillSwitch")
@Plural("killswitches")
@Singular("killswitch")
@ShortNames("ks")
@AdditionalPrinterColumn(name = "ENGAGED", jsonPath = ".spec.engaged", type = Type.BOOLEAN)
@AdditionalPrinterColumn(name = "ENFORCED", jsonPath = ".status.conditions[?(@.type==\"Enforced\")].status")
@AdditionalPrinterColumn(name = "PODS", jsonPath = ".status.pods.summary")
@AdditionalPrinterColumn(name = "REASON", jsonPath = ".spec.reason")
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
        name = "MESSAGE",
        jsonPath = ".status.conditions[?(@.type==\"Accepted\")].message",
        priority = 1)
public class KillSwitch extends CustomResource<KillSwitchSpec, KillSwitchStatus> implements Namespaced {
    /** Records have no empty form: a new object has no spec until one is set. */
    @Override
    protected @Nullable KillSwitchSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable KillSwitchStatus initStatus() {
        return null;
    }
}
