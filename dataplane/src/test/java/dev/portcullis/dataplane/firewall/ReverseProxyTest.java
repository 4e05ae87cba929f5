package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.scan.coding.Coded;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reverse proxies over real sockets, with both their families. */
class ReverseProxyTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String upstream(int port) {
        return "http://tools.internal:" + port;
    }

    private static String request(String method, String path, String... headers) {
        var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: tools.agents.svc\r\n");
        for (var header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private static double answered(TestFirewall firewall, String method, int status) {
        return firewall.metric(
                "pipelock_reverse_proxy_requests_total{method=\"" + method + "\",status=\"" + status + "\"}");
    }

    private static double blocked(TestFirewall firewall, String direction, String reason) {
        return firewall.metric(
                "pipelock_reverse_proxy_scan_blocked_total{direction=\"" + direction + "\",reason=\"" + reason + "\"}");
    }

    private static void isRefused(Wire.Reply reply, String direction) throws IOException {
        assertThat(reply.status()).isEqualTo(403);
        var body = JSON.readTree(reply.body());
        assertThat(body.get("error").asText()).isEqualTo("blocked");
        assertThat(body.get("blocked").asBoolean()).isTrue();
        assertThat(body.get("block_reason").asText()).isNotBlank().doesNotContain("MARK");
        assertThat(body.get("direction").asText()).isEqualTo(direction);
    }

    @Test
    void requestsReachTheServerThatThePolicyNamesEvenAtAnInternalAddress() throws Exception {
        try (var origin = Origin.saying("tool result");
                var firewall = TestFirewall.withReverseProxy(
                        upstream(origin.port()),
                        "\"mode\": \"Strict\", \"domains\": {\"block\": [\"tools.internal\"]}");
                var socket = firewall.connectToReverseProxy()) {
            firewall.names.put("tools.internal", List.of(java.net.InetAddress.getByName("127.0.0.1")));
            for (var method : new String[] {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"}) {
                Wire.send(
                        socket,
                        request(method, "/v1/run?x=1", "X-Forwarded-For: 1.2.3.4", "X-Portcullis-Agent: coder"));
                if (method.equals("HEAD")) {
                    var head = new StringBuilder();
                    while (!head.toString().endsWith("\r\n\r\n")) {
                        head.append((char) socket.getInputStream().read());
                    }
                    assertThat(head.toString()).startsWith("HTTP/1.1 200");
                } else {
                    var reply = Wire.read(socket.getInputStream());
                    assertThat(reply.status()).as(method).isEqualTo(200);
                    assertThat(reply.body()).isEqualTo("tool result");
                }
                assertThat(answered(firewall, method.equals("PROPFIND") ? "OTHER" : method, 200))
                        .isEqualTo(1);
            }
            var seen = origin.seen.remove();
            assertThat(seen.uri()).isEqualTo("/v1/run?x=1");
            assertThat(seen.headers().get("Host")).containsExactly("tools.internal:" + origin.port());
            assertThat(seen.headers().get("X-forwarded-for")).containsExactly("127.0.0.1");
            assertThat(seen.headers().get("X-forwarded-host")).containsExactly("tools.agents.svc");
            assertThat(seen.headers()).doesNotContainKey("X-portcullis-agent");
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isZero();
        }
    }

    @Test
    void aSecretInPathQueryHeaderOrBodyIsRefused() throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withReverseProxy(upstream(origin.port()), "\"mode\": \"Balanced\"");
                var socket = firewall.connectToReverseProxy()) {
            isRefused(Wire.exchange(socket, request("GET", "/a?q=" + MarkerScans.SECRET)), "request");
            isRefused(Wire.exchange(socket, request("GET", "/" + MarkerScans.SECRET)), "request");
            assertThat(blocked(firewall, "request", "url_dlp")).isEqualTo(2);
            isRefused(
                    Wire.exchange(socket, request("GET", "/", "Authorization: Bearer " + MarkerScans.SECRET)),
                    "request");
            assertThat(blocked(firewall, "request", "header_dlp")).isEqualTo(1);
            assertThat(firewall.metric("pipelock_header_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
            isRefused(
                    Wire.exchange(
                            socket,
                            request("POST", "/", "Content-Length: " + MarkerScans.SECRET.length())
                                    + MarkerScans.SECRET),
                    "request");
            assertThat(blocked(firewall, "request", "dlp")).isEqualTo(1);
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
            assertThat(answered(firewall, "GET", 403)).isEqualTo(3);
            assertThat(answered(firewall, "POST", 403)).isEqualTo(1);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"dlp\"}"))
                    .isEqualTo(4);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isZero();
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void whatComesBackIsScannedDecodedAndCounted() throws Exception {
        var reasons = java.util.Map.of(
                "injection", "text/plain", "sse_stream", "text/event-stream", "compressed", "text/plain");
        for (var reason : reasons.keySet()) {
            var body = reason.equals("compressed")
                    ? new byte[9]
                    : Coded.of("zstd", ("data: " + MarkerScans.INJECTION + "\n\n").getBytes(StandardCharsets.US_ASCII));
            try (var origin = Origin.answering((exchange, in) -> {
                        exchange.getResponseHeaders().set("Content-Type", reasons.get(reason));
                        exchange.getResponseHeaders()
                                .set("Content-Encoding", reason.equals("compressed") ? "compress" : "zstd");
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                    });
                    var firewall = TestFirewall.withReverseProxy(
                            upstream(origin.port()), "\"injection\": {\"action\": \"Block\"}");
                    var socket = firewall.connectToReverseProxy()) {
                isRefused(Wire.exchange(socket, request("GET", "/")), "response");
                assertThat(blocked(firewall, "response", reason)).as(reason).isEqualTo(1);
                assertThat(answered(firewall, "GET", 403)).isEqualTo(1);
            }
        }
    }

    @Test
    void aResponseOfAnyLengthPassesUnlessThePolicyRefusesThose() throws Exception {
        var large = "x".repeat(3_000_000);
        try (var origin = Origin.saying(large);
                var firewall = TestFirewall.withReverseProxy(
                        upstream(origin.port()),
                        "\"injection\": {\"action\": \"Block\"}, \"limits\": {\"responseBody\": \"1Mi\"}");
                var socket = firewall.connectToReverseProxy()) {
            assertThat(Wire.exchange(socket, request("GET", "/")).body()).hasSize(large.length());
            firewall.swapStandardStages(TestFirewall.reverse(
                    upstream(origin.port()), "\"limits\": {\"responseBody\": \"1Mi\", \"onOversize\": \"Refuse\"}"));
            assertThatThrownBy(() -> Wire.exchange(socket, request("GET", "/"))).isInstanceOf(IOException.class);
            assertThat(blocked(firewall, "response", "oversized")).isEqualTo(1);
        }
    }

    @Test
    void eventsPassOneByOne() throws Exception {
        var next = new java.util.concurrent.LinkedBlockingQueue<String>();
        try (var origin = Origin.answering((exchange, in) -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                    exchange.sendResponseHeaders(200, 0);
                    try {
                        String event;
                        while (!(event = next.take()).isEmpty()) {
                            exchange.getResponseBody().write(event.getBytes(StandardCharsets.US_ASCII));
                            exchange.getResponseBody().flush();
                        }
                    } catch (InterruptedException e) {
                        return;
                    }
                });
                var firewall = TestFirewall.withReverseProxy(
                        upstream(origin.port()), "\"injection\": {\"action\": \"Block\"}");
                var socket = firewall.connectToReverseProxy()) {
            next.add("data: first\n\n");
            Wire.send(socket, request("GET", "/events"));
            var text = new StringBuilder();
            while (!text.toString().contains("data: first\n\n")) {
                text.append((char) socket.getInputStream().read());
            }
            next.add("data: second\n\n");
            while (!text.toString().contains("data: second\n\n")) {
                text.append((char) socket.getInputStream().read());
            }
            next.add("");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/health", "/metrics", "/api/v1/killswitch"})
    void aKillSwitchRefusesEveryPathAndEveryClient(String path) throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.withReverseProxy(upstream(origin.port()), "\"mode\": \"Balanced\"");
                var socket = firewall.connectToReverseProxy()) {
            firewall.swap(
                    TestFirewall.reverse(
                            upstream(origin.port()), "\"killSwitch\": {\"exemptClientCidrs\": [\"127.0.0.0/8\"]}"),
                    "{\"engaged\": true, \"reason\": \"stop\"}");
            var reply = Wire.exchange(socket, request("GET", path));
            assertThat(reply.status()).isEqualTo(503);
            assertThat(JSON.readTree(reply.body()).get("error").asText()).isEqualTo("kill_switch_active");
            assertThat(firewall.metric(
                            "pipelock_kill_switch_denials_total{endpoint=\"tools\",transport=\"reverse_proxy\"}"))
                    .isEqualTo(1);
            assertThat(answered(firewall, "GET", 503)).isEqualTo(1);
            assertThat(origin.seen).isEmpty();
        }
    }

    /** Exemptions are for clients of the proxy; what goes to a tool is denied to everyone, also while it is under way. */
    @Test
    void aKillSwitchCutsWhatIsUnderWayForExemptClientsToo() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    Wire.send(
                            socket,
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: one\n\n");
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                });
                var firewall = TestFirewall.withReverseProxy(upstream(origin.port()), "\"mode\": \"Balanced\"");
                var socket = firewall.connectToReverseProxy()) {
            Wire.send(socket, request("GET", "/events"));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            firewall.swap(
                    TestFirewall.reverse(
                            upstream(origin.port()), "\"killSwitch\": {\"exemptClientCidrs\": [\"127.0.0.0/8\"]}"),
                    "{\"engaged\": true, \"drain\": \"Immediate\"}");
            assertThatThrownBy(() -> {
                        socket.getInputStream().readAllBytes();
                        throw new IOException("ended without a reset");
                    })
                    .isInstanceOf(IOException.class);
            await().untilAsserted(() -> assertThat(origin.open()).isZero());
        }
    }

    @Test
    void aServerThatIsNotThereIsABadGatewayAndWhatIsNotARequestIsRefused() throws Exception {
        int free;
        try (var probe = new java.net.ServerSocket(0)) {
            free = probe.getLocalPort();
        }
        try (var firewall = TestFirewall.withReverseProxy(upstream(free), "\"mode\": \"Balanced\"")) {
            try (var socket = firewall.connectToReverseProxy()) {
                assertThat(Wire.exchange(socket, request("GET", "/")).status()).isEqualTo(502);
                assertThat(answered(firewall, "GET", 502)).isEqualTo(1);
            }
            for (var broken : new String[] {
                request("GET", "http://elsewhere.test/"),
                request("CONNECT", "elsewhere.test:443"),
                request("POST", "/", "Content-Length: 1", "Transfer-Encoding: chunked")
            }) {
                try (var socket = firewall.connectToReverseProxy()) {
                    assertThat(Wire.exchange(socket, broken).status())
                            .as(broken)
                            .isEqualTo(400);
                }
            }
            firewall.swap("{}");
            try (var socket = firewall.connectToReverseProxy()) {
                assertThat(Wire.exchange(socket, request("GET", "/")).status()).isEqualTo(404);
            }
        }
    }

    @Test
    void connectionsToTheServerAreKeptAndWebSocketsRelayed() throws Exception {
        var connections = new java.util.concurrent.atomic.AtomicInteger();
        try (var origin = new RawOrigin(socket -> {
                    connections.incrementAndGet();
                    while (true) {
                        Wire.read(new Prefixed(socket));
                        Wire.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    }
                });
                var firewall = TestFirewall.withReverseProxy(upstream(origin.port()), "\"mode\": \"Balanced\"")) {
            firewall.names.put("tools.internal", List.of(java.net.InetAddress.getByName("127.0.0.1")));
            for (var i = 0; i < 3; i++) {
                try (var socket = firewall.connectToReverseProxy()) {
                    assertThat(Wire.exchange(socket, request("GET", "/")).body())
                            .isEqualTo("ok");
                }
            }
            assertThat(connections.get()).isLessThanOrEqualTo(3);
        }
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.withReverseProxy(upstream(origin.port()), "\"mode\": \"Balanced\"");
                var socket = firewall.connectToReverseProxy()) {
            Frames.open(socket, "/chat");
            Frames.send(socket, Frames.client(Frames.TEXT, "hello"));
            assertThat(Frames.read(socket.getInputStream()).text()).isEqualTo("hello");
            Frames.send(socket, Frames.client(Frames.TEXT, MarkerScans.SECRET));
            assertThat(Frames.read(socket.getInputStream()).code()).isEqualTo(1008);
            assertThat(answered(firewall, "GET", 101)).isEqualTo(1);
            await().untilAsserted(() ->
                    assertThat(blocked(firewall, "request", "dlp")).isEqualTo(1));
        }
    }

    /** A request, whose first line reads like that of a response. */
    private static final class Prefixed extends java.io.SequenceInputStream {
        Prefixed(Socket socket) throws IOException {
            super(
                    new java.io.ByteArrayInputStream(
                            "HTTP/1.1 200 ".toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII)),
                    socket.getInputStream());
        }
    }
}
