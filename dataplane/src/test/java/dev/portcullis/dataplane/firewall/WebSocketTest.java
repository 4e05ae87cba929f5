package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages of WebSocket connections through the proxy, over real sockets, with every family they count. */
@Timeout(120)
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
                    .get(30, TimeUnit.SECONDS);
            socket.sendText("Grüße", true);
            assertThat(echoed.get(30, TimeUnit.SECONDS)).isEqualTo("Grüße");
            var seen = origin.handshakes.element();
            assertThat(seen.get("Origin")).isEqualTo("http://origin.test:" + origin.port());
            assertThat(seen.get("Host")).isEqualTo("origin.test:" + origin.port());
            assertThat(seen.contains("Cookie")).isFalse();
            assertThat(seen.get("X-Api-Key")).isEqualTo("key-of-the-api");
            socket.sendText(MarkerScans.SECRET, true);
            assertThat(closed.get(30, TimeUnit.SECONDS)).isEqualTo(1008);
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
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_forward_ws_redirect_hint_total"))
                    .isEqualTo(1));
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
