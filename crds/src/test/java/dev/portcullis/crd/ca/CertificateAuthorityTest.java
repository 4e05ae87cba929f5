package dev.portcullis.crd.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.CertificateException;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final CertificateAuthority ONE = CertificateAuthority.create("agents/coding", NOW);

    @Test
    void aNewOneIsAnAuthorityOnP256ThatSignsOnlyLeaves() throws Exception {
        var certificate = ONE.certificate();

        assertThat(certificate.getBasicConstraints()).isZero();
        assertThat(((ECPublicKey) certificate.getPublicKey())
                        .getParams()
                        .getCurve()
                        .getField()
                        .getFieldSize())
                .isEqualTo(256);
        assertThat(certificate.getSubjectX500Principal().getName()).contains("CN=Portcullis CA agents/coding");
        assertThat(certificate.getNotBefore()).isBefore(java.util.Date.from(NOW));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(CertificateAuthority.LIFETIME));
        assertThat(certificate.getSerialNumber().bitLength()).isBetween(64, 128);
        certificate.verify(certificate.getPublicKey());
    }

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        var read = CertificateAuthority.read(ONE.certificatePem(), ONE.keyPem(), NOW);

        assertThat(read.fingerprint()).isEqualTo(ONE.fingerprint());
        assertThat(read.key()).isEqualTo(ONE.key());
    }

    @Test
    void itNeverShowsItsKey() {
        assertThat(ONE.toString()).contains(ONE.fingerprint()).doesNotContain("PRIVATE");
    }

    @Test
    void whatCannotSignIsRefusedWithASentence() {
        var other = CertificateAuthority.create("other", NOW);

        refuses(ONE.certificatePem(), other.keyPem(), NOW, "does not belong to the first certificate");
        refuses(ONE.certificatePem(), ONE.keyPem(), NOW.plus(Duration.ofDays(4000)), "expired on 2035");
        refuses(ONE.certificatePem(), ONE.keyPem(), NOW.minus(Duration.ofDays(1)), "valid only from");
        refuses("", ONE.keyPem(), NOW, "no PEM certificate");
        refuses(ONE.keyPem(), ONE.keyPem(), NOW, "no PEM certificate");
        refuses(ONE.certificatePem(), "", NOW, "no plain PEM private key");
        refuses(ONE.certificatePem(), ONE.certificatePem(), NOW, "no plain PEM private key");
    }

    @Test
    void garbageIsRefusedWithoutBeingQuoted() {
        var cut = ONE.keyPem().substring(0, 60) + "\n-----END PRIVATE KEY-----\n";
        assertThatThrownBy(() -> CertificateAuthority.read(ONE.certificatePem(), cut, NOW))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("not PEM that can be read")
                .hasMessageNotContaining(cut.substring(30, 50));
        refuses("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ONE.keyPem(), NOW, "can be read");
        refuses("x".repeat(300_000), ONE.keyPem(), NOW, "larger than");
    }

    private static void refuses(String certificate, String key, Instant now, String why) {
        assertThatThrownBy(() -> CertificateAuthority.read(certificate, key, now))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining(why);
    }
}
