package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.net.ssl.SSLSocket;

/** The ways of an agent to an origin, each as its client sees it. */
enum Route {
    FORWARD,
    FETCH,
    REVERSE,
    TUNNEL,
    INTERCEPTED,
    INTERCEPTED_HTTP2,
    WEBSOCKET,
    WEBSOCKET_BY_LOCAL_ROUTE,
    WEBSOCKET_INTERCEPTED;

    /** What a client is told, and how its connection ends. */
    record Outcome(int status, String body, boolean cut) {}

    /** True where the origin is spoken to in TLS that the firewall begins. */
    boolean secure() {
        return this == INTERCEPTED || this == INTERCEPTED_HTTP2 || this == WEBSOCKET_INTERCEPTED;
    }

    boolean webSocket() {
        return this == WEBSOCKET || this == WEBSOCKET_BY_LOCAL_ROUTE || this == WEBSOCKET_INTERCEPTED;
    }

    /** Has TLS loaded: the first handshake of a Java program takes longer than the idle times of tests. */
    static void firstHandshakes() throws Exception {
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("hello"))) {
            for (var route : new Route[] {INTERCEPTED, INTERCEPTED_HTTP2}) {
                try (var firewall = route.firewall("origin.test", origin.port(), "")) {
                    assertThat(route.ask(firewall, "origin.test", origin.port()).status())
                            .isEqualTo(200);
                }
            }
        }
    }

    /** An origin that does with each connection what {@code script} says, in TLS where the firewall speaks that to it. */
    RawOrigin origin(RawOrigin.Script script) throws IOException {
        return secure() ? RawOrigin.secure(TestCertificates.origin("origin.test"), script) : new RawOrigin(script);
    }

    /** A firewall for {@code host}, with more fields of its policy, in which a place that is not given back is missed at once. */
    TestFirewall firewall(String host, int port, String limits) throws IOException {
        var fields = "\"connect\": {\"ports\": [], \"verifySni\": false}, \"webSocket\": {\"maxConnections\": 1, "
                + "\"idleTimeout\": \"300ms\"}, \"limits\": {\"tunnels\": 1" + limits + "}";
        if (secure()) {
            fields += ", \"tlsInterception\": {\"enabled\": true,"
                    + " \"upstreamTrust\": {\"configMapRef\": {\"name\": \"trust\"}}}";
        }
        return this == REVERSE
                ? TestFirewall.withReverseProxy("http://" + host + ":" + port, fields)
                : TestFirewall.with("{" + fields + "}");
    }

    /** Asks, and reads to the end. */
    Outcome ask(TestFirewall firewall, String host, int port) throws Exception {
        var url = host + ":" + port + "/";
        return switch (this) {
            case FORWARD -> plain(firewall.connect(), "GET http://" + url, "x");
            case FETCH -> plain(firewall.connect(), "GET /fetch?url=http://" + url, "x");
            case REVERSE -> plain(firewall.connectToReverseProxy(), "GET /", "x");
            case TUNNEL -> tunnel(firewall, host, port);
            case INTERCEPTED -> {
                try (var socket = inside(firewall, host, port)) {
                    yield plain(socket, "GET /", host + ":" + port);
                } catch (NoTunnelException e) {
                    yield e.outcome;
                }
            }
            case INTERCEPTED_HTTP2 -> http2(firewall, url);
            case WEBSOCKET -> messages(firewall.connect(), "http://" + url, "x");
            case WEBSOCKET_BY_LOCAL_ROUTE -> messages(firewall.connect(), "/ws?url=ws://" + url, "x");
            case WEBSOCKET_INTERCEPTED -> {
                try (var socket = inside(firewall, host, port)) {
                    yield messages(socket, "/", host + ":" + port);
                } catch (NoTunnelException e) {
                    yield e.outcome;
                }
            }
        };
    }

    private static Outcome plain(Socket socket, String line, String host) throws IOException {
        try (socket) {
            Wire.send(socket, line + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: application/json\r\n\r\n");
            return answered(socket);
        }
    }

    private static Outcome answered(Socket socket) {
        try {
            var reply = Wire.read(socket.getInputStream());
            return new Outcome(reply.status(), reply.body(), false);
        } catch (IOException e) {
            return new Outcome(0, e.toString(), true);
        }
    }

    private static Outcome tunnel(TestFirewall firewall, String host, int port) throws IOException {
        try (var socket = firewall.connect()) {
            Wire.send(socket, connect(host, port));
            var outcome = answered(socket);
            if (outcome.status() != 200) {
                return outcome;
            }
            Wire.send(socket, "hello");
            try {
                return new Outcome(200, new String(socket.getInputStream().readAllBytes()), true);
            } catch (IOException e) {
                return new Outcome(200, e.toString(), true);
            }
        }
    }

    private static String connect(String host, int port) {
        return "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n";
    }

    private static SSLSocket inside(TestFirewall firewall, String host, int port) throws IOException {
        var socket = firewall.connect();
        Wire.send(socket, connect(host, port));
        var outcome = answered(socket);
        if (outcome.status() != 200) {
            socket.close();
            throw new NoTunnelException(outcome);
        }
        return (SSLSocket) TestCertificates.client(TestCertificates.POLICY)
                .getSocketFactory()
                .createSocket(socket, host, port, true);
    }

    private static Outcome http2(TestFirewall firewall, String url) throws Exception {
        try (var client = firewall.tlsClient(HttpClient.Version.HTTP_2)) {
            var request = HttpRequest.newBuilder(URI.create("https://" + url))
                    .header("Accept", "application/json")
                    .build();
            try {
                var reply = client.send(request, HttpResponse.BodyHandlers.ofString());
                return new Outcome(reply.statusCode(), reply.body(), false);
            } catch (IOException e) {
                // Java's client tells of a refused CONNECT in an exception.
                var refused = String.valueOf(e.getMessage()).contains("502");
                return new Outcome(refused ? 502 : 0, e.toString(), !refused);
            }
        }
    }

    private static Outcome messages(Socket socket, String target, String host) throws IOException {
        try (socket) {
            Wire.send(
                    socket, Frames.handshake(target, "Accept: application/json").replace("Host: x", "Host: " + host));
            var outcome = answered(socket);
            if (outcome.status() != 101) {
                return outcome;
            }
            try {
                Frames.Frame frame;
                do {
                    frame = Frames.read(socket.getInputStream());
                } while (frame.opcode() != Frames.CLOSE);
                return new Outcome(101, frame.code() + " " + frame.text().substring(2), true);
            } catch (IOException e) {
                return new Outcome(101, e.toString(), true);
            }
        }
    }

    private static final class NoTunnelException extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Outcome outcome;

        NoTunnelException(Outcome outcome) {
            this.outcome = outcome;
        }
    }
}
