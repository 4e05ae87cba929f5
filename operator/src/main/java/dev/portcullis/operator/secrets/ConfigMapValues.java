package dev.portcullis.operator.secrets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The ConfigMaps that specs refer to. Those of the watched namespaces are watched with their values dropped; what a spec
 * refers to is read when it is resolved.
 */
public final class ConfigMapValues<P extends HasMetadata> {
    private final KubernetesClient client;

    public ConfigMapValues(KubernetesClient client) {
        this.client = client;
    }

    /** The event sources; {@code users} says who must reconcile when a ConfigMap changes. */
    public List<EventSource<?, P>> sources(
            EventSourceContext<P> context, Class<P> ownerType, SecondaryToPrimaryMapper<ConfigMap> users) {
        var sources = new ArrayList<EventSource<?, P>>();
        for (var namespace :
                context.getControllerConfiguration().getInformerConfig().getNamespaces()) {
            sources.add(new InformerEventSource<>(
                    InformerEventSourceConfiguration.from(ConfigMap.class, ownerType)
                            .withName("configmaps"
                                    + (namespace.equals(Constants.WATCH_ALL_NAMESPACES) ? "" : "-" + namespace))
                            .withNamespaces(Set.of(namespace))
                            .withLabelSelector("app.kubernetes.io/managed-by!=portcullis-operator")
                            .withItemStore(new TransformingItemStore<>(
                                    Cache::metaNamespaceKeyFunc, ConfigMapValues::withoutValues))
                            .withSecondaryToPrimaryMapper(users)
                            .build(),
                    context));
        }
        return sources;
    }

    private static ConfigMap withoutValues(ConfigMap configMap) {
        return new ConfigMapBuilder(configMap)
                .withData(Map.of())
                .withBinaryData(Map.of())
                .build();
    }

    /** The values of the ConfigMaps that the untyped {@code spec} of a resource in {@code namespace} refers to. */
    public Map<SecretKey, String> of(JsonNode spec, String namespace) {
        var values = new HashMap<SecretKey, String>();
        for (var name : names(spec)) {
            var found =
                    client.configMaps().inNamespace(namespace).withName(name).get();
            if (found != null && found.getData() != null) {
                found.getData().forEach((key, value) -> values.put(new SecretKey(namespace, name, key), value));
            }
        }
        return values;
    }

    /** Whether the untyped {@code spec} refers to the ConfigMap {@code name}. */
    public static boolean refersTo(JsonNode spec, String name) {
        return names(spec).contains(name);
    }

    private static List<String> names(JsonNode spec) {
        return spec == null
                ? List.of()
                : spec.findValues("configMapRef").stream()
                        .map(ref -> ref.path("name").asText(""))
                        .filter(name -> !name.isEmpty())
                        .distinct()
                        .toList();
    }
}
