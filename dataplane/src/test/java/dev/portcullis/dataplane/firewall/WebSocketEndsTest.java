package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a WebSocket from our side beside scans and limits of its own. */
@Timeout(60)
class WebSocketEndsTest {
    private static String forward(WebSocketOrigin origin) {
        return "http://origin.test:" + origin.port() + "/chat";
    }

    @Test
    void bothSidesAreToldThatTheProxyGoesAwayWhenItStops() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            var stopping = Thread.ofVirtual().start(firewall.role::drain);
            var close = Frames.read(socket.getInputStream());
            assertThat(close.code()).isEqualTo(1001);
            assertThat(close.text()).contains("goes away");
            await().untilAsserted(() -> assertThat(origin.closeCodes).containsExactly(1001));
            socket.close();
            stopping.join();
            assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void itsBytesCountInTheBudgetOfTheHost() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{\"limits\": {\"bytesPerMinutePerHost\": \"4k\"}}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            var message = "x".repeat(1500).getBytes(StandardCharsets.US_ASCII);
            Frames.send(socket, Frames.client(true, Frames.TEXT, message));
            assertThat(Frames.read(socket.getInputStream()).text()).hasSize(1500);
            Frames.send(socket, Frames.client(true, Frames.TEXT, message));
            var close = Frames.read(socket.getInputStream());
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.text()).contains("databudget", "bytes-per-minute");
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"databudget\"}"))
                    .isEqualTo(1);
            try (var next = firewall.connect()) {
                assertThat(Wire.exchange(next, Frames.handshake(forward(origin)))
                                .status())
                        .isEqualTo(429);
            }
        }
    }
}
