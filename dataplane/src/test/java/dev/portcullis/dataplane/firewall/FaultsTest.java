package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The other side misbehaves, and the proxy says so, counts it and goes on. */
@Timeout(120)
class FaultsTest {
    private static final String TUNNELS = "{\"connect\": {\"ports\": [], \"verifySni\": false}}";

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String get(RawOrigin origin) {
        return "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void anOriginThatResetsInTheMiddleOfItsBodyResetsTheReply() throws Exception {
        var read = new CountDownLatch(1);
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(100_000));
                    read.await();
                    socket.setSoLinger(true, 0);
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(socket, get(origin));
            assertThat(socket.getInputStream().readNBytes(50_000)).hasSize(50_000);
            read.countDown();
            assertThatThrownBy(() -> {
                        if (socket.getInputStream().readAllBytes().length < 900_000) {
                            throw new IOException("cut short");
                        }
                    })
                    .isInstanceOf(IOException.class);
            await().until(() -> firewall.metric("portcullis_upstream_errors_total{reason=\"reset\"}") == 1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isZero();
        }
    }

    @Test
    void anOriginThatClosesWithoutAWordIsABadGatewayAndAPostIsNotSentTwice() throws Exception {
        var connections = new AtomicInteger();
        try (var origin = new RawOrigin(socket -> {
                    connections.incrementAndGet();
                    Wire.head(socket.getInputStream());
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(
                    socket,
                    "POST http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
            assertThat(reply.status()).isEqualTo(502);
            assertThat(connections).hasValue(1);
        }
    }

    @Test
    void aClientThatHasNothingMoreToSayStillGetsItsReply() throws Exception {
        try (var origin = Origin.saying("late but whole");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(socket, "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
            socket.shutdownOutput();
            assertThat(Wire.read(socket.getInputStream()).body()).isEqualTo("late but whole");
        }
    }

    @Test
    void eitherEndOfATunnelMayStopSendingAndStillReceive() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    var received = socket.getInputStream().readAllBytes();
                    say(socket, "got " + received.length);
                });
                var firewall = TestFirewall.with(TUNNELS);
                var socket = firewall.connect()) {
            Wire.exchange(socket, "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
            socket.getOutputStream().write(new byte[300_000]);
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("got 300000");
        }
    }

    @Test
    void aTunnelWhoseOriginResetsIsClosedAndCountedOnce() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    socket.getInputStream().read();
                    socket.setSoLinger(true, 0);
                });
                var firewall = TestFirewall.with(TUNNELS);
                var socket = firewall.connect()) {
            Wire.exchange(socket, "CONNECT origin.test:" + origin.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
            Wire.send(socket, "x");
            try {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            } catch (IOException e) {
                // A reset is passed on as one, or as an end.
            }
            await().until(() -> firewall.metric("pipelock_tunnels_total{result=\"completed\"}") == 1);
            assertThat(firewall.metric("pipelock_active_tunnels")).isZero();
        }
    }

    @Test
    void interimRepliesAndTrailersPass() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    say(socket, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
                    say(
                            socket,
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n");
                    socket.getInputStream().read();
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(
                    socket,
                    "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            var raw = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(raw).startsWith("HTTP/1.1 103 ");
            assertThat(raw).contains("</a.css>; rel=preload", "HTTP/1.1 200 OK");
            assertThat(raw.toLowerCase(java.util.Locale.ROOT)).contains("trailer: x-sum", "0\r\nx-sum: 7\r\n\r\n");
        }
    }

    @Test
    void aRequestsTrailersReachTheOriginOnlyWhenTheyAreClean() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    var text = new StringBuilder();
                    while (text.indexOf("\r\n\r\n", text.indexOf("\r\n\r\n") + 4) < 0) {
                        text.append((char) socket.getInputStream().read());
                    }
                    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
                });
                var firewall = TestFirewall.with("{\"dlp\": {\"headers\": {\"scan\": \"All\"}}}")) {
            var head = "POST http://origin.test:" + origin.port()
                    + "/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n";
            try (var socket = firewall.connect()) {
                assertThat(Wire.exchange(socket, head + "X-Sum: 9\r\n\r\n").body())
                        .containsIgnoringCase("x-sum: 9");
            }
            try (var socket = firewall.connect()) {
                var refused = Wire.exchange(socket, head + "X-Sum: " + MarkerScans.SECRET + "\r\n\r\n");
                assertThat(refused.status()).isEqualTo(403);
            }
            assertThat(firewall.metric("pipelock_header_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
        }
    }

    /** Two policies that differ in what the origin sees and in what the client sees: a request that met one of each would show it. */
    @Test
    void whilePoliciesChangeUnderLoadNoRequestSeesTwoAndNoneIsLost() throws Exception {
        var audit = "{\"mode\": \"Audit\", \"identity\": {\"header\": \"X-One\"}, \"dlp\": {\"action\": \"Block\"}}";
        var warn = "{\"mode\": \"Balanced\", \"identity\": {\"header\": \"X-Two\"}, \"dlp\": {\"action\": \"Warn\"}}";
        var configs = List.of(TestFirewall.config(warn, null), TestFirewall.config(audit, null));
        try (var origin = Origin.answering((exchange, body) -> {
                    var saw = exchange.getRequestHeaders().containsKey("X-One") ? "one" : "two";
                    exchange.sendResponseHeaders(200, 3);
                    exchange.getResponseBody().write(saw.getBytes(StandardCharsets.US_ASCII));
                });
                var firewall = TestFirewall.with(audit)) {
            var running = new AtomicBoolean(true);
            var answered = new AtomicInteger();
            var byAudit = new AtomicInteger();
            var failures = new ConcurrentLinkedQueue<String>();
            try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (var client = 0; client < 4; client++) {
                    clients.submit(() -> {
                        try (var socket = firewall.connect()) {
                            while (running.get()) {
                                var reply = Wire.exchange(
                                        socket,
                                        "GET " + origin.url("/?" + MarkerScans.SECRET)
                                                + " HTTP/1.1\r\nHost: x\r\nX-One: a\r\nX-Two: b\r\n\r\n");
                                // Mode Audit names what it would have blocked, and its policy takes X-One away.
                                var audited = reply.headers().containsKey("x-portcullis-would-block");
                                if (reply.status() != 200 || !reply.body().equals(audited ? "two" : "one")) {
                                    failures.add(reply.toString());
                                }
                                byAudit.addAndGet(audited ? 1 : 0);
                                answered.incrementAndGet();
                            }
                        } catch (IOException e) {
                            failures.add(e.toString());
                        }
                    });
                }
                for (var i = 0; i < 100; i++) {
                    var config = configs.get(i % 2);
                    var before = answered.get();
                    firewall.policies.accept(TestFirewall.compile(config), config.revision());
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> answered.get() > before + 4 || !failures.isEmpty());
                }
                running.set(false);
            }
            assertThat(failures).isEmpty();
            assertThat(byAudit.get()).isBetween(1, answered.get() - 1);
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isEqualTo(answered.get()));
        }
    }
}
