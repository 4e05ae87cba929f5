package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every bound of {@code spec.limits} on clients and hosts: what the client is told, and what is counted. */
@Timeout(120)
class LimitsTest {
    private static final String IDLE = "{\"limits\": {\"idleTimeout\": \"300ms\"}}";

    /** Two of these are more than the idle time. */
    private static final Duration STEP = Duration.ofMillis(200);

    private static Origin origin(String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return Origin.answering((exchange, body) -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        });
    }

    private static String get(Origin origin, String host) {
        return "GET " + origin.url("/").replace("origin.test", host) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void theRateOfAClientIsLimitedOverAllHosts() throws Exception {
        try (var origin = origin("ok");
                var firewall = TestFirewall.with("{\"limits\": {\"requestsPerMinutePerClient\": 3}}");
                var socket = firewall.connect()) {
            for (var host : new String[] {"a.test", "b.test", "c.test"}) {
                assertThat(Wire.exchange(socket, get(origin, host)).status()).isEqualTo(200);
            }
            var refused = Wire.exchange(socket, get(origin, "d.test"));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.headers()).containsEntry("x-portcullis-block", "ratelimit");
            assertThat(refused.body())
                    .contains("requests-per-minute-per-client", "requestsPerMinutePerClient: 6", "3 requests");
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"ratelimit\"}"))
                    .isEqualTo(1);
            assertThat(origin.seen).hasSize(3);
        }
    }

    @Test
    void zeroRequestsAMinuteMeansUnlimited() throws Exception {
        try (var origin = origin("ok");
                var firewall = TestFirewall.with(
                        "{\"limits\": {\"requestsPerMinutePerHost\": 0, \"requestsPerMinutePerClient\": 0}}");
                var socket = firewall.connect()) {
            for (var i = 0; i < 200; i++) {
                assertThat(Wire.exchange(socket, get(origin, "origin.test")).status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void aDomainWhoseBytesAreUsedUpIsRefusedAndOthersAreNot() throws Exception {
        try (var origin = origin("x".repeat(3000));
                var firewall = TestFirewall.with("{\"limits\": {\"bytesPerMinutePerHost\": \"4k\"}}");
                var socket = firewall.connect()) {
            assertThat(Wire.exchange(socket, get(origin, "a.example.com")).status())
                    .isEqualTo(200);
            assertThat(Wire.exchange(socket, get(origin, "b.example.com")).status())
                    .isEqualTo(200);
            var refused = Wire.exchange(socket, get(origin, "a.example.com"));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.headers()).containsEntry("x-portcullis-block", "databudget");
            assertThat(refused.body()).contains("bytes-per-minute", "bytesPerMinutePerHost: 8000", "example.com");
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"databudget\"}"))
                    .isEqualTo(1);
            assertThat(Wire.exchange(socket, get(origin, "elsewhere.test")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aTunnelThatUsesUpTheBytesOfItsDomainIsCutAndTheNextIsRefused() throws Exception {
        try (var echo = RawOrigin.echo();
                var firewall = TestFirewall.with(
                        "{\"connect\": {\"ports\": [], \"verifySni\": false}, \"limits\": {\"bytesPerMinutePerHost\": \"4k\"}}")) {
            var connect = "CONNECT origin.test:" + echo.port() + " HTTP/1.1\r\nHost: x\r\n\r\n";
            try (var socket = firewall.connect()) {
                assertThat(Wire.exchange(socket, connect).status()).isEqualTo(200);
                socket.getOutputStream().write(new byte[8000]);
                isClosed(socket);
            }
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"data_budget\"}"))
                    .isEqualTo(1);
            try (var socket = firewall.connect()) {
                assertThat(Wire.exchange(socket, connect).status()).isEqualTo(429);
            }
        }
    }

    @Test
    void aClientThatDripsItsBodyIsAnsweredClosedAndCounted() throws Exception {
        var clock = new SteppedClock();
        try (var origin = origin("ok");
                var firewall = TestFirewall.with(IDLE, clock);
                var socket = firewall.connect()) {
            Wire.send(socket, "POST " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
            // A byte in less than the idle time, fewer than 64 a second.
            while (socket.getInputStream().available() == 0) {
                socket.getOutputStream().write('x');
                clock.advance(STEP);
            }
            var reply = Wire.read(socket.getInputStream());
            assertThat(reply.status()).isEqualTo(408);
            assertThat(reply.body()).contains("slow-client", "64 bytes a second");
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"slow_client\"}"))
                    .isEqualTo(1);
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void aClientThatTakesItsReplyTooSlowlyIsCutAndCounted() throws Exception {
        var big = new byte[32 << 20];
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.sendResponseHeaders(200, big.length);
                    exchange.getResponseBody().write(big);
                });
                var firewall = TestFirewall.with("{\"limits\": {\"idleTimeout\": \"500ms\"}}");
                var socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress("127.0.0.1", firewall.port()));
            Wire.send(socket, get(origin, "origin.test"));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            await().until(() -> firewall.metric("portcullis_limit_closes_total{limit=\"slow_client\"}") == 1);
            await().until(() -> firewall.metric("portcullis_client_connections") == 0);
        }
    }

    @Test
    void aClientThatWaitsForASlowOriginIsNotTakenForASlowOne() throws Exception {
        var clock = new SteppedClock();
        var next = new Semaphore(0);
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.sendResponseHeaders(200, 0);
                    for (var i = 0; i < 8; i++) {
                        exchange.getResponseBody().write(("line " + i + "\n").getBytes(StandardCharsets.US_ASCII));
                        exchange.getResponseBody().flush();
                        next.acquireUninterruptibly();
                    }
                });
                var firewall = TestFirewall.with(IDLE, clock);
                var socket = firewall.connect()) {
            Wire.send(socket, get(origin, "origin.test"));
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            for (var i = 0; i < 8; i++) {
                // Lines come in less than the idle time each, fewer than 64 bytes a second.
                var awaited = "line " + i;
                for (var line = in.readLine(); !awaited.equals(line); line = in.readLine()) {
                    assertThat(line).isNotNull();
                }
                clock.advance(STEP);
                next.release();
            }
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"slow_client\"}"))
                    .isZero();
            await().untilAsserted(() -> assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isEqualTo(1));
        }
    }

    @Test
    void theLimitsOfATunnelsLifeAreCounted() throws Exception {
        try (var echo = RawOrigin.echo();
                var firewall = TestFirewall.with(
                        "{\"connect\": {\"ports\": [], \"verifySni\": false}, \"limits\": {\"tunnelLifetime\": \"300ms\"}}");
                var socket = firewall.connect()) {
            Wire.exchange(socket, "CONNECT origin.test:" + echo.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
            isClosed(socket);
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"tunnel_lifetime\"}"))
                    .isEqualTo(1);
            firewall.swap(
                    "{\"connect\": {\"ports\": [], \"verifySni\": false}, \"limits\": {\"idleTimeout\": \"300ms\"}}");
            try (var second = firewall.connect()) {
                Wire.exchange(second, "CONNECT origin.test:" + echo.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
                isClosed(second);
            }
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"tunnel_idle\"}"))
                    .isEqualTo(1);
        }
    }

    private static void isClosed(Socket socket) {
        try {
            assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(8001);
        } catch (IOException e) {
            // A reset closes too.
        }
    }
}
