package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What WebSockets count, in their three ways. */
final class CountedWebSockets {
    private CountedWebSockets() {}

    /** Java's own client; completes with what came, a text or the code of a Close. */
    private static final class Said implements WebSocket.Listener {
        private CompletableFuture<String> next = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            next.complete(text.toString());
            return WebSocket.Listener.super.onText(socket, text, last);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            next.complete("closed " + code);
            return CompletableFuture.completedFuture(code);
        }

        String after(WebSocket socket, String message) throws Exception {
            next = new CompletableFuture<>();
            socket.sendText(message, true);
            return next.get(30, TimeUnit.SECONDS);
        }
    }

    private static Socket open(Traffic traffic) throws IOException {
        var origin = traffic.closing(new WebSocketOrigin());
        var socket = traffic.closing(traffic.firewall.connect());
        Frames.open(socket, "http://origin.test:" + origin.port() + "/chat");
        return socket;
    }

    /** A WebSocket to the reverse proxy "tools". */
    private static Socket tool(Traffic traffic) throws IOException {
        var origin = traffic.closing(new WebSocketOrigin());
        traffic.firewall.swapStandardStages(
                traffic.spec("{}").replace(":" + traffic.origin.port() + "\"", ":" + origin.port() + "\""));
        var socket = traffic.closing(traffic.firewall.connectToReverseProxy());
        Frames.open(socket, "/chat");
        return socket;
    }

    private static CountedEvent said(String what, String spec, String message, String moves) {
        return new CountedEvent(
                what,
                spec,
                traffic -> {
                    var socket = open(traffic);
                    Frames.send(socket, Frames.client(Frames.TEXT, message));
                    Frames.Frame frame;
                    do {
                        frame = Frames.read(socket.getInputStream());
                    } while (frame.opcode() != Frames.CLOSE);
                    assertThat(frame.code()).isEqualTo(1008);
                },
                moves);
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "messages by the local route, and an end",
                        "{}",
                        traffic -> {
                            var origin = traffic.closing(new WebSocketOrigin());
                            var client = traffic.closing(HttpClient.newHttpClient());
                            var said = new Said();
                            var socket = client.newWebSocketBuilder()
                                    .buildAsync(
                                            URI.create("ws://127.0.0.1:" + traffic.firewall.port() + "/ws?url="
                                                    + URLEncoder.encode(origin.url(), StandardCharsets.UTF_8)),
                                            said)
                                    .get(30, TimeUnit.SECONDS);
                            traffic.holds("pipelock_ws_active_connections", 1);
                            assertThat(said.after(socket, "hello")).isEqualTo("hello");
                            socket.sendClose(1000, "").get(30, TimeUnit.SECONDS);
                            traffic.holds("pipelock_ws_active_connections", 0);
                        },
                        """
                        pipelock_ws_bytes_total{direction="client_to_server"} 7
                        pipelock_ws_bytes_total{direction="server_to_client"} 7
                        pipelock_ws_connections_total{result="completed"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="control"} 2
                        pipelock_ws_frames_total{type="text"} 2
                        """),
                new CountedEvent(
                        "messages inside an intercepted tunnel",
                        "{}",
                        traffic -> {
                            var origin =
                                    traffic.closing(WebSocketOrigin.secure(TestCertificates.origin("origin.test")));
                            var client = traffic.closing(HttpClient.newBuilder()
                                    .proxy(ProxySelector.of(
                                            new InetSocketAddress("127.0.0.1", traffic.firewall.port())))
                                    .sslContext(TestCertificates.client(TestCertificates.POLICY))
                                    .build());
                            var said = new Said();
                            var socket = client.newWebSocketBuilder()
                                    .buildAsync(URI.create("wss://origin.test:" + origin.port() + "/chat"), said)
                                    .get(30, TimeUnit.SECONDS);
                            assertThat(said.after(socket, "hello")).isEqualTo("hello");
                            assertThat(said.after(socket, Traffic.TOKEN)).isEqualTo("closed 1008");
                        },
                        """
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 45
                        pipelock_ws_bytes_total{direction="server_to_client"} 5
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 3
                        pipelock_ws_scan_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "binary messages",
                        "{\"webSocket\": {\"binary\": \"Scan\"}}",
                        traffic -> {
                            var socket = open(traffic);
                            Frames.send(socket, Frames.client(true, Frames.BINARY, new byte[20]));
                            assertThat(Frames.read(socket.getInputStream()).payload())
                                    .hasSize(20);
                            Frames.send(socket, Frames.close(1000));
                            assertThat(Frames.read(socket.getInputStream()).code())
                                    .isEqualTo(1000);
                        },
                        """
                        pipelock_ws_bytes_total{direction="client_to_server"} 22
                        pipelock_ws_bytes_total{direction="server_to_client"} 22
                        pipelock_ws_connections_total{result="completed"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="binary"} 2
                        pipelock_ws_frames_total{type="control"} 2
                        """),
                said("a credential of a core class in a message", "{}", Traffic.TOKEN, """
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 40
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                said(
                        "a credential of the policy's own in a message",
                        "{\"dlp\": {\"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}\"}]}}",
                        "see TCK-123456",
                        """
                        pipelock_scanner_hits_total{scanner="dlp"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 14
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="dlp"} 1
                        """),
                said(
                        "a seed phrase in a message",
                        "{}",
                        "legal winner thank year wave sausage worth useful legal winner thank yellow",
                        """
                        pipelock_scanner_hits_total{scanner="seed_phrase"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 75
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="seed_phrase"} 1
                        portcullis_findings_total{outcome="blocked",scanner="seed_phrase"} 1
                        """),
                said(
                        "a canary in a message",
                        "{\"dlp\": {\"canaries\": [{\"name\": \"honey\", \"secretKeyRef\": {\"name\": \"api\","
                                + " \"key\": \"token\"}}]}}",
                        "it is " + TestFirewall.TOKEN,
                        """
                        pipelock_scanner_hits_total{scanner="canary"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 30
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="canary"} 1
                        portcullis_findings_total{outcome="blocked",scanner="canary"} 1
                        """),
                said(
                        "an address that looks like a known one in a message",
                        "{\"addresses\": {\"enabled\": true, \"known\": [{\"chain\": \"eth\","
                                + " \"address\": \"0x52908400098527886E0F7030069857D2E4169EE7\"}]}}",
                        "pay 0x5290aa00098527886e0f7030069857d2e4169ee7",
                        """
                        pipelock_address_findings_total{chain="eth",verdict="lookalike"} 1
                        pipelock_scanner_hits_total{scanner="address"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 46
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="address"} 1
                        portcullis_findings_total{outcome="blocked",scanner="address"} 1
                        """),
                said(
                        "an instruction in a message that comes back",
                        "{\"injection\": {\"action\": \"Block\"}}",
                        Traffic.INJECTION,
                        """
                        pipelock_scanner_hits_total{scanner="prompt_injection"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 53
                        pipelock_ws_bytes_total{direction="server_to_client"} 53
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 2
                        pipelock_ws_scan_hits_total{scanner="prompt_injection"} 1
                        portcullis_findings_total{outcome="blocked",scanner="prompt_injection"} 1
                        """),
                said("more bytes than the host may have", "{\"limits\": {\"bytesPerMinutePerHost\": 3}}", "hello", """
                        pipelock_scanner_hits_total{scanner="databudget"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 5
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="databudget"} 1
                        portcullis_findings_total{outcome="blocked",scanner="databudget"} 1
                        """),
                new CountedEvent(
                        "an archive in a message that cannot be unpacked",
                        "{\"webSocket\": {\"binary\": \"Scan\"}}",
                        traffic -> {
                            var socket = open(traffic);
                            Frames.send(socket, Frames.client(true, Frames.BINARY, brokenGzip()));
                            assertThat(Frames.read(socket.getInputStream()).code())
                                    .isEqualTo(1008);
                        },
                        """
                        pipelock_scanner_hits_total{scanner="compression"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 8175
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="binary"} 1
                        pipelock_ws_scan_hits_total{scanner="compression"} 1
                        portcullis_findings_total{outcome="blocked",scanner="compression"} 1
                        """),
                new CountedEvent(
                        "a frame that breaks the protocol",
                        "{}",
                        traffic -> {
                            var socket = open(traffic);
                            Frames.send(socket, Frames.frame(0x83, true, new byte[1], 1));
                            assertThat(Frames.read(socket.getInputStream()).code())
                                    .isEqualTo(1002);
                        },
                        """
                        pipelock_scanner_hits_total{scanner="websocket"} 1
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_scan_hits_total{scanner="websocket"} 1
                        portcullis_findings_total{outcome="blocked",scanner="websocket"} 1
                        """),
                new CountedEvent(
                        "a credential in a message to a tool",
                        "{}",
                        traffic -> {
                            var socket = tool(traffic);
                            Frames.send(socket, Frames.client(Frames.TEXT, Traffic.TOKEN));
                            assertThat(Frames.read(socket.getInputStream()).code())
                                    .isEqualTo(1008);
                        },
                        """
                        pipelock_reverse_proxy_requests_total{method="GET",status="101"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="dlp"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_ws_bytes_total{direction="client_to_server"} 40
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="text"} 1
                        pipelock_ws_scan_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "a frame to a tool that breaks the protocol",
                        "{}",
                        traffic -> {
                            var socket = tool(traffic);
                            Frames.send(socket, Frames.frame(0x83, true, new byte[1], 1));
                            assertThat(Frames.read(socket.getInputStream()).code())
                                    .isEqualTo(1002);
                        },
                        """
                        pipelock_reverse_proxy_requests_total{method="GET",status="101"} 1
                        pipelock_scanner_hits_total{scanner="websocket"} 1
                        pipelock_ws_connections_total{result="blocked"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_scan_hits_total{scanner="websocket"} 1
                        portcullis_findings_total{outcome="blocked",scanner="websocket"} 1
                        """),
                new CountedEvent(
                        "a binary message that mode Audit would have refused",
                        "{\"mode\": \"Audit\", \"webSocket\": {\"binary\": \"Block\"}}",
                        traffic -> {
                            var socket = open(traffic);
                            Frames.send(socket, Frames.client(true, Frames.BINARY, new byte[3]));
                            assertThat(Frames.read(socket.getInputStream()).payload())
                                    .hasSize(3);
                            socket.close();
                            traffic.holds("pipelock_ws_active_connections", 0);
                        },
                        """
                        pipelock_ws_bytes_total{direction="client_to_server"} 3
                        pipelock_ws_bytes_total{direction="server_to_client"} 3
                        pipelock_ws_connections_total{result="completed"} 1
                        pipelock_ws_duration_seconds_count 1
                        pipelock_ws_frames_total{type="binary"} 2
                        pipelock_ws_scan_hits_total{scanner="websocket"} 2
                        portcullis_findings_total{outcome="would_block",scanner="websocket"} 2
                        """),
                new CountedEvent(
                        "a WebSocket where there may be none",
                        "{\"webSocket\": {\"enabled\": false}}",
                        traffic -> {
                            var socket = traffic.closing(traffic.firewall.connect());
                            assertThat(Wire.exchange(socket, Frames.handshake(traffic.origin.url("/")))
                                            .status())
                                    .isEqualTo(403);
                        },
                        """
                        pipelock_scanner_hits_total{scanner="websocket"} 1
                        pipelock_ws_connections_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="websocket"} 1
                        """),
                new CountedEvent(
                        "an origin that declines a WebSocket",
                        "{}",
                        traffic -> {
                            var socket = traffic.closing(traffic.firewall.connect());
                            assertThat(Wire.exchange(socket, Frames.handshake(traffic.origin.url("/")))
                                            .status())
                                    .isEqualTo(200);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="allowed"} 1
                        """));
    }

    private static byte[] brokenGzip() throws IOException {
        var packed = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(packed)) {
            gzip.write(new byte[8 << 20]);
        }
        return packed.toByteArray();
    }
}
