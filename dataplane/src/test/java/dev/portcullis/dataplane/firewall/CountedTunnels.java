package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.util.List;

/** What tunnels count that nobody looks into. */
final class CountedTunnels {
    private CountedTunnels() {}

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "TLS for the host of the tunnel",
                        "{}",
                        traffic -> {
                            var origin = traffic.closing(
                                    Origin.secure(TestCertificates.origin("opaque.test"), Origin.text("hello")));
                            assertThat(traffic.curl("-k", "https://opaque.test:" + origin.port() + "/")
                                            .status())
                                    .isEqualTo(200);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tunnel_bytes_total *
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        """),
                new CountedEvent(
                        "TLS for another host",
                        "{}",
                        traffic -> assertThat(traffic.curl(
                                                "-k",
                                                "--connect-to",
                                                "other.test:443:opaque.test:" + traffic.secure.port(),
                                                "https://other.test/")
                                        .exit())
                                .isNotZero(),
                        """
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        pipelock_sni_total{category="mismatch"} 1
                        pipelock_tunnels_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        """),
                new CountedEvent(
                        "something else than TLS",
                        "{}",
                        traffic -> assertThat(traffic.curl("-p", "http://opaque.test:" + traffic.origin.port() + "/")
                                        .status())
                                .isEqualTo(200),
                        """
                        pipelock_sni_total{category="not_tls"} 1
                        pipelock_tunnel_bytes_total *
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        """),
                new CountedEvent(
                        "TLS that names no host",
                        "{}",
                        traffic -> assertThat(traffic.curl("-k", "https://127.0.0.1:" + traffic.secure.port() + "/")
                                        .status())
                                .isEqualTo(200),
                        """
                        pipelock_sni_total{category="no_extension"} 1
                        pipelock_tunnel_bytes_total *
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        """),
                new CountedEvent(
                        "TLS that cannot be read",
                        "{}",
                        traffic -> {
                            var socket = traffic.tunnel("opaque.test", traffic.secure.port());
                            socket.getOutputStream().write(new byte[] {22, 3, 1, 0, 5, 2, 0, 0, 1, 0});
                            ends(socket);
                        },
                        """
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        pipelock_sni_total{category="malformed_tls"} 1
                        pipelock_tunnels_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        """),
                new CountedEvent(
                        "a client that does not begin",
                        "{\"limits\": {\"headerTimeout\": \"2s\"}}",
                        traffic -> ends(traffic.tunnel("opaque.test", traffic.secure.port())),
                        """
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        pipelock_sni_total{category="timeout"} 1
                        pipelock_tunnels_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        """),
                new CountedEvent(
                        "bytes, while the tunnel is open",
                        "{\"connect\": {\"verifySni\": false}}",
                        traffic -> {
                            var echo = traffic.closing(RawOrigin.echo());
                            var socket = traffic.tunnel("opaque.test", echo.port());
                            Wire.send(socket, "ping");
                            assertThat(socket.getInputStream().readNBytes(4)).hasSize(4);
                            traffic.holds("pipelock_active_tunnels", 1);
                            socket.close();
                            traffic.holds("pipelock_active_tunnels", 0);
                        },
                        """
                        pipelock_tunnel_bytes_total 8
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        """),
                new CountedEvent(
                        "a tunnel to a listed host",
                        "{\"domains\": {\"block\": [\"opaque.test\"]}}",
                        traffic -> assertThat(
                                        traffic.curl("https://opaque.test/").exit())
                                .isNotZero(),
                        """
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        pipelock_tunnels_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        """),
                new CountedEvent(
                        "a credential in the header of a CONNECT",
                        "{}",
                        traffic -> assertThat(traffic.curl(
                                                "--proxy-header",
                                                "Authorization: Bearer " + Traffic.TOKEN,
                                                "https://opaque.test/")
                                        .exit())
                                .isNotZero(),
                        """
                        pipelock_header_dlp_hits_total{action="block"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_tunnels_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "a tunnel that lived long enough",
                        "{\"connect\": {\"verifySni\": false}, \"limits\": {\"tunnelLifetime\": \"200ms\"}}",
                        traffic -> ends(traffic.tunnel(
                                "opaque.test", traffic.closing(RawOrigin.echo()).port())),
                        """
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        portcullis_limit_closes_total{limit="tunnel_lifetime"} 1
                        """),
                new CountedEvent(
                        "a tunnel in which nothing passes",
                        "{\"connect\": {\"verifySni\": false}, \"limits\": {\"idleTimeout\": \"2s\"}}",
                        traffic -> ends(traffic.tunnel(
                                "opaque.test", traffic.closing(RawOrigin.echo()).port())),
                        """
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        portcullis_limit_closes_total{limit="tunnel_idle"} 1
                        """),
                new CountedEvent(
                        "a tunnel that uses up the bytes of its domain",
                        "{\"connect\": {\"verifySni\": false}, \"limits\": {\"bytesPerMinutePerHost\": 3}}",
                        traffic -> {
                            var socket = traffic.tunnel(
                                    "opaque.test",
                                    traffic.closing(RawOrigin.echo()).port());
                            Wire.send(socket, "ping");
                            ends(socket);
                        },
                        """
                        pipelock_tunnel_bytes_total 4
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        portcullis_limit_closes_total{limit="data_budget"} 1
                        """),
                new CountedEvent(
                        "a tunnel to a known WebSocket API",
                        "{\"webSocket\": {\"apiHosts\": [\"opaque.test\"]}}",
                        traffic -> assertThat(traffic.curl("-p", "http://opaque.test:" + traffic.origin.port() + "/")
                                        .status())
                                .isEqualTo(200),
                        """
                        pipelock_forward_ws_redirect_hint_total 1
                        pipelock_sni_total{category="not_tls"} 1
                        pipelock_tunnel_bytes_total *
                        pipelock_tunnel_duration_seconds_count 1
                        pipelock_tunnels_total{result="completed"} 1
                        """));
    }

    /** Waits for the end of a connection, however it ends. */
    static void ends(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }
}
