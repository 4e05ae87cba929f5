package dev.portcullis.operator.secrets;

import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collection;
import java.util.HashMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * The one Secret that the pods of a resource may read: a copy of exactly the keys its spec refers to, each under
 * {@code <secret>.<key>}. Values are read when the copy is written and kept nowhere.
 */
public final class SecretProjection {
    /** Which Secrets, at which versions, the copy was made of. */
    static final String SOURCES = "portcullis.dev/sources";
    /** The references the copy holds, one {@code secret/key} each. */
    static final String KEYS = "portcullis.dev/keys";

    private final KubernetesClient client;

    public SecretProjection(KubernetesClient client) {
        this.client = client;
    }

    /** Name of the copy for the resource {@code name}. */
    public static String name(Role role, String name) {
        return role.objectName(name) + "-secrets";
    }

    /** The name under which the copy holds {@code key}. */
    public static String dataKey(SecretKey key) {
        return key.secret() + "." + key.key();
    }

    /**
     * The copy of {@code keys} for {@code owner}, its values left out.
     *
     * @param lookup the Secret of a namespace and name as last seen, values not needed
     * @throws IllegalArgumentException when two references would share a name in the copy
     */
    public static Secret wanted(
            HasMetadata owner,
            Role role,
            Collection<SecretKey> keys,
            BiFunction<String, String, Optional<Secret>> lookup) {
        var sources = new TreeMap<String, String>();
        var references = new TreeSet<String>();
        var taken = new HashMap<String, SecretKey>();
        for (var key : keys) {
            var other = taken.put(dataKey(key), key);
            if (other != null && !other.equals(key)) {
                throw new IllegalArgumentException("key " + other.key() + " of Secret " + other.secret() + " and key "
                        + key.key() + " of Secret " + key.secret()
                        + " cannot be told apart in the pods: rename one of them");
            }
            var version = lookup.apply(key.namespace(), key.secret())
                    .map(secret -> secret.getMetadata().getResourceVersion())
                    .orElse("absent");
            sources.put(key.secret(), version);
            references.add(key.secret() + "/" + key.key());
        }
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(owner.getMetadata().getNamespace())
                .withName(name(role, owner.getMetadata().getName()))
                .withLabels(Labels.of(role, owner.getMetadata().getName()))
                .addToAnnotations(SOURCES, sources.toString())
                .addToAnnotations(KEYS, String.join(" ", references))
                .withOwnerReferences(Labels.owner(owner))
                .endMetadata()
                .withType("Opaque")
                .build();
    }

    /** {@code object} with the values put in if it is such a copy, else as it is. */
    public HasMetadata fill(HasMetadata object) {
        var annotations = object.getMetadata().getAnnotations();
        if (!(object instanceof Secret copy) || annotations == null || !annotations.containsKey(KEYS)) {
            return object;
        }
        var data = new TreeMap<String, String>();
        var read = new HashMap<String, Secret>();
        var namespace = copy.getMetadata().getNamespace();
        for (var reference : annotations.get(KEYS).split(" ")) {
            if (reference.isEmpty()) {
                continue;
            }
            var slash = reference.indexOf('/');
            var key = new SecretKey(namespace, reference.substring(0, slash), reference.substring(slash + 1));
            var secret = read.computeIfAbsent(key.secret(), name -> client.secrets()
                    .inNamespace(namespace)
                    .withName(name)
                    .get());
            var value = secret == null || secret.getData() == null
                    ? null
                    : secret.getData().get(key.key());
            if (value == null) {
                throw new IllegalStateException("Secret " + key.secret() + " has no key " + key.key()
                        + " any more; it is read again when the Secret changes");
            }
            data.put(dataKey(key), value);
        }
        return new SecretBuilder(copy).withData(data).build();
    }
}
