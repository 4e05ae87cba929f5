package dev.portcullis.dataplane.firewall.policy;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.firewall.net.UpstreamTls;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.tls.InterceptionRules;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles what a configuration says about TLS. Keeps the last trust towards origins, so that a change of something else
 * leaves pooled connections usable. Used by one thread at a time.
 */
final class TlsCompiler {
    private static final InterceptionRules OFF =
            new InterceptionRules(null, new DomainSet(List.of()), new DomainSet(List.of()), Duration.ofHours(24), 16);

    private final InstantSource clock;
    private @Nullable String trustText;
    private UpstreamTls trust = new UpstreamTls(List.of());

    TlsCompiler(InstantSource clock) {
        this.clock = clock;
    }

    /** Which tunnels are intercepted; what is wrong is added to {@code problems}. */
    InterceptionRules interception(FirewallConfig config, SecretSource secrets, List<String> problems) {
        var spec = config.spec().tlsInterception();
        if (spec == null || !spec.enabled()) {
            return OFF;
        }
        return new InterceptionRules(
                authority(config.authoritySecret(), secrets, problems),
                new DomainSet(spec.domains()),
                new DomainSet(spec.passthrough()),
                Duration.ofMillis(spec.leafLifetime().toMillis()),
                spec.cacheSize());
    }

    private @Nullable CertificateAuthority authority(String name, SecretSource secrets, List<String> problems) {
        var path = "spec.tlsInterception.caSecretRef";
        var certificate = text(secrets, name, CertificateAuthority.CERTIFICATE_KEY);
        var key = text(secrets, name, CertificateAuthority.PRIVATE_KEY_KEY);
        if (certificate == null || key == null) {
            problems.add(
                    path + ": Secret '" + name + "' with the keys tls.crt and tls.key does not exist: create it, or"
                            + " leave the reference out and one is made.");
            return null;
        }
        try {
            return CertificateAuthority.read(certificate, key, clock.instant());
        } catch (CertificateException e) {
            problems.add(path + ": Secret '" + name + "': " + e.getMessage() + ".");
            return null;
        }
    }

    private static @Nullable String text(SecretSource secrets, String name, String key) {
        return secrets.read(new SecretKeyRef(name, key))
                .map(value -> new String(value, StandardCharsets.US_ASCII))
                .orElse(null);
    }

    /** By which origins are verified; what is wrong is added to {@code problems}. */
    UpstreamTls trust(FirewallConfig config, List<String> problems) {
        var text = config.upstreamTrust();
        if (text.equals(trustText)) {
            return trust;
        }
        try {
            trust = new UpstreamTls(text.isBlank() ? List.of() : CertificateAuthority.certificates(text));
            trustText = text;
        } catch (CertificateException e) {
            problems.add("spec.tlsInterception.upstreamTrust: " + e.getMessage() + ".");
        }
        return trust;
    }
}
