package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Names that do not resolve and origins that refuse, fall silent or reset, over every way that leads to them: the client is
 * told, the fault is counted once, and everything is given back, so that the same happens when it is asked again.
 */
@Timeout(120)
class RouteFaultsTest extends RoutesTest {
    private static final String SOON = ", \"idleTimeout\": \"4s\"";

    /** Asks twice: what is not given back the first time is missed the second. */
    private static Route.Outcome ask(Route route, TestFirewall firewall, String host, int port, String counted)
            throws Exception {
        once(route, firewall, host, port, counted, 1);
        return once(route, firewall, host, port, counted, 2);
    }

    private static Route.Outcome once(
            Route route, TestFirewall firewall, String host, int port, String counted, int times) throws Exception {
        var outcome = route.ask(firewall, host, port);
        firewall.awaitNothingLeft(counted, times);
        return outcome;
    }

    /** Over every route at once, since each waits for the idle time twice. */
    private static void overEvery(Stream<Route> routes, Over over) throws InterruptedException {
        var failures = new ConcurrentSkipListMap<Route, Throwable>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            routes.forEach(route -> threads.submit(() -> {
                try {
                    over.route(route);
                } catch (Exception | AssertionError e) {
                    failures.put(route, e);
                }
            }));
        }
        assertThat(failures).isEmpty();
    }

    @FunctionalInterface
    private interface Over {
        void route(Route route) throws Exception;
    }

    private static String upstream(String reason) {
        return "portcullis_upstream_errors_total{reason=\"" + reason + "\"}";
    }

    private static void isBadGateway(Route.Outcome outcome, String why) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(502);
        assertThat(outcome.cut()).isFalse();
        if (!outcome.body().contains("Exception")) {
            assertThat(outcome.body()).contains(why, "\"blocked\":false");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatDoesNotExist(Route route) throws Exception {
        try (var firewall = route.firewall("nowhere.test", 443, "")) {
            isBadGateway(ask(route, firewall, "nowhere.test", 443, upstream("dns")), "nowhere.test cannot be resolved");
        }
    }

    @Test
    void aNameThatIsNeverResolved() throws Exception {
        overEvery(Stream.of(Route.values()), route -> {
            try (var firewall = route.firewall("silent.test", 443, SOON)) {
                isBadGateway(ask(route, firewall, "silent.test", 443, upstream("timeout")), "idle time");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPortThatIsClosed(Route route) throws Exception {
        int free;
        try (var probe = new ServerSocket(0)) {
            free = probe.getLocalPort();
        }
        try (var firewall = route.firewall("origin.test", free, "")) {
            isBadGateway(
                    ask(route, firewall, "origin.test", free, upstream("connect")), "no connection to origin.test");
        }
    }

    /** Half open: it took the connection and is gone, or hangs. */
    @Test
    void anOriginThatSaysNothing() throws Exception {
        overEvery(Stream.of(Route.values()), route -> {
            try (var origin = new RawOrigin(RouteFaultsTest::toTheEnd);
                    var firewall = route.firewall("origin.test", origin.port(), SOON)) {
                var tunnel = route == Route.TUNNEL;
                var outcome = ask(
                        route,
                        firewall,
                        "origin.test",
                        origin.port(),
                        tunnel ? "portcullis_limit_closes_total{limit=\"tunnel_idle\"}" : upstream("timeout"));
                if (tunnel) {
                    assertThat(outcome.cut()).isTrue();
                } else {
                    isBadGateway(outcome, "idle time");
                }
                noConnectionIsLeft(origin);
            }
        });
    }

    @Test
    void anOriginThatTakesTheRequestAndSaysNothing() throws Exception {
        overEvery(Stream.of(Route.values()).filter(each -> each != Route.TUNNEL), route -> {
            try (var origin = route.origin(socket -> {
                        Wire.head(socket.getInputStream());
                        toTheEnd(socket);
                    });
                    var firewall = route.firewall("origin.test", origin.port(), SOON)) {
                isBadGateway(ask(route, firewall, "origin.test", origin.port(), upstream("timeout")), "idle time");
                noConnectionIsLeft(origin);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatResetsBeforeItAnswers(Route route) throws Exception {
        try (var origin = route.origin(socket -> {
                    if (route == Route.TUNNEL) {
                        socket.getInputStream().read();
                    } else {
                        Wire.head(socket.getInputStream());
                    }
                    socket.setSoLinger(true, 0);
                });
                var firewall = route.firewall("origin.test", origin.port(), "")) {
            var tunnel = route == Route.TUNNEL;
            var outcome = ask(
                    route,
                    firewall,
                    "origin.test",
                    origin.port(),
                    tunnel ? "pipelock_tunnels_total{result=\"completed\"}" : upstream("reset"));
            if (tunnel) {
                assertThat(outcome.cut()).isTrue();
            } else {
                assertThat(outcome.status()).as(outcome.toString()).isEqualTo(502);
            }
            noConnectionIsLeft(origin);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatResetsInTheMiddle(Route route) throws Exception {
        try (var origin = route.origin(socket -> {
                    if (route == Route.TUNNEL) {
                        socket.getInputStream().read();
                        Wire.send(socket, "half of");
                    } else if (route.webSocket()) {
                        Wire.head(socket.getInputStream());
                        Wire.send(
                                socket,
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + "Sec-WebSocket-Accept: " + Frames.accept() + "\r\n\r\n");
                        socket.getOutputStream().write(new byte[] {(byte) 0x81, 100, 'h', 'a', 'l', 'f'});
                        socket.getOutputStream().flush();
                    } else {
                        Wire.head(socket.getInputStream());
                        Wire.send(
                                socket,
                                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 200000\r\n\r\n"
                                        + "x".repeat(100_000));
                    }
                    socket.setSoLinger(true, 0);
                });
                var firewall = route.firewall("origin.test", origin.port(), "")) {
            var counted = route == Route.TUNNEL
                    ? "pipelock_tunnels_total{result=\"completed\"}"
                    : route.webSocket() ? "pipelock_ws_connections_total{result=\"completed\"}" : upstream("reset");
            var outcome = ask(route, firewall, "origin.test", origin.port(), counted);
            if (route == Route.FETCH) {
                assertThat(outcome.status()).isEqualTo(502);
            } else {
                assertThat(outcome.cut()).as(outcome.toString()).isTrue();
            }
            if (route.webSocket()) {
                assertThat(outcome.body()).isEqualTo("1001 the origin is gone");
            }
            assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"read_error\"}"))
                    .isEqualTo(route == Route.INTERCEPTED || route == Route.INTERCEPTED_HTTP2 ? 2 : 0);
            assertThat(firewall.metric(
                            "pipelock_reverse_proxy_scan_blocked_total{direction=\"response\",reason=\"read_error\"}"))
                    .isEqualTo(route == Route.REVERSE ? 2 : 0);
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isZero();
            noConnectionIsLeft(origin);
        }
    }

    private static void noConnectionIsLeft(RawOrigin origin) {
        await().untilAsserted(() -> assertThat(origin.open()).isZero());
    }

    private static void toTheEnd(Socket socket) throws IOException {
        while (socket.getInputStream().read() >= 0) {
            // Whatever comes.
        }
    }
}
