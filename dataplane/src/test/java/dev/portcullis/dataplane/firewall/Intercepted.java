package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** What tests of intercepted tunnels have in common. */
final class Intercepted {
    private Intercepted() {}

    static String policy(int port, String more) {
        return "{\"connect\": {\"ports\": [" + port + "]}, \"tlsInterception\": {\"enabled\": true,"
                + " \"upstreamTrust\": {\"configMapRef\": {\"name\": \"trust\"}}" + more + "}}";
    }

    static Origin origin(String text) throws IOException {
        return Origin.secure(TestCertificates.origin("origin.test"), Origin.text(text));
    }

    static HttpResponse<String> get(HttpClient client, Origin origin, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("https://origin.test:" + origin.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static HttpClient client(TestFirewall firewall) {
        return firewall.tlsClient(HttpClient.Version.HTTP_1_1);
    }

    /** TLS through a tunnel, its certificate checked against {@code tls}. */
    static SSLSocket tunnel(TestFirewall firewall, SSLContext tls, String host, int port) throws IOException {
        var socket = firewall.connect();
        assertThat(Wire.exchange(socket, "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                        .status())
                .isEqualTo(200);
        var secure = (SSLSocket) tls.getSocketFactory().createSocket(socket, host, port, true);
        var parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        return secure;
    }

    static SSLSocket tunnel(TestFirewall firewall, Origin origin) throws IOException {
        return tunnel(firewall, origin.port());
    }

    static SSLSocket tunnel(TestFirewall firewall, int port) throws IOException {
        return tunnel(firewall, TestCertificates.client(TestCertificates.POLICY), "origin.test", port);
    }

    /** The ClientHello of a real client, which sends nothing after it. */
    static byte[] firstFlight() throws Exception {
        var engine = TestCertificates.client(TestCertificates.POLICY).createSSLEngine("origin.test", 443);
        engine.setUseClientMode(true);
        engine.beginHandshake();
        var out = java.nio.ByteBuffer.allocate(32 * 1024);
        engine.wrap(java.nio.ByteBuffer.allocate(0), out);
        var bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    static void isClosed(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }
}
