package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.LeakedBuffers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies that two readers could take for different ones. */
@Timeout(60)
class OddRepliesTest {
    @AfterAll
    static void noBufferIsLeft() {
        LeakedBuffers.check();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 99 Odd\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 1000 Odd\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
            })
    void areBadGateways(String reply) throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    Wire.send(socket, reply);
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var answer =
                    Wire.exchange(socket, "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer.status()).isEqualTo(502);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"protocol\"}"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FORWARD", "FETCH", "REVERSE"})
    void interimRepliesWithoutEndAreNotFollowed(Route route) throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    while (true) {
                        Wire.send(socket, "HTTP/1.1 102 Processing\r\n\r\n".repeat(10));
                    }
                });
                var firewall = route.firewall("origin.test", origin.port(), "")) {
            try (var socket = route == Route.REVERSE ? firewall.connectToReverseProxy() : firewall.connect()) {
                Wire.send(
                        socket,
                        switch (route) {
                                    case FETCH -> "GET /fetch?url=http://origin.test:" + origin.port() + "/";
                                    case REVERSE -> "GET /";
                                    default -> "GET http://origin.test:" + origin.port() + "/";
                                }
                                + " HTTP/1.1\r\nHost: x\r\n\r\n");
                Wire.Reply reply;
                var interim = 0;
                while ((reply = Wire.read(socket.getInputStream())).status() == 102) {
                    interim++;
                }
                assertThat(reply.status()).isEqualTo(502);
                assertThat(reply.body()).contains("more than 100 interim replies");
                assertThat(interim).isEqualTo(route == Route.FETCH ? 0 : 100);
            }
        }
    }

    @Test
    void aBodyHasTheTypeByWhichItWasJudgedAndNoOther() throws Exception {
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.getResponseHeaders().add("Content-Type", "text/plain");
                    exchange.getResponseHeaders().add("Content-Type", "image/png");
                    var seen = String.valueOf(exchange.getRequestHeaders().get("Content-Type"))
                            .getBytes();
                    exchange.sendResponseHeaders(200, seen.length);
                    exchange.getResponseBody().write(seen);
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(
                    socket,
                    "POST " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                            + "content-type: image/png\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
            var raw = new String(socket.getInputStream().readAllBytes(), "ISO-8859-1");
            assertThat(raw).startsWith("HTTP/1.1 200 ").endsWith("[text/plain]");
            assertThat(raw).doesNotContain("image/png");
        }
    }
}
