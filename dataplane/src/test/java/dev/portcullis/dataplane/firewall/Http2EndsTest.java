package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends intercepted HTTP/2 connections and their streams from our side, frame by frame. */
@Timeout(120)
class Http2EndsTest {
    @Test
    void aKillSwitchSaysGoAwayAndClosesIdleConnectionsAndBusyOnes() throws Exception {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
                    begun.countDown();
                    hold(end);
                });
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var idle = RawHttp2.open(firewall, origin.port());
                var busy = RawHttp2.open(firewall, origin.port())) {
            busy.getOutputStream().write(RawHttp2.frame(RawHttp2.HEADERS, 5, 1, RawHttp2.head(false, origin.port())));
            begun.await();
            assertThat(RawHttp2.await(idle, RawHttp2.SETTINGS)).isTrue();
            firewall.swap(Intercepted.policy(origin.port(), ""), "{\"engaged\": true, \"reason\": \"drill\"}");
            assertThat(RawHttp2.await(idle, RawHttp2.GO_AWAY)).isTrue();
            assertThat(RawHttp2.await(idle, -1)).isFalse();
            assertThat(RawHttp2.await(busy, RawHttp2.GO_AWAY)).isTrue();
            assertThat(RawHttp2.await(busy, -1)).isFalse();
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_intercepted_connections"))
                    .isZero());
            end.countDown();
        }
    }

    private static void hold(CountDownLatch until) {
        try {
            until.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aProxyThatStopsSaysGoAwayAndFinishesWhatIsInFlight() throws Exception {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
                    begun.countDown();
                    hold(end);
                    exchange.sendResponseHeaders(204, -1);
                });
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var socket = RawHttp2.open(firewall, origin.port())) {
            socket.getOutputStream().write(RawHttp2.frame(RawHttp2.HEADERS, 5, 1, RawHttp2.head(false, origin.port())));
            begun.await();
            var stopping = Thread.ofVirtual().start(firewall.role::drain);
            assertThat(RawHttp2.await(socket, RawHttp2.GO_AWAY)).isTrue();
            end.countDown();
            RawHttp2.Frame frame;
            do {
                frame = RawHttp2.read(socket);
            } while (frame.type() != RawHttp2.HEADERS);
            assertThat(frame.stream()).isEqualTo(1);
            // 204 is entry 9 of the static table.
            assertThat(frame.payload()[0]).isEqualTo((byte) 0x89);
            stopping.join();
        }
    }

    @Test
    void aStreamThatStandsStillEndsThoughOthersKeepTheConnectionBusy() throws Exception {
        // No data, which would use up the window.
        try (var origin = Origin.secure(
                        TestCertificates.origin("origin.test"),
                        (exchange, body) -> exchange.sendResponseHeaders(204, -1));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), "")
                        .replaceFirst("\\{", "{\"limits\": {\"idleTimeout\": \"2s\"}, "));
                var socket = RawHttp2.open(firewall, origin.port())) {
            // A POST whose body never comes.
            socket.getOutputStream().write(RawHttp2.frame(RawHttp2.HEADERS, 4, 1, RawHttp2.head(true, origin.port())));
            var next = 3;
            RawHttp2.Frame frame;
            do {
                socket.getOutputStream()
                        .write(RawHttp2.frame(RawHttp2.HEADERS, 5, next, RawHttp2.head(false, origin.port())));
                next += 2;
                do {
                    frame = RawHttp2.read(socket);
                } while (frame.type() != RawHttp2.HEADERS);
            } while (frame.stream() != 1);
            assertThat(firewall.metric("portcullis_limit_closes_total{limit=\"slow_client\"}"))
                    .isEqualTo(1);
        }
    }
}
