package dev.portcullis.dataplane.firewall.tls;

import dev.portcullis.crd.ca.CertificateAuthority;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Two authorities made for tests, one that the policy signs with and one that certifies origins, and what they sign. */
public final class TestCertificates {
    /** Signs the leaves of interception. */
    public static final CertificateAuthority POLICY = CertificateAuthority.create("agents/test", Instant.now());
    /** Certifies origins. */
    public static final CertificateAuthority ORIGINS = CertificateAuthority.create("origins", Instant.now());

    private static final LeafSigner SIGNER = new LeafSigner(ORIGINS);

    private TestCertificates() {}

    /** The TLS of an origin called {@code host}, certified by {@link #ORIGINS}. */
    public static SSLContext origin(String host) {
        return origin(SIGNER, host, Instant.now(), Duration.ofDays(1));
    }

    /** The same with a certificate that expired an hour ago. */
    public static SSLContext expiredOrigin(String host) {
        return origin(SIGNER, host, Instant.now().minus(Duration.ofHours(1)), Duration.ofMinutes(1));
    }

    /** The TLS of an origin whose authority nobody knows. */
    public static SSLContext strangerOrigin(String host) {
        return origin(
                new LeafSigner(CertificateAuthority.create("stranger", Instant.now())),
                host,
                Instant.now(),
                Duration.ofDays(1));
    }

    /** The TLS of an origin that signed its certificate itself. */
    public static SSLContext selfSignedOrigin() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            var pair = generator.generateKeyPair();
            var name = new X500Name("CN=origin.test");
            var builder = new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.ONE,
                            new Date(),
                            new Date(System.currentTimeMillis() + 3_600_000),
                            name,
                            pair.getPublic())
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(new GeneralName(GeneralName.dNSName, "origin.test")));
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
            var certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
            return context(pair.getPrivate(), new X509Certificate[] {certificate});
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    private static SSLContext origin(LeafSigner signer, String host, Instant now, Duration lifetime) {
        try {
            return context(signer.key(), signer.sign(host, now, lifetime).toArray(X509Certificate[]::new));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static SSLContext context(java.security.PrivateKey key, X509Certificate[] chain) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("origin", key, new char[0], chain);
            var keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The TLS of a client that trusts {@code authority} and nobody else. */
    public static SSLContext client(CertificateAuthority authority) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", authority.certificate());
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The certificate of an origin called {@code host} and what is above it, as PEM. */
    public static String originPem(String host) {
        try {
            var pem = new StringBuilder();
            for (var certificate : SIGNER.sign(host, Instant.now(), Duration.ofDays(1))) {
                pem.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            return pem.toString();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The key of every origin's certificate, as PEM. */
    public static String originKeyPem() {
        return pem("PRIVATE KEY", SIGNER.key().getEncoded());
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + what + "-----\n";
    }

    /** Writes the certificate of {@code authority} to a file in {@code folder}. */
    public static Path file(CertificateAuthority authority, Path folder) throws IOException {
        return Files.writeString(
                folder.resolve(authority.fingerprint().substring(0, 8) + ".pem"), authority.certificatePem());
    }
}
