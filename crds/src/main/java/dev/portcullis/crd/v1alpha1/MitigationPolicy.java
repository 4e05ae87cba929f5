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

/** What is done about an attack, and what never. */
@Group("portcullis.dev")
@Version("v1alpha1")
@Kind("MitigationPolicy")
@Plural("mitigationpolicies")
@Singular("mitigationpolicy")
@ShortNames("mp")
@AdditionalPrinterColumn(name = "DRY-RUN", jsonPath = ".spec.dryRun", type = Type.BOOLEAN)
@AdditionalPrinterColumn(name = "PEERS", jsonPath = ".status.peersSummary")
@AdditionalPrinterColumn(name = "BANS", jsonPath = ".status.bans.active", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "RULES", jsonPath = ".status.bans.rules", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
        name = "MESSAGE",
        jsonPath = ".status.conditions[?(@.type==\"Accepted\")].message",
        priority = 1)
public class MitigationPolicy extends CustomResource<MitigationPolicySpec, MitigationPolicyStatus>
        implements Namespaced {
    /** Records have no empty form: a new object has no spec until one is set. */
    @Override
    protected @Nullable MitigationPolicySpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable MitigationPolicyStatus initStatus() {
        return null;
    }
}
