package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.media.Pictures;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/** What plain HTTP counts beside refusals: deliveries, changed bodies, origins that fail, limits of connections. */
final class CountedHttp {
    private CountedHttp() {}

    private static void answered(Traffic.Reply reply, int status) {
        assertThat(reply.status()).isEqualTo(status);
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "a page is delivered",
                        "{}",
                        traffic -> assertThat(
                                        traffic.curl(traffic.origin.url("/")).body())
                                .isEqualTo("hello"),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="allowed"} 1
                        """),
                new CountedEvent(
                        "a page is fetched",
                        "{}",
                        traffic -> answered(
                                traffic.directly("http://127.0.0.1:" + traffic.firewall.port() + "/fetch?url="
                                        + traffic.origin.url("/")),
                                200),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="allowed"} 1
                        """),
                new CountedEvent(
                        "one client more than are remembered",
                        "{\"crossRequest\": {\"enabled\": true}}",
                        traffic -> {
                            for (var i = 0; i < 10_001; i++) {
                                try (var socket = new Socket()) {
                                    socket.bind(new InetSocketAddress("127.1." + i / 250 + "." + (i % 250 + 1), 0));
                                    socket.connect(new InetSocketAddress("127.0.0.1", traffic.firewall.port()));
                                    assertThat(Wire.exchange(
                                                            socket,
                                                            "GET http://nowhere.test/?d=abc HTTP/1.1\r\nHost: x\r\n\r\n")
                                                    .status())
                                            .isEqualTo(502);
                                }
                            }
                        },
                        """
                        portcullis_cross_request_evicted_total 1
                        portcullis_upstream_errors_total{reason="dns"} 10001
                        """),
                new CountedEvent(
                        "a picture with metadata",
                        "{}",
                        traffic -> {
                            traffic.answer = (exchange, body) -> {
                                exchange.getResponseHeaders().set("Content-Type", "image/jpeg");
                                exchange.sendResponseHeaders(200, 0);
                                exchange.getResponseBody().write(Pictures.jpeg());
                            };
                            answered(traffic.curl(traffic.origin.url("/")), 200);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="allowed"} 1
                        portcullis_bodies_rewritten_total{rewrite="metadata"} 1
                        """),
                new CountedEvent(
                        "a JSON body with personal data",
                        "{\"dlp\": {\"redact\": {\"enabled\": true, \"classes\": [\"email\"]}}}",
                        traffic -> answered(
                                traffic.curl(
                                        "-d",
                                        "{\"to\": \"someone@example.org\"}",
                                        "-H",
                                        "Content-Type: application/json",
                                        traffic.origin.url("/")),
                                200),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="allowed"} 1
                        portcullis_bodies_rewritten_total{rewrite="redaction"} 1
                        """),
                new CountedEvent(
                        "a name that does not exist",
                        "{}",
                        traffic -> answered(traffic.curl("http://nowhere.test/"), 502),
                        """
                        portcullis_upstream_errors_total{reason="dns"} 1
                        """),
                new CountedEvent(
                        "a port that is closed",
                        "{}",
                        traffic -> {
                            int free;
                            try (var probe = new java.net.ServerSocket(0)) {
                                free = probe.getLocalPort();
                            }
                            answered(traffic.curl("http://origin.test:" + free + "/"), 502);
                        },
                        """
                        portcullis_upstream_errors_total{reason="connect"} 1
                        """),
                new CountedEvent(
                        "an origin that resets",
                        "{}",
                        traffic -> {
                            var raw = traffic.closing(new RawOrigin(socket -> {
                                socket.getInputStream().read();
                                socket.setSoLinger(true, 0);
                            }));
                            answered(traffic.curl("-d", "x", "http://origin.test:" + raw.port() + "/"), 502);
                        },
                        """
                        portcullis_upstream_errors_total{reason="reset"} 1
                        """),
                new CountedEvent(
                        "an origin that speaks something else",
                        "{}",
                        traffic -> {
                            var raw = traffic.closing(new RawOrigin(socket -> {
                                Wire.send(socket, "SSH-2.0-server\r\n\r\n");
                                socket.getInputStream().readAllBytes();
                            }));
                            answered(traffic.curl("http://origin.test:" + raw.port() + "/"), 502);
                        },
                        """
                        portcullis_upstream_errors_total{reason="protocol"} 1
                        """),
                new CountedEvent(
                        "an origin that says nothing",
                        "{\"limits\": {\"idleTimeout\": \"2s\"}}",
                        traffic -> {
                            var raw = traffic.closing(new RawOrigin(
                                    socket -> socket.getInputStream().readAllBytes()));
                            answered(traffic.curl("http://origin.test:" + raw.port() + "/"), 502);
                        },
                        """
                        portcullis_upstream_errors_total{reason="timeout"} 1
                        """),
                new CountedEvent(
                        "an origin whose certificate is for another host",
                        "{}",
                        traffic -> answered(
                                traffic.directly("http://127.0.0.1:" + traffic.firewall.port()
                                        + "/fetch?url=https://other.test:" + traffic.secure.port() + "/"),
                                502),
                        """
                        portcullis_upstream_errors_total{reason="tls"} 1
                        """),
                new CountedEvent(
                        "a head that does not end",
                        "{\"limits\": {\"headerTimeout\": \"2s\"}}",
                        traffic -> {
                            var socket = traffic.closing(traffic.firewall.connect());
                            assertThat(Wire.exchange(socket, "GET http://origin.test/ HTTP/1.1\r\nHost:")
                                            .status())
                                    .isEqualTo(408);
                        },
                        """
                        portcullis_limit_closes_total{limit="header_timeout"} 1
                        """),
                new CountedEvent(
                        "a client that says nothing",
                        "{\"limits\": {\"idleTimeout\": \"2s\"}}",
                        traffic -> {
                            var socket = traffic.closing(traffic.firewall.connect());
                            assertThat(socket.getInputStream().read()).isEqualTo(-1);
                        },
                        """
                        portcullis_limit_closes_total{limit="idle_timeout"} 1
                        """),
                new CountedEvent(
                        "a client that does not take its reply",
                        "{\"limits\": {\"idleTimeout\": \"1s\"}}",
                        traffic -> {
                            traffic.answer = (exchange, body) -> {
                                exchange.sendResponseHeaders(200, 32 << 20);
                                exchange.getResponseBody().write(new byte[32 << 20]);
                            };
                            var socket = traffic.closing(new Socket());
                            socket.setReceiveBufferSize(4096);
                            socket.connect(new InetSocketAddress("127.0.0.1", traffic.firewall.port()));
                            Wire.send(socket, "GET " + traffic.origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
                            assertThat(socket.getInputStream().read()).isEqualTo('H');
                        },
                        """
                        portcullis_limit_closes_total{limit="slow_client"} 1
                        """),
                new CountedEvent(
                        "more connections than a client may hold",
                        "{\"limits\": {\"connectionsPerClient\": 2}}",
                        traffic -> {
                            for (var i = 0; i < 4; i++) {
                                var socket = traffic.closing(traffic.firewall.connect());
                                assertThat(Wire.exchange(socket, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                                                .status())
                                        .isEqualTo(200);
                            }
                            assertThat(traffic.closing(traffic.firewall.connect())
                                            .getInputStream()
                                            .read())
                                    .isEqualTo(-1);
                            for (var socket : traffic.opened()) {
                                socket.close();
                            }
                        },
                        """
                        portcullis_connections_refused_total 1
                        """),
                new CountedEvent(
                        "connections that are open",
                        "{}",
                        traffic -> {
                            var socket = traffic.closing(traffic.firewall.connect());
                            Wire.exchange(socket, "GET " + traffic.origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
                            traffic.holds("portcullis_client_connections", 2);
                            traffic.holds("portcullis_upstream_idle_connections", 1);
                            traffic.holds(
                                    "pipelock_info{version=\"" + dev.portcullis.dataplane.admin.BuildVersion.current()
                                            + "\"}",
                                    1);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="allowed"} 1
                        """));
    }
}
