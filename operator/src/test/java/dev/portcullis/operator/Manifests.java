package dev.portcullis.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.KillSwitchResource;
import dev.portcullis.operator.resource.MitigationPolicyResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.Map;

/** Resources as users write them. */
final class Manifests {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Manifests() {}

    static AgentPolicyResource policy(String namespace, String name, String spec) {
        return of(new AgentPolicyResource(), namespace, name, spec);
    }

    static KillSwitchResource killSwitch(String namespace, String name, String spec) {
        return of(new KillSwitchResource(), namespace, name, spec);
    }

    static FlowDetectorResource detector(String namespace, String name, String spec) {
        return of(new FlowDetectorResource(), namespace, name, spec);
    }

    static MitigationPolicyResource mitigation(String namespace, String name, String spec) {
        return of(new MitigationPolicyResource(), namespace, name, spec);
    }

    static <R extends CustomResource<JsonNode, ?>> R labelled(R resource, String key, String value) {
        resource.getMetadata().setLabels(Map.of(key, value));
        return resource;
    }

    private static <R extends CustomResource<JsonNode, ?>> R of(
            R resource, String namespace, String name, String spec) {
        resource.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        resource.setSpec(json(spec));
        return resource;
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
