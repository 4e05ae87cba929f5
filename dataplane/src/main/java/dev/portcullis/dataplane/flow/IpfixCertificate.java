package dev.portcullis.dataplane.flow;

import dev.portcullis.crd.v1alpha1.ListenersSpec;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.config.SecretSource;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The certificate of IPFIX over TLS, out of its Secret (RFC 7011 section 11.1; TLS 1.2 and 1.3). */
final class IpfixCertificate {
    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";
    private static final String PATH = "spec.listeners.ipfixTcp.";

    private IpfixCertificate() {}

    /**
     * Reads what {@code listener} refers to.
     *
     * @return null for a listener without TLS
     * @throws IllegalArgumentException with the field path and what to do, when a Secret is missing or is none that TLS can
     *     use; nothing of its content is said
     */
    static @Nullable SslContext read(ListenersSpec.IpfixTcp listener, SecretSource secrets) {
        var secret = listener.tlsSecretRef();
        if (!listener.enabled() || secret == null) {
            return null;
        }
        var certificate = bytes(secrets, new SecretKeyRef(secret.name(), CERTIFICATE), "tlsSecretRef");
        var key = bytes(secrets, new SecretKeyRef(secret.name(), KEY), "tlsSecretRef");
        SslContextBuilder builder;
        try {
            builder = SslContextBuilder.forServer(certificate, key);
        } catch (IllegalArgumentException notPem) {
            throw refused(
                    "tlsSecretRef", "Secret '" + secret.name() + "' holds no certificate and key in PEM that match");
        }
        builder.protocols("TLSv1.3", "TLSv1.2")
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK);
        var authority = listener.clientCaSecretRef();
        if (authority != null) {
            try {
                builder.trustManager(bytes(secrets, authority, "clientCaSecretRef"))
                        .clientAuth(ClientAuth.REQUIRE);
            } catch (IllegalArgumentException notPem) {
                throw refused("clientCaSecretRef", "Secret '" + authority.name() + "' holds no certificates in PEM");
            }
        }
        try {
            return builder.build();
        } catch (SSLException unusable) {
            throw refused("tlsSecretRef", "Secret '" + secret.name() + "' holds a certificate that TLS cannot use");
        }
    }

    private static InputStream bytes(SecretSource secrets, SecretKeyRef ref, String field) {
        Optional<byte[]> value = secrets.read(ref);
        return new ByteArrayInputStream(
                value.orElseThrow(() -> refused(field, "Secret '" + ref.name() + "' has no key '" + ref.key() + "'")));
    }

    private static IllegalArgumentException refused(String field, String what) {
        return new IllegalArgumentException(PATH + field + ": " + what
                + ": write a Secret of type kubernetes.io/tls, for example with kubectl create secret tls");
    }
}
