package dev.portcullis.dataplane.flow;

import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.v1alpha1.ListenersSpec;
import dev.portcullis.crd.v1alpha1.LocalRef;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.decode.Octets;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.flow.ingest.SelfSigned;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.handler.ssl.SslContext;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpfixTlsTest {
    private static final byte[] STREAM = new Octets()
            .add(
                    ipfix(0, 1, set(2, standardTemplate(256))),
                    ipfix(0, 1, set(256, record("192.0.2.7", "198.51.100.1", 3))))
            .bytes();

    @TempDir
    private Path folder;

    private final PrometheusRegistry registry = new PrometheusRegistry();

    private static SecretSource secrets(Map<String, byte[]> values) {
        return ref -> Optional.ofNullable(values.get(ref.name() + "/" + ref.key()));
    }

    private static ListenersSpec.IpfixTcp listener(@Nullable SecretKeyRef clientCa) {
        return new ListenersSpec.IpfixTcp(4739, true, new LocalRef("ipfix"), clientCa);
    }

    private Ingest start(AtomicReference<@Nullable SslContext> tls) throws IOException {
        return new Ingest(
                TestPolicies.sampleWith("listeners: {ipfixTcp: {enabled: true}}"),
                new Ingest.Settings(InetAddress.getLoopbackAddress(), 1, 1 << 20, true, null, tls::get),
                new FlowMetrics(registry),
                System::nanoTime);
    }

    /** An exporter that believes {@code server} and shows {@code own}. */
    private static SSLContext exporter(SelfSigned server, @Nullable SelfSigned own) throws Exception {
        var trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(
                "server",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(server.certificate())));
        var trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusts.init(trust);
        var context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : keys(own).getKeyManagers(), trusts.getTrustManagers(), null);
        return context;
    }

    private static KeyManagerFactory keys(SelfSigned own) throws Exception {
        var pem = new String(own.key(), StandardCharsets.US_ASCII).replaceAll("-----.*-----|\\s", "");
        var key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, new char[0], new Certificate[] {
            CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(own.certificate()))
        });
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return keys;
    }

    private static SSLSocket connect(SSLContext context, Ingest ingest) throws IOException {
        var socket = (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), ingest.ipfixTcpPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private void awaitFlows(double count) {
        await().untilAsserted(() -> assertThat(Metrics.value(registry, "kapkan_ingest_flows_total", "ipfix"))
                .isEqualTo(count));
    }

    @Test
    void messagesComeOverTlsAndARenewedCertificateIsUsedAtOnce() throws Exception {
        var old = SelfSigned.of("old", folder);
        var renewed = SelfSigned.of("renewed", folder);
        var tls = new AtomicReference<@Nullable SslContext>(read(old, null));
        try (var ingest = start(tls)) {
            try (var socket = connect(exporter(old, null), ingest)) {
                socket.getOutputStream().write(STREAM);
                awaitFlows(1);
                assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
            }
            tls.set(read(renewed, null));
            try (var socket = connect(exporter(renewed, null), ingest)) {
                socket.getOutputStream().write(STREAM);
                awaitFlows(2);
            }
            // Plain text is no handshake: the session ends and nothing counts.
            try (var plain = new Socket(InetAddress.getLoopbackAddress(), ingest.ipfixTcpPort())) {
                plain.setSoTimeout(30_000);
                plain.getOutputStream().write(STREAM);
                assertThat(ended(plain)).isTrue();
            }
            awaitFlows(2);
        }
    }

    @Test
    void exportersShowACertificateWhereAnAuthorityIsGiven() throws Exception {
        var server = SelfSigned.of("server", folder);
        var router = SelfSigned.of("router", folder);
        var stranger = SelfSigned.of("stranger", folder);
        try (var ingest = start(new AtomicReference<>(read(server, router)))) {
            for (var who : new SelfSigned[] {null, stranger}) {
                try (var socket = connect(exporter(server, who), ingest)) {
                    socket.getOutputStream().write(STREAM);
                    assertThat(ended(socket)).isTrue();
                } catch (IOException refused) {
                    // The alert may be faster than the write.
                    assertThat(refused).isNotNull();
                }
            }
            try (var socket = connect(exporter(server, router), ingest)) {
                socket.getOutputStream().write(STREAM);
                awaitFlows(1);
            }
        }
    }

    private static boolean ended(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // A TLS alert.
            }
            return true;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** The TLS of a listener with this certificate, for those alone that {@code authority} signed where there is one. */
    static @Nullable SslContext read(SelfSigned server, @Nullable SelfSigned authority) {
        var values = new HashMap<>(Map.of("ipfix/tls.crt", server.certificate(), "ipfix/tls.key", server.key()));
        if (authority != null) {
            values.put("ca/ca.crt", authority.certificate());
        }
        return IpfixCertificate.read(
                listener(authority == null ? null : new SecretKeyRef("ca", "ca.crt")), secrets(values));
    }

    @Test
    void aSecretThatTlsCannotUseIsRefusedWithTheFieldAndNothingOfItsContent() throws Exception {
        var server = SelfSigned.of("server", folder);
        var garbage = "not PEM at all".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> IpfixCertificate.read(listener(null), secrets(Map.of())))
                .hasMessageContaining("spec.listeners.ipfixTcp.tlsSecretRef")
                .hasMessageContaining("'tls.crt'");
        assertThatThrownBy(() -> IpfixCertificate.read(
                        listener(null), secrets(Map.of("ipfix/tls.crt", garbage, "ipfix/tls.key", server.key()))))
                .hasMessageContaining("spec.listeners.ipfixTcp.tlsSecretRef")
                .hasMessageNotContaining("not PEM at all");
        assertThatThrownBy(() -> IpfixCertificate.read(
                        listener(new SecretKeyRef("ca", "ca.crt")),
                        secrets(Map.of(
                                "ipfix/tls.crt",
                                server.certificate(),
                                "ipfix/tls.key",
                                server.key(),
                                "ca/ca.crt",
                                garbage))))
                .hasMessageContaining("spec.listeners.ipfixTcp.clientCaSecretRef")
                .hasMessageNotContaining("not PEM at all");
    }
}
