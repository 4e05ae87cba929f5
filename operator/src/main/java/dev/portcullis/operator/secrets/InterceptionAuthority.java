package dev.portcullis.operator.secrets;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import dev.portcullis.operator.apply.ObjectConflictException;
import dev.portcullis.operator.apply.ServerSideApply;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.status.EventRecorder;
import dev.portcullis.operator.status.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The authority of TLS interception of a policy that names none: made once, and kept as long as the policy is there,
 * whether interception is on or not. Never made anew while a copy of it is left: what agents trust must not change by
 * itself. The key is held no longer than it takes to write it.
 */
public final class InterceptionAuthority {
    private final KubernetesClient client;
    private final EventRecorder events;
    private final InstantSource clock;

    public InterceptionAuthority(KubernetesClient client, EventRecorder events, InstantSource clock) {
        this.client = client;
        this.events = events;
        this.clock = clock;
    }

    /** Name of the Secret for the policy {@code name}; it is kept whatever else is deleted. */
    public static String name(String name) {
        return FirewallConfig.madeAuthoritySecret(name);
    }

    /** True where {@code config} needs an authority that is made for it. */
    public static boolean isFor(FirewallConfig config) {
        var tls = config.spec().tlsInterception();
        return tls != null && tls.enabled() && tls.caSecretRef() == null;
    }

    /** The keys of the Secret that the pods of {@code config} need beside those its spec refers to. */
    public static Set<SecretKey> keys(FirewallConfig config) {
        return isFor(config)
                ? Set.of(
                        new SecretKey(
                                config.namespace(), config.authoritySecret(), CertificateAuthority.CERTIFICATE_KEY),
                        new SecretKey(
                                config.namespace(), config.authoritySecret(), CertificateAuthority.PRIVATE_KEY_KEY))
                : Set.of();
    }

    /**
     * Makes the Secret of {@code policy} where it is needed and not there.
     *
     * @param seen the Secret as an informer last saw it
     * @throws ObjectConflictException when a Secret of that name belongs to somebody else
     */
    public void ensure(HasMetadata policy, FirewallConfig config, Optional<Secret> seen) {
        if (!isFor(config)) {
            return;
        }
        var secrets = client.secrets().inNamespace(config.namespace());
        var there = seen.or(() ->
                Optional.ofNullable(secrets.withName(config.authoritySecret()).get()));
        if (there.isPresent()) {
            if (!Labels.owns(policy, there.get())) {
                throw new ObjectConflictException(there.get());
            }
            return;
        }
        var copy = secrets.withName(SecretProjection.name(Role.FIREWALL, config.name()))
                .get();
        var certificate = copied(copy, config, CertificateAuthority.CERTIFICATE_KEY);
        var key = copied(copy, config, CertificateAuthority.PRIVATE_KEY_KEY);
        if (certificate != null && key != null) {
            write(policy, config, certificate, key);
            events.record(
                    policy,
                    Reason.AuthorityRestored,
                    "Secret " + config.authoritySecret() + " was gone; the authority was put back from the pods' copy");
            return;
        }
        var made = CertificateAuthority.create(config.namespace() + "/" + config.name(), clock.instant());
        write(policy, config, encoded(made.certificatePem()), encoded(made.keyPem()));
        events.record(
                policy,
                Reason.AuthorityMade,
                "an authority for TLS interception was made in Secret " + config.authoritySecret()
                        + ", SHA-256 " + made.fingerprint() + "; agents must trust the certificate in ConfigMap "
                        + config.authoritySecret());
    }

    private static @Nullable String copied(@Nullable Secret copy, FirewallConfig config, String key) {
        return copy == null || copy.getData() == null
                ? null
                : copy.getData()
                        .get(SecretProjection.dataKey(
                                new SecretKey(config.namespace(), config.authoritySecret(), key)));
    }

    private void write(HasMetadata policy, FirewallConfig config, String certificate, String key) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(config.namespace())
                        .withName(config.authoritySecret())
                        .withLabels(Labels.of(Role.FIREWALL, config.name()))
                        .withOwnerReferences(Labels.owner(policy))
                        .endMetadata()
                        .withType("kubernetes.io/tls")
                        .withData(Map.of(
                                CertificateAuthority.CERTIFICATE_KEY,
                                certificate,
                                CertificateAuthority.PRIVATE_KEY_KEY,
                                key))
                        .build())
                .fieldManager(ServerSideApply.FIELD_MANAGER)
                .serverSideApply();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
