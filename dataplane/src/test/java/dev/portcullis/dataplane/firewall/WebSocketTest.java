package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** WebSocket connections through the proxy, over real sockets, with every family they count. */
class WebSocketTest {
    private static String forward(WebSocketOrigin origin) {
        return "http://origin.test:" + origin.port() + "/chat";
    }

    private static Frames.Frame read(Socket socket) throws IOException {
        return Frames.read(socket.getInputStream());
    }

    private static void text(Socket socket, String text) throws IOException {
        Frames.send(socket, Frames.client(Frames.TEXT, text));
    }

    @Test
    void messagesPassBothWaysThroughTheForwardProxyAndAreCounted() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{\"webSocket\": {\"binary\": \"Scan\"}}");
                var socket = firewall.connect()) {
            var reply = Frames.open(
                    socket,
                    forward(origin),
                    "Sec-WebSocket-Protocol: nothing, chat",
                    "Sec-WebSocket-Extensions: permessage-deflate",
                    "Origin: http://page.test",
                    "Cookie: a=b",
                    "X-Forwarded-For: 10.0.0.1");
            assertThat(reply.headers())
                    .containsEntry("sec-websocket-protocol", "chat")
                    .doesNotContainKey("sec-websocket-extensions");
            assertThat(firewall.metric("pipelock_ws_active_connections")).isEqualTo(1);
            text(socket, "hello");
            assertThat(read(socket).text()).isEqualTo("hello");
            Frames.send(socket, Frames.client(true, Frames.BINARY, new byte[200]));
            assertThat(read(socket).payload()).hasSize(200);
            Frames.send(socket, Frames.client(false, Frames.TEXT, "frag".getBytes(StandardCharsets.US_ASCII)));
            Frames.send(socket, Frames.client(Frames.PING, "are you there"));
            var pong = read(socket);
            assertThat(pong.opcode()).isEqualTo(Frames.PONG);
            assertThat(pong.text()).isEqualTo("are you there");
            Frames.send(socket, Frames.client(true, Frames.CONTINUATION, "ments".getBytes(StandardCharsets.US_ASCII)));
            assertThat(read(socket).text()).isEqualTo("fragments");
            Frames.send(socket, Frames.close(1000));
            assertThat(read(socket).code()).isEqualTo(1000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);

            assertThat(origin.seen).containsExactly("hello", "binary 200", "fragments");
            assertThat(origin.closeCodes).containsExactly(1000);
            var seen = origin.handshakes.element();
            assertThat(seen.get("Origin")).isEqualTo("http://page.test");
            assertThat(seen.get("Cookie")).isEqualTo("a=b");
            assertThat(seen.contains("X-Forwarded-For")).isFalse();
            assertThat(seen.contains("Sec-WebSocket-Extensions")).isFalse();

            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_ws_active_connections"))
                    .isZero());
            var page = firewall.metrics();
            assertThat(page)
                    .contains("pipelock_ws_connections_total{result=\"completed\"} 1.0")
                    .contains("pipelock_ws_connections_total{result=\"blocked\"} 0.0")
                    .contains("pipelock_ws_frames_total{type=\"text\"} 5.0")
                    .contains("pipelock_ws_frames_total{type=\"binary\"} 2.0")
                    .contains("pipelock_ws_frames_total{type=\"control\"} 4.0")
                    .contains(
                            "pipelock_ws_bytes_total{direction=\"client_to_server\"} " + (5 + 200 + 9 + 13 + 2) + ".0")
                    .contains(
                            "pipelock_ws_bytes_total{direction=\"server_to_client\"} " + (5 + 200 + 9 + 13 + 2) + ".0")
                    .contains("pipelock_ws_duration_seconds_count 1")
                    .contains("pipelock_requests_total{result=\"allowed\"} 0.0");
            for (var bound :
                    new String[] {"1.0", "5.0", "10.0", "30.0", "60.0", "120.0", "300.0", "600.0", "1800.0", "3600.0"
                    }) {
                assertThat(page).contains("pipelock_ws_duration_seconds_bucket{le=\"" + bound + "\"} 1");
            }
            assertThat(firewall.local("/stats").get("websockets").asInt()).isEqualTo(1);
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("ws_open"));
            assertThat(firewall.audit)
                    .anyMatch(event -> event.event().equals("ws_close")
                            && Long.valueOf(229).equals(event.field("client_to_server_bytes"))
                            && Integer.valueOf(1000).equals(event.field("close_code")));
        }
    }

    @Test
    void anOrdinaryClientReachesAnOriginByTheLocalRoute() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var client = HttpClient.newHttpClient()) {
            var echoed = new CompletableFuture<String>();
            var closed = new CompletableFuture<Integer>();
            var socket = client.newWebSocketBuilder()
                    .header("Origin", "http://page.test")
                    .header("Cookie", "session=1")
                    .header("X-Api-Key", "key-of-the-api")
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + firewall.port() + "/ws?url="
                                    + URLEncoder.encode(origin.url() + "?room=1", StandardCharsets.UTF_8)),
                            new WebSocket.Listener() {
                                @Override
                                public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                                    echoed.complete(text.toString());
                                    return WebSocket.Listener.super.onText(socket, text, last);
                                }

                                @Override
                                public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                                    closed.complete(code);
                                    return CompletableFuture.completedFuture(code);
                                }
                            })
                    .get(10, TimeUnit.SECONDS);
            socket.sendText("Grüße", true);
            assertThat(echoed.get(10, TimeUnit.SECONDS)).isEqualTo("Grüße");
            var seen = origin.handshakes.element();
            assertThat(seen.get("Origin")).isEqualTo("http://origin.test:" + origin.port());
            assertThat(seen.get("Host")).isEqualTo("origin.test:" + origin.port());
            assertThat(seen.contains("Cookie")).isFalse();
            assertThat(seen.get("X-Api-Key")).isEqualTo("key-of-the-api");
            socket.sendText(MarkerScans.SECRET, true);
            assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(1008);
            assertThat(origin.seen).containsExactly("Grüße");
        }
    }

    @Test
    void aSecretInAMessageEndsTheConnectionBeforeItReachesTheOrigin() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            text(socket, "harmless");
            assertThat(read(socket).text()).isEqualTo("harmless");
            text(socket, "take " + MarkerScans.SECRET);
            var close = read(socket);
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.text()).contains("dlp").doesNotContain(MarkerScans.SECRET);
            await().untilAsserted(() -> assertThat(origin.closeCodes).containsExactly(1008));
            assertThat(origin.seen).containsExactly("harmless");
            assertThat(firewall.metric("pipelock_ws_scan_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                    .isZero();
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_ws_duration_seconds_count")).isEqualTo(1);
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("ws_blocked"));
        }
    }

    @Test
    void aSecretThatIsSplitOverMessagesFramesOrPingsIsFound() throws Exception {
        var half = MarkerScans.SECRET.length() / 2;
        var first = MarkerScans.SECRET.substring(0, half);
        var second = MarkerScans.SECRET.substring(half);
        for (var way : new String[] {"messages", "frames", "pings"}) {
            try (var origin = new WebSocketOrigin();
                    var firewall = TestFirewall.with("{}");
                    var socket = firewall.connect()) {
                Frames.open(socket, forward(origin));
                switch (way) {
                    case "messages" -> {
                        text(socket, first);
                        assertThat(read(socket).text()).isEqualTo(first);
                        text(socket, second);
                    }
                    case "frames" -> {
                        Frames.send(
                                socket, Frames.client(false, Frames.TEXT, first.getBytes(StandardCharsets.US_ASCII)));
                        Frames.send(
                                socket,
                                Frames.client(true, Frames.CONTINUATION, second.getBytes(StandardCharsets.US_ASCII)));
                    }
                    default -> {
                        Frames.send(socket, Frames.client(Frames.PING, first));
                        assertThat(read(socket).opcode()).isEqualTo(Frames.PONG);
                        Frames.send(socket, Frames.client(Frames.PING, second));
                    }
                }
                assertThat(read(socket).code()).as(way).isEqualTo(1008);
                assertThat(origin.seen).noneMatch(message -> message.contains(second));
            }
        }
    }

    @Test
    void anInjectionInWhatComesBackIsReportedOrEndsTheConnection() throws Exception {
        var half = MarkerScans.INJECTION.length() / 2;
        for (var action : new String[] {"Warn", "Block"}) {
            try (var origin = new WebSocketOrigin();
                    var firewall = TestFirewall.with("{\"injection\": {\"action\": \"" + action + "\"}}");
                    var socket = firewall.connect()) {
                Frames.open(socket, forward(origin));
                text(socket, MarkerScans.INJECTION.substring(0, half));
                read(socket);
                text(socket, MarkerScans.INJECTION.substring(half));
                var frame = read(socket);
                assertThat(firewall.metric("pipelock_ws_scan_hits_total{scanner=\"prompt_injection\"}"))
                        .isEqualTo(1);
                if (action.equals("Warn")) {
                    assertThat(frame.text()).isEqualTo(MarkerScans.INJECTION.substring(half));
                } else {
                    assertThat(frame.code()).isEqualTo(1008);
                }
            }
        }
    }

    @Test
    void auditLetsEverythingPassAndSaysSo() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{\"mode\": \"Audit\"}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            text(socket, MarkerScans.SECRET);
            assertThat(read(socket).text()).isEqualTo(MarkerScans.SECRET);
            Frames.send(socket, Frames.client(true, Frames.BINARY, new byte[3]));
            assertThat(read(socket).payload()).hasSize(3);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"would_block\",scanner=\"websocket\"}"))
                    .as("the message and its echo")
                    .isEqualTo(2);
        }
    }

    static Stream<Arguments> brokenFrames() {
        var text = "x".getBytes(StandardCharsets.US_ASCII);
        var longControl = new byte[126];
        return Stream.of(
                Arguments.of("reserved bit 1", Frames.frame(0xc1, true, text, 1), 1002),
                Arguments.of("reserved bit 2", Frames.frame(0xa1, true, text, 1), 1002),
                Arguments.of("reserved bit 3 on a ping", Frames.frame(0x99, true, text, 1), 1002),
                Arguments.of("opcode 3", Frames.frame(0x83, true, text, 1), 1002),
                Arguments.of("opcode 11", Frames.frame(0x8b, true, text, 1), 1002),
                Arguments.of("not masked", Frames.frame(0x81, false, text, 1), 1002),
                Arguments.of("a fragmented ping", Frames.frame(0x09, true, text, 1), 1002),
                Arguments.of("a long ping", Frames.frame(0x89, true, longControl, 126), 1002),
                Arguments.of("a continuation of nothing", Frames.frame(0x80, true, text, 1), 1002),
                Arguments.of(
                        "a message inside a message",
                        join(Frames.client(false, Frames.TEXT, text), Frames.client(true, Frames.TEXT, text)),
                        1002),
                Arguments.of("a padded length", join(new byte[] {(byte) 0x81, (byte) 0xfe, 0, 5}, new byte[9]), 1002),
                Arguments.of(
                        "a length of 64 bits with the top bit",
                        join(new byte[] {(byte) 0x81, (byte) 0xff, (byte) 0x80}, new byte[7]),
                        1002),
                Arguments.of("a Close of one byte", Frames.client(true, Frames.CLOSE, new byte[] {3}), 1002),
                Arguments.of("Close 1005", Frames.close(1005), 1002),
                Arguments.of("Close 1006", Frames.close(1006), 1002),
                Arguments.of("Close 999", Frames.close(999), 1002),
                Arguments.of("Close 2999", Frames.close(2999), 1002),
                Arguments.of("Close 5000", Frames.close(5000), 1002),
                Arguments.of(
                        "a Close reason that is not UTF-8",
                        Frames.client(true, Frames.CLOSE, new byte[] {3, (byte) 0xe8, (byte) 0xc3, 0x28}),
                        1007),
                Arguments.of(
                        "text that is not UTF-8",
                        Frames.client(true, Frames.TEXT, new byte[] {(byte) 0xce, (byte) 0xba, (byte) 0xf0}),
                        1007),
                Arguments.of(
                        "a surrogate in UTF-8",
                        Frames.client(true, Frames.TEXT, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}),
                        1007),
                Arguments.of("more than a message may have", Frames.frame(0x81, true, new byte[0], 1025), 1009),
                Arguments.of("far more", Frames.frame(0x81, true, new byte[0], Long.MAX_VALUE), 1009),
                Arguments.of(
                        "more in fragments",
                        join(
                                Frames.client(false, Frames.TEXT, new byte[1000]),
                                Frames.client(true, Frames.CONTINUATION, new byte[100])),
                        1009),
                Arguments.of("a binary message", Frames.client(true, Frames.BINARY, text), 1008));
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void whatAClientMayNotSendEndsTheConnectionWithItsCode(String what, byte[] bytes, int code) throws Exception {
        for (var piece : new int[] {1, bytes.length}) {
            try (var origin = new WebSocketOrigin();
                    var firewall = TestFirewall.with("{\"webSocket\": {\"maxMessage\": \"1Ki\"}}");
                    var socket = firewall.connect()) {
                Frames.open(socket, forward(origin));
                text(socket, "before");
                assertThat(read(socket).text()).isEqualTo("before");
                for (var i = 0; i < bytes.length; i += piece) {
                    Frames.send(socket, java.util.Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + piece)));
                }
                var close = read(socket);
                assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
                assertThat(close.code()).isEqualTo(code);
                assertThat(origin.seen).containsExactly("before");
                assertThat(firewall.metric("pipelock_ws_scan_hits_total{scanner=\"websocket\"}"))
                        .isEqualTo(1);
                assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                        .isEqualTo(1);
                await().untilAsserted(() -> assertThat(origin.closeCodes).containsExactly(code));
            }
        }
    }

    static Stream<byte[]> closes() {
        return Stream.of(
                Frames.client(true, Frames.CLOSE, new byte[0]),
                Frames.close(1000),
                Frames.close(1001),
                Frames.close(1011),
                Frames.close(1014),
                Frames.close(3000),
                Frames.close(4999));
    }

    @ParameterizedTest
    @MethodSource("closes")
    void aCloseThatMayBeSentIsPassedOnAndAnswered(byte[] close) throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            Frames.send(socket, close);
            assertThat(read(socket).opcode()).isEqualTo(Frames.CLOSE);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            await().untilAsserted(
                            () -> assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                                    .isEqualTo(1));
        }
    }

    @Test
    void framesOfAnyLengthPassUnchanged() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            for (var length : new int[] {0, 1, 125, 126, 127, 128, 65535, 65536, 1_000_000, 1024 * 1024}) {
                var text = "é".repeat(length / 2) + "x".repeat(length % 2);
                text(socket, text);
                assertThat(read(socket).text()).isEqualTo(text);
            }
        }
    }

    @Test
    void aKillSwitchRefusesNewConnectionsAndEndsSilentOnesAtOnce() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect();
                var late = firewall.connect()) {
            Frames.open(socket, forward(origin));
            firewall.swap("{}", "{\"engaged\": true, \"reason\": \"stop\"}");
            var close = read(socket);
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.text()).contains("kill switch");
            await().untilAsserted(() -> assertThat(origin.closeCodes).containsExactly(1008));
            var refused = Wire.exchange(late, Frames.handshake(forward(origin)));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(firewall.metric("pipelock_kill_switch_denials_total{endpoint=\"ws\",transport=\"websocket\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aNewPolicyThatForbidsTheHostEndsTheConnection() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            firewall.swap("{\"domains\": {\"block\": [\"origin.test\"]}}");
            assertThat(read(socket).code()).isEqualTo(1008);
        }
    }

    @Test
    void silenceAndAgeEndAConnection() throws Exception {
        for (var limit : new String[] {"idleTimeout", "lifetime"}) {
            try (var origin = new WebSocketOrigin();
                    var firewall = TestFirewall.with("{\"webSocket\": {\"" + limit + "\": \"200ms\"}}");
                    var socket = firewall.connect()) {
                Frames.open(socket, forward(origin));
                assertThat(read(socket).code()).as(limit).isEqualTo(1001);
                await().untilAsserted(
                                () -> assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                                        .isEqualTo(1));
            }
        }
    }

    @Test
    void anOriginOrClientThatGoesTakesTheOtherAlong() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            await().until(() -> !origin.channels.isEmpty());
            origin.channels.remove().close();
            assertThat(read(socket).code()).isEqualTo(1001);
            socket.close();
            var another = firewall.connect();
            Frames.open(another, forward(origin));
            another.close();
            await().untilAsserted(() -> assertThat(origin.closeCodes).containsExactly(1001));
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_ws_active_connections"))
                    .isZero());
        }
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
                Frames.handshake(target).replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
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

    @Test
    void aTunnelToAKnownApiIsCountedAsAHint() throws Exception {
        try (var origin = new RawOrigin(socket -> socket.getInputStream().readAllBytes());
                var firewall = TestFirewall.with("{\"connect\": {\"ports\": [], \"verifySni\": false},"
                        + " \"webSocket\": {\"apiHosts\": [\"*.api.test\"]}}")) {
            for (var host : new String[] {"live.api.test", "other.test"}) {
                try (var socket = firewall.connect()) {
                    var reply = Wire.exchange(
                            socket,
                            "CONNECT " + host + ":" + origin.port() + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                    assertThat(reply.status()).isEqualTo(200);
                }
            }
            assertThat(firewall.metric("pipelock_forward_ws_redirect_hint_total"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aReaderThatIsSlowHoldsTheOtherSideBack() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{\"webSocket\": {\"maxMessage\": \"64Ki\"}}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            var message = Frames.client(true, Frames.TEXT, "m".repeat(60_000).getBytes(StandardCharsets.US_ASCII));
            var before = memory();
            var sent = new java.util.concurrent.atomic.AtomicLong();
            var sender = Thread.ofVirtual().start(() -> {
                try {
                    for (var i = 0; i < 400; i++) {
                        Frames.send(socket, message);
                        sent.incrementAndGet();
                    }
                } catch (IOException e) {
                    sent.set(-1);
                }
            });
            var last = new java.util.concurrent.atomic.AtomicLong(-1);
            await().pollInterval(200, TimeUnit.MILLISECONDS)
                    .until(() -> sent.get() > 0 && last.getAndSet(sent.get()) == sent.get());
            assertThat(memory() - before).isLessThan(24L * 1024 * 1024);
            for (var i = 0; i < 400; i++) {
                assertThat(read(socket).payload()).hasSize(60_000);
            }
            sender.join();
            assertThat(sent.get()).isEqualTo(400);
        }
    }

    private static long memory() {
        return io.netty.buffer.PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }
}
