package dev.portcullis.dataplane.firewall.tls;

import dev.portcullis.crd.ca.CertificateAuthority;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs certificates for hosts in the name of one authority (RFC 5280): EC P-256, one key for all of them, the host as
 * subject alternative name (RFC 9525), server authentication only, never longer valid than the authority. Thread-safe.
 */
final class LeafSigner {
    private static final Provider PROVIDER = new BouncyCastleProvider();
    private static final Duration BACKDATED = Duration.ofHours(1);
    private static final int LONGEST_COMMON_NAME = 64;

    private final CertificateAuthority authority;
    private final X500Name issuer;
    private final KeyPair keys;
    private final SecureRandom random = new SecureRandom();

    /** A signer for {@code authority}. */
    LeafSigner(CertificateAuthority authority) {
        this.authority = authority;
        try {
            this.issuer = new JcaX509CertificateHolder(authority.certificate()).getSubject();
            var generator = KeyPairGenerator.getInstance("EC", PROVIDER);
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            this.keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every provider makes EC P-256 keys", e);
        }
    }

    /** The private key of every leaf. */
    PrivateKey key() {
        return keys.getPrivate();
    }

    /**
     * A certificate for {@code host}, followed by the authority's chain without a root, which clients have.
     *
     * @param host a name or an address, without brackets
     * @throws GeneralSecurityException when the authority has expired or cannot sign
     */
    List<X509Certificate> sign(String host, Instant now, Duration lifetime) throws GeneralSecurityException {
        var last = authority.certificate().getNotAfter().toInstant();
        if (!now.isBefore(last)) {
            throw new GeneralSecurityException("the authority expired on " + last);
        }
        var wanted = now.plus(lifetime);
        try {
            var first = authority.certificate().getNotBefore().toInstant();
            var backdated = now.minus(BACKDATED);
            var subject = subject(host);
            var builder = new JcaX509v3CertificateBuilder(
                            issuer,
                            new BigInteger(127, random).add(BigInteger.ONE),
                            Date.from(backdated.isBefore(first) ? first : backdated),
                            Date.from(wanted.isAfter(last) ? last : wanted),
                            subject,
                            keys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(
                            Extension.subjectAlternativeName,
                            subject.getRDNs().length == 0,
                            new GeneralNames(alternative(host)))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils()
                                    .createAuthorityKeyIdentifier(
                                            authority.certificate().getPublicKey()));
            var signer = new JcaContentSignerBuilder(authority.signatureAlgorithm())
                    .setProvider(PROVIDER)
                    .build(authority.key());
            var chain = new ArrayList<X509Certificate>();
            chain.add(new JcaX509CertificateConverter().getCertificate(builder.build(signer)));
            for (var above : authority.chain()) {
                if (!above.getSubjectX500Principal().equals(above.getIssuerX500Principal())) {
                    chain.add(above);
                }
            }
            return chain;
        } catch (OperatorCreationException | IOException e) {
            throw new GeneralSecurityException("the authority cannot sign: " + e.getMessage(), e);
        }
    }

    private static X500Name subject(String host) {
        var name = new X500NameBuilder(BCStyle.INSTANCE);
        return host.length() > LONGEST_COMMON_NAME
                ? name.build()
                : name.addRDN(BCStyle.CN, host).build();
    }

    private static GeneralName alternative(String host) {
        var address = NetUtil.createByteArrayFromIpAddressString(host);
        return address == null
                ? new GeneralName(GeneralName.dNSName, host)
                : new GeneralName(GeneralName.iPAddress, new DEROctetString(address));
    }
}
