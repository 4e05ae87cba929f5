package dev.portcullis.crd.resolve;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything a resolution may look at.
 *
 * @param resources the four kinds of {@code portcullis.dev}, in any order
 * @param secretKeys the keys that exist in Secrets; the values are never needed to resolve
 * @param configMaps the values of ConfigMaps that a spec may refer to; a key's {@code secret} is the ConfigMap's name
 * @param operatorNamespace the one namespace where a KillSwitch of scope Cluster is honoured; locally "default"
 */
public record ResourceSet(
        List<Resource> resources,
        Set<SecretKey> secretKeys,
        Map<SecretKey, String> configMaps,
        String operatorNamespace) {
    public ResourceSet {
        resources = List.copyOf(resources);
        secretKeys = Set.copyOf(secretKeys);
        configMaps = Map.copyOf(configMaps);
    }

    /** A set without ConfigMaps. */
    public ResourceSet(List<Resource> resources, Set<SecretKey> secretKeys, String operatorNamespace) {
        this(resources, secretKeys, Map.of(), operatorNamespace);
    }

    /** One key of one Secret. */
    public record SecretKey(String namespace, String secret, String key) {}
}
