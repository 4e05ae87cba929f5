package dev.portcullis.dataplane.firewall.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards origins: which authorities are trusted, and what is said when an origin is not. Versions 1.2 and 1.3; the
 * certificate must be for the host that was asked for (RFC 9525). Thread-safe; made once for each set of authorities,
 * since connections are pooled by it.
 */
public final class UpstreamTls {
    private static final List<Path> BUNDLES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/cert.pem"));

    private final List<X509Certificate> added;
    private @Nullable SslContext http1;
    private @Nullable SslContext http2;

    /** Trusts the machine's authorities and {@code added}. Reads nothing before the first connection. */
    public UpstreamTls(List<X509Certificate> added) {
        this.added = List.copyOf(added);
    }

    /**
     * The handler of a connection.
     *
     * @param host the name or address its certificate must be for
     * @param multiplexed whether HTTP/2 is offered beside HTTP/1.1
     * @throws SSLException when the authorities cannot be read
     */
    SslHandler handler(ByteBufAllocator allocator, String host, int port, boolean multiplexed) throws SSLException {
        var name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return context(multiplexed).newHandler(allocator, name, port);
    }

    private synchronized SslContext context(boolean multiplexed) throws SSLException {
        var known = multiplexed ? http2 : http1;
        if (known != null) {
            return known;
        }
        var builder = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .endpointIdentificationAlgorithm("HTTPS")
                .trustManager(authorities());
        var protocols = multiplexed
                ? new String[] {ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1}
                : new String[] {ApplicationProtocolNames.HTTP_1_1};
        var made = builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocols))
                .build();
        if (multiplexed) {
            http2 = made;
        } else {
            http1 = made;
        }
        return made;
    }

    private TrustManagerFactory authorities() throws SSLException {
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            var index = 0;
            for (var authority : (Iterable<X509Certificate>) Stream.concat(machines(), added.stream())::iterator) {
                store.setCertificateEntry("authority-" + index++, authority);
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new SSLException("the authorities of this machine cannot be read: " + e.getMessage(), e);
        }
    }

    /** The machine's bundle where there is one, else Java's own. */
    private static Stream<X509Certificate> machines() throws GeneralSecurityException, IOException {
        var named = System.getenv("SSL_CERT_FILE");
        var candidates = named == null ? BUNDLES.stream() : Stream.concat(Stream.of(Path.of(named)), BUNDLES.stream());
        var bundle = candidates.filter(Files::isReadable).findFirst().orElse(null);
        if (bundle != null) {
            try (var in = Files.newInputStream(bundle)) {
                return java.security.cert.CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                        .map(X509Certificate.class::cast);
            }
        }
        var standard = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        standard.init((KeyStore) null);
        return Stream.of(standard.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .flatMap(manager -> Stream.of(((X509TrustManager) manager).getAcceptedIssuers()));
    }

    /** Why there is no TLS connection to {@code host}, in a sentence for whoever asked for it. */
    static String failure(Throwable cause, String host) {
        var what = reason(cause);
        return "no TLS connection to " + host + ": " + what;
    }

    private static String reason(Throwable cause) {
        for (var step = cause; step != null; step = step.getCause()) {
            if (step instanceof CertificateExpiredException) {
                return "its certificate, or one above it, has expired";
            }
            if (step instanceof CertificateNotYetValidException) {
                return "its certificate is not valid yet";
            }
            var message = step.getMessage() == null ? "" : step.getMessage().toLowerCase(Locale.ROOT);
            if (message.contains("unable to find valid certification path")
                    || message.contains("no trusted certificate")) {
                return "its certificate is signed by itself or by an authority that is not trusted;"
                        + " trust it with tlsInterception.upstreamTrust";
            }
            if (step instanceof CertificateException
                    && (message.contains("subject alternative") || message.contains("no name matching"))) {
                return "its certificate is for another host (" + step.getMessage() + ")";
            }
        }
        var message = cause.getMessage();
        if (cause instanceof io.netty.handler.ssl.SslHandshakeTimeoutException) {
            return "the handshake took too long";
        }
        if (cause instanceof java.nio.channels.ClosedChannelException) {
            return "it closed the connection during the handshake";
        }
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
