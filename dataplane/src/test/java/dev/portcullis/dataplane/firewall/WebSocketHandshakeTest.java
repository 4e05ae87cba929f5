package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a WebSocket begins, or does not. */
@Timeout(120)
class WebSocketHandshakeTest {
    private static String forward(WebSocketOrigin origin) {
        return "http://origin.test:" + origin.port() + "/chat";
    }

    private static Frames.Frame read(Socket socket) throws IOException {
        return Frames.read(socket.getInputStream());
    }

    @Test
    void beyondTheMostConnectionsOneIsRefusedUntilAnotherEnds() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{\"webSocket\": {\"maxConnections\": 1}}");
                var first = firewall.connect();
                var second = firewall.connect()) {
            Frames.open(first, forward(origin));
            var refused = Wire.exchange(second, Frames.handshake(forward(origin)));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.headers()).containsEntry("x-portcullis-block", "websocket");
            assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            first.close();
            await().ignoreExceptions().untilAsserted(() -> {
                try (var third = firewall.connect()) {
                    assertThat(Frames.open(third, forward(origin)).status()).isEqualTo(101);
                }
            });
        }
    }

    @Test
    void aRequestThatIsNotAWebSocketHandshakeIsRefused() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}")) {
            var target = forward(origin);
            for (var broken : new String[] {
                Frames.handshake(target).replaceFirst("Sec-WebSocket-Key: [^\r]*", "Sec-WebSocket-Key: short"),
                Frames.handshake(target).replaceFirst("Sec-WebSocket-Key: [^\r]*\r\n", ""),
                Frames.handshake(target).replace("GET ", "POST "),
                Frames.handshake(target, "Content-Length: 5") + "hello"
            }) {
                try (var socket = firewall.connect()) {
                    assertThat(Wire.exchange(socket, broken).status())
                            .as(broken)
                            .isEqualTo(400);
                }
            }
            try (var socket = firewall.connect()) {
                var reply = Wire.exchange(socket, "GET /ws?url=" + origin.url() + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(reply.status()).isEqualTo(426);
                assertThat(reply.headers()).containsEntry("sec-websocket-version", "13");
                assertThat(Wire.exchange(socket, Frames.handshake("/ws?url=http://origin.test/"))
                                .status())
                        .isEqualTo(400);
            }
            firewall.swap("{\"webSocket\": {\"enabled\": false}}");
            try (var socket = firewall.connect();
                    var other = firewall.connect()) {
                assertThat(Wire.exchange(socket, Frames.handshake("/ws?url=" + origin.url()))
                                .status())
                        .isEqualTo(404);
                assertThat(Wire.exchange(other, Frames.handshake(target)).status())
                        .isEqualTo(403);
            }
            assertThat(origin.handshakes).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13, 8\r\n", ""})
    void aClientOfAnotherVersionIsToldWhichIsSpoken(String version) throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.withReverseProxy("http://127.0.0.1:" + origin.port(), "")) {
            for (var target : new String[] {forward(origin), "/ws?url=" + origin.url(), "/chat"}) {
                try (var socket = target.equals("/chat") ? firewall.connectToReverseProxy() : firewall.connect()) {
                    var reply = Wire.exchange(
                            socket, Frames.handshake(target).replace("Sec-WebSocket-Version: 13\r\n", version));
                    assertThat(reply.status()).as(target).isEqualTo(426);
                    assertThat(reply.headers())
                            .containsEntry("sec-websocket-version", "13")
                            .containsEntry("upgrade", "websocket")
                            .containsEntry("x-portcullis-block", "parser");
                    assertThat(reply.body()).contains("upgrade_required");
                }
            }
            assertThat(origin.handshakes).isEmpty();
            assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                    .isEqualTo(3);
        }
    }

    @Test
    void anOriginThatDeclinesIsHeardAndOneThatAnswersWrongIsABadGateway() throws Exception {
        try (var origin = Origin.saying("no");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(socket, Frames.handshake(origin.url("/")));
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo("no");
            assertThat(reply.headers()).containsEntry("connection", "close");
        }
        for (var answer : new String[] {
            "Sec-WebSocket-Accept: bm90IHRoZSBhbnN3ZXI=\r\n",
            "Sec-WebSocket-Accept: QV3I5XUXU2CdhtjixE7QCkCcMZM=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
        }) {
            try (var origin = new RawOrigin(socket -> {
                        socket.getInputStream().readNBytes(10);
                        Wire.send(
                                socket,
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + answer + "\r\n");
                        socket.getInputStream().readAllBytes();
                    });
                    var firewall = TestFirewall.with("{}");
                    var socket = firewall.connect()) {
                var reply = Wire.exchange(socket, Frames.handshake("http://origin.test:" + origin.port() + "/"));
                assertThat(reply.status()).isEqualTo(502);
                assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"protocol\"}"))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void anOriginThatSwitchesUnaskedIsABadGateway() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    socket.getInputStream().readNBytes(10);
                    Wire.send(
                            socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw");
                    socket.getInputStream().readAllBytes();
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply =
                    Wire.exchange(socket, "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(reply.status()).isEqualTo(502);
        }
    }

    @Test
    void framesThatComeWithTheHandshakesAreNotLost() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    var in = socket.getInputStream();
                    var head = new StringBuilder();
                    while (!head.toString().endsWith("\r\n\r\n")) {
                        head.append((char) in.read());
                    }
                    var key = head.toString().replaceFirst("(?is).*sec-websocket-key: ([^\r]*).*", "$1");
                    var out = new ByteArrayOutputStream();
                    out.writeBytes(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    out.writeBytes(Frames.server(Frames.TEXT, "first words"));
                    Frames.send(socket, out.toByteArray());
                    var frame = Frames.read(in);
                    Frames.send(socket, Frames.server(Frames.TEXT, "length " + frame.payload().length));
                    in.readAllBytes();
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.send(
                    socket,
                    join(
                            Frames.handshake("http://origin.test:" + origin.port() + "/")
                                    .getBytes(StandardCharsets.US_ASCII),
                            Frames.client(Frames.TEXT, "early")));
            assertThat(Wire.read(socket.getInputStream()).status()).isEqualTo(101);
            assertThat(read(socket).text()).isEqualTo("first words");
            // The masking key stands before the payload where a server's reader does not look for it.
            assertThat(read(socket).text()).isEqualTo("length 5");
        }
    }

    private static String accept(String key) {
        try {
            return java.util.Base64.getEncoder()
                    .encodeToString(java.security.MessageDigest.getInstance("SHA-1")
                            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
