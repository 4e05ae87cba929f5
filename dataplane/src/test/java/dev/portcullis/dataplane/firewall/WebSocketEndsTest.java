package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a WebSocket beside scans and what breaks the protocol. */
@Timeout(120)
class WebSocketEndsTest {
    private static String forward(WebSocketOrigin origin) {
        return "http://origin.test:" + origin.port() + "/chat";
    }

    private static Frames.Frame read(Socket socket) throws IOException {
        return Frames.read(socket.getInputStream());
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
