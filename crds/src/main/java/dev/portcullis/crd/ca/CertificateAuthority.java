package dev.portcullis.crd.ca;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority that signs the leaves of TLS interception: its certificate with what stands above it, and its
 * private key. Immutable. {@link #toString} shows the fingerprint and never the key.
 *
 * @param chain the authority's own certificate first, then those that lead to a root, if it is not one
 */
public record CertificateAuthority(List<X509Certificate> chain, PrivateKey key) {
    /** Key of the certificate in a Secret of type kubernetes.io/tls. */
    public static final String CERTIFICATE_KEY = "tls.crt";
    /** Key of the private key in a Secret of type kubernetes.io/tls. */
    public static final String PRIVATE_KEY_KEY = "tls.key";
    /** How long an authority that was made here is valid. */
    public static final Duration LIFETIME = Duration.ofDays(3650);

    private static final Duration BACKDATED = Duration.ofHours(1);
    private static final int LONGEST_NAME = 64;
    private static final int KEY_CERT_SIGN = 5;
    private static final int LARGEST_PEM = 256 * 1024;
    private static final int MOST_CERTIFICATES = 500;

    public CertificateAuthority {
        chain = List.copyOf(chain);
    }

    /**
     * Makes a new one: EC P-256, path length 0, valid from an hour before {@code now} for {@link #LIFETIME}.
     *
     * @param owner whose it is, for people who look at their trust store; cut at 64 characters in the name
     */
    public static CertificateAuthority create(String owner, Instant now) {
        try {
            var random = new SecureRandom();
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            var pair = generator.generateKeyPair();
            return new CertificateAuthority(List.of(selfSigned(pair, name(owner), now, random)), pair.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("every JDK makes EC P-256 keys and signs with them", e);
        }
    }

    private static X509Certificate selfSigned(KeyPair pair, X500Name name, Instant now, SecureRandom random)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        var extensions = new JcaX509ExtensionUtils();
        var builder = new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(127, random).add(BigInteger.ONE),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(now.plus(LIFETIME)),
                        name,
                        pair.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .addExtension(
                        Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    private static X500Name name(String owner) {
        var common = "Portcullis CA " + owner;
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, "Portcullis")
                .addRDN(BCStyle.CN, common.substring(0, Math.min(common.length(), LONGEST_NAME)))
                .build();
    }

    /**
     * Reads one from PEM and checks that it can sign leaves now.
     *
     * @param certificates the authority's certificate, then those above it
     * @param privateKey PKCS #8, or the older forms for EC and RSA; not encrypted
     * @throws CertificateException with a sentence that says what is wrong and what to do, and no key material
     */
    public static CertificateAuthority read(String certificates, String privateKey, Instant now)
            throws CertificateException {
        var authority = new CertificateAuthority(certificates(certificates), key(privateKey));
        authority.check(now);
        return authority;
    }

    /**
     * The certificates of a PEM bundle, in order: 1 to {@value #MOST_CERTIFICATES}.
     *
     * @throws CertificateException with a sentence when it cannot be read, or holds none
     */
    public static List<X509Certificate> certificates(String pem) throws CertificateException {
        if (pem.length() > LARGEST_PEM) {
            throw new CertificateException("it is larger than " + LARGEST_PEM + " bytes");
        }
        var found = new ArrayList<X509Certificate>();
        var converter = new JcaX509CertificateConverter();
        try (var parser = new PEMParser(new StringReader(pem))) {
            Object next;
            while ((next = parser.readObject()) != null) {
                if (next instanceof X509CertificateHolder holder) {
                    found.add(converter.getCertificate(holder));
                }
                if (found.size() > MOST_CERTIFICATES) {
                    throw new CertificateException("it holds more than " + MOST_CERTIFICATES + " certificates");
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new CertificateException("a certificate in it is not PEM that can be read: encode it anew");
        }
        if (found.isEmpty()) {
            throw new CertificateException(
                    "there is no PEM certificate in it: store one that begins with " + "-----BEGIN CERTIFICATE-----");
        }
        return found;
    }

    private static PrivateKey key(String pem) throws CertificateException {
        try (var parser = new PEMParser(new StringReader(pem.substring(0, Math.min(pem.length(), LARGEST_PEM))))) {
            var converter = new JcaPEMKeyConverter();
            Object next;
            while ((next = parser.readObject()) != null) {
                if (next instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (next instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
            }
        } catch (IOException | RuntimeException e) {
            // The parser's message could quote the key.
            throw new CertificateException("the private key is not PEM that can be read: encode it anew as PKCS #8");
        }
        throw new CertificateException(
                "there is no plain PEM private key in it: store one that begins with -----BEGIN PRIVATE KEY-----");
    }

    private void check(Instant now) throws CertificateException {
        var own = certificate();
        if (own.getBasicConstraints() < 0) {
            throw new CertificateException(
                    "the first certificate is not an authority (CA:TRUE is missing): store the authority's own");
        }
        var usage = own.getKeyUsage();
        if (usage != null && !usage[KEY_CERT_SIGN]) {
            throw new CertificateException("the authority may not sign certificates: its key usage lacks keyCertSign");
        }
        if (now.isAfter(own.getNotAfter().toInstant())) {
            throw new CertificateException("the authority expired on "
                    + own.getNotAfter().toInstant() + ": store a new one, and give it to those who trust the old one");
        }
        if (now.isBefore(own.getNotBefore().toInstant())) {
            throw new CertificateException("the authority is valid only from "
                    + own.getNotBefore().toInstant() + " on: check the clocks, or wait");
        }
        var weak = own.getPublicKey() instanceof RSAPublicKey rsa
                        && rsa.getModulus().bitLength() < 2048
                || own.getPublicKey() instanceof ECPublicKey ec
                        && ec.getParams().getCurve().getField().getFieldSize() < 256;
        if (weak) {
            throw new CertificateException("the authority's key is too short: use EC P-256, or RSA with 2048 bits");
        }
        if (!belongs(own)) {
            throw new CertificateException(
                    "the private key does not belong to the first certificate: store the pair that was made together");
        }
    }

    private boolean belongs(X509Certificate own) {
        try {
            var challenge = own.getSignature();
            var signature = Signature.getInstance(signatureAlgorithm());
            signature.initSign(key);
            signature.update(challenge);
            var signed = signature.sign();
            signature.initVerify(own.getPublicKey());
            signature.update(challenge);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The authority's own certificate. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /** How it signs, as the JCA names it. */
    public String signatureAlgorithm() {
        return key.getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    }

    /** The whole chain as PEM, the authority first. */
    public String certificatePem() {
        return pem(chain.toArray());
    }

    /** The private key as PEM, PKCS #8. A secret. */
    public String keyPem() {
        try {
            return pem(new JcaPKCS8Generator(key, null));
        } catch (IOException e) {
            throw new IllegalStateException("a key that was read can be written", e);
        }
    }

    private static String pem(Object... objects) {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            for (var object : objects) {
                writer.writeObject(object);
            }
        } catch (IOException e) {
            throw new IllegalStateException("a certificate or key that was read can be written", e);
        }
        return text.toString();
    }

    /** SHA-256 of the certificate, in lower-case hex: what a person compares, and what differs after a rotation. */
    public String fingerprint() {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256").digest(certificate().getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "certificate authority " + fingerprint();
    }
}
