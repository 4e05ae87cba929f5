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

/** Flow collectors that recognise attacks on the protected networks. */
@Group("portcullis.dev")
@Version("v1alpha1")
@Kind("FlowDetector")
@Plural("flowdetectors")
@Singular("flowdetector")
@ShortNames("fd")
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "NODES", jsonPath = ".status.nodes.summary")
@AdditionalPrinterColumn(name = "ATTACKS", jsonPath = ".status.activeAttacks.count", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "MITIGATION", jsonPath = ".status.mitigation")
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
        name = "MESSAGE",
        jsonPath = ".status.conditions[?(@.type==\"Accepted\")].message",
        priority = 1)
public class FlowDetector extends CustomResource<FlowDetectorSpec, FlowDetectorStatus> implements Namespaced {
    /** Records have no empty form: a new object has no spec until one is set. */
    @Override
    protected @Nullable FlowDetectorSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable FlowDetectorStatus initStatus() {
        return null;
    }
}
