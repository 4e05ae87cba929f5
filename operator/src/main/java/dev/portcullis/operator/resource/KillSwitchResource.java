package dev.portcullis.operator.resource;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.v1alpha1.KillSwitchStatus;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A KillSwitch whose spec is what the user wrote: fields left out stay out, for the Resolver to fill or to name. */
@Group("portcullis.dev")
@Version("v1alpha1")
@Kind("KillSwitch")
@Plural("killswitches")
@Singular("killswitch")
public class KillSwitchResource extends CustomResource<JsonNode, KillSwitchStatus> implements Namespaced {
    @Override
    protected @Nullable JsonNode initSpec() {
        return null;
    }

    @Override
    protected @Nullable KillSwitchStatus initStatus() {
        return null;
    }
}
