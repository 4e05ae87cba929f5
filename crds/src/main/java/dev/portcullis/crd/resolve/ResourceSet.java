package dev.portcullis.crd.resolve;

import java.util.List;
import java.util.Set;

/**
 * Everything a resolution may look at.
 *
 * @param resources the four kinds of {@code portcullis.dev}, in any order
 * @param secretKeys the keys that exist in Secrets; the values are never needed to resolve
 * @param operatorNamespace the one namespace where a KillSwitch of scope Cluster is honoured; locally "default"
 */
public record ResourceSet(List<Resource> resources, Set<SecretKey> secretKeys, String operatorNamespace) {
    public ResourceSet {
        resources = List.copyOf(resources);
        secretKeys = Set.copyOf(secretKeys);
    }

    /** One key of one Secret. */
    public record SecretKey(String namespace, String secret, String key) {}
}
