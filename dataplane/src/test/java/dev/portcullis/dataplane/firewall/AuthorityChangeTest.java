package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The authority of interception changes, or ends, while the firewall runs. */
@Timeout(120)
class AuthorityChangeTest {
    private static SSLSocket tunnel(TestFirewall firewall, Origin origin, CertificateAuthority trusted)
            throws Exception {
        return Intercepted.tunnel(firewall, TestCertificates.client(trusted), "origin.test", origin.port());
    }

    private static int get(SSLSocket socket, Origin origin) throws Exception {
        return Wire.exchange(socket, "GET / HTTP/1.1\r\nHost: origin.test:" + origin.port() + "\r\n\r\n")
                .status();
    }

    @Test
    void anotherAuthoritySignsForTheNextTunnelAndOpenOnesStayAsTheyAre() throws Exception {
        var next = CertificateAuthority.create("next", Instant.now());
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("hello"));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var before = tunnel(firewall, origin, TestCertificates.POLICY)) {
            assertThat(get(before, origin)).isEqualTo(200);
            firewall.swap(Intercepted.policy(origin.port(), ""), next, Instant.now());
            try (var after = tunnel(firewall, origin, next)) {
                assertThat(get(after, origin)).isEqualTo(200);
                var leaf = (X509Certificate) after.getSession().getPeerCertificates()[0];
                assertThat(leaf.getIssuerX500Principal())
                        .isEqualTo(next.certificate().getSubjectX500Principal());
            }
            assertThat(get(before, origin)).isEqualTo(200);
            assertThat(firewall.metric("pipelock_tls_cert_cache_size")).isEqualTo(1);
        }
    }

    @Test
    void anAuthorityThatExpiredWhileItWasInForceFailsTunnelsAndTheLogSaysWhy() throws Exception {
        var made = Instant.now().minus(CertificateAuthority.LIFETIME).minus(Duration.ofDays(1));
        var old = CertificateAuthority.create("old", made);
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("hello"));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""))) {
            // Compiled when it was still valid.
            firewall.swap(Intercepted.policy(origin.port(), ""), old, made.plus(Duration.ofDays(1)));
            try (var socket = tunnel(firewall, origin, old)) {
                Intercepted.isClosed(socket);
            }
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"failed\"}"))
                    .isEqualTo(1));
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"handshake_error\"}"))
                    .isZero();
            assertThat(firewall.audit)
                    .anyMatch(event -> event.event().equals("tls_intercept_failed")
                            && event.message().contains("no certificate for origin.test")
                            && event.message().contains("expired on"));
            assertThat(origin.seen).isEmpty();
        }
    }
}
