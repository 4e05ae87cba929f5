package dev.portcullis.operator.secrets;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The ConfigMap with the certificate of a policy's authority, which agents mount and trust. It follows the Secret; the key
 * never enters it.
 */
public final class PublishedCertificate {
    /** Key of the certificate in the ConfigMap. */
    public static final String KEY = "ca.crt";
    /** The Secret the certificate comes from, and its version. */
    static final String SOURCE = "portcullis.dev/certificate-of";

    private final KubernetesClient client;

    public PublishedCertificate(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The ConfigMap for {@code policy}, its certificate left out.
     *
     * @param secret name of the Secret with the authority
     * @param seen that Secret as an informer last saw it
     */
    public static ConfigMap wanted(HasMetadata policy, String secret, Optional<Secret> seen) {
        var name = policy.getMetadata().getName();
        var version =
                seen.map(found -> found.getMetadata().getResourceVersion()).orElse("absent");
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(policy.getMetadata().getNamespace())
                .withName(InterceptionAuthority.name(name))
                .withLabels(Labels.of(Role.FIREWALL, name))
                .addToAnnotations(SOURCE, secret + " " + version)
                .withOwnerReferences(Labels.owner(policy))
                .endMetadata()
                .build();
    }

    /** {@code object} with the certificate put in if it is such a ConfigMap, else as it is. */
    public HasMetadata fill(HasMetadata object) {
        var annotations = object.getMetadata().getAnnotations();
        if (!(object instanceof ConfigMap published) || annotations == null || !annotations.containsKey(SOURCE)) {
            return object;
        }
        var source = annotations.get(SOURCE).split(" ")[0];
        var secret = client.secrets()
                .inNamespace(published.getMetadata().getNamespace())
                .withName(source)
                .get();
        var value = secret == null || secret.getData() == null
                ? null
                : secret.getData().get(CertificateAuthority.CERTIFICATE_KEY);
        if (value == null) {
            throw new IllegalStateException("Secret " + source + " has no key " + CertificateAuthority.CERTIFICATE_KEY
                    + " any more; it is read again when the Secret changes");
        }
        var certificate = new String(Base64.getDecoder().decode(value), StandardCharsets.US_ASCII);
        return new ConfigMapBuilder(published)
                .withData(Map.of(KEY, certificate))
                .build();
    }
}
