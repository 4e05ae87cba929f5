package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.codec.JsonPath;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The Secret keys that a spec refers to, by the path of the reference. */
final class SecretRefs {
    private static final Set<String> FIELDS = Set.of("key", "name");
    private static final Set<String> WHOLE = Set.of("name");

    /** Keys named in a message. */
    private static final int NAMED = 5;

    private SecretRefs() {}

    /** Finds every field whose schema is a reference to one key of a Secret, or to a whole one of type kubernetes.io/tls. */
    static Map<String, SecretKey> in(JsonNode spec, Schema schema, String namespace) {
        var found = new LinkedHashMap<String, SecretKey>();
        walk(spec, schema, "spec", namespace, found);
        return found;
    }

    private static void walk(
            JsonNode node, Schema schema, String path, String namespace, Map<String, SecretKey> found) {
        if (node.isArray() && schema.items() != null) {
            for (var i = 0; i < node.size(); i++) {
                walk(node.path(i), schema.items(), JsonPath.item(path, i), namespace, found);
            }
            return;
        }
        schema.properties().forEach((name, field) -> {
            var value = node.path(name);
            if (value.isMissingNode()) {
                return;
            }
            var at = JsonPath.child(path, name);
            if (name.toLowerCase(Locale.ROOT).endsWith("secretkeyref") || name.endsWith("SecretRef")) {
                if (field.properties().keySet().equals(FIELDS)) {
                    found.put(
                            at,
                            new SecretKey(
                                    namespace,
                                    value.path("name").asText(),
                                    value.path("key").asText()));
                    return;
                }
                if (field.properties().keySet().equals(WHOLE)) {
                    var secret = value.path("name").asText();
                    found.put(at, new SecretKey(namespace, secret, CertificateAuthority.CERTIFICATE_KEY));
                    found.put(at + ".name", new SecretKey(namespace, secret, CertificateAuthority.PRIVATE_KEY_KEY));
                    return;
                }
            }
            walk(value, field, at, namespace, found);
        });
    }

    /** Reports every reference to a key that does not exist. */
    static void check(Map<String, SecretKey> refs, Set<SecretKey> existing, Problems problems) {
        refs.forEach((path, ref) -> {
            if (existing.contains(ref)) {
                return;
            }
            var keys = existing.stream()
                    .filter(key -> key.namespace().equals(ref.namespace())
                            && key.secret().equals(ref.secret()))
                    .map(SecretKey::key)
                    .sorted()
                    .limit(NAMED)
                    .toList();
            problems.add(
                    path,
                    ProblemReason.SecretNotFound,
                    keys.isEmpty()
                            ? "there is no Secret '" + ref.secret() + "' in namespace " + ref.namespace()
                                    + ": create it with the key '" + ref.key() + "'"
                            : "Secret '" + ref.secret() + "' in namespace " + ref.namespace() + " has no key '"
                                    + ref.key() + "'; it has " + String.join(", ", keys));
        });
    }
}
