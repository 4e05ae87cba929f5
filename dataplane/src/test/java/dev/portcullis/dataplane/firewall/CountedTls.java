package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What tunnels count whose TLS is intercepted, and the requests inside. */
final class CountedTls {
    private CountedTls() {}

    private static void refused(Traffic.Reply reply) {
        assertThat(reply.status()).isEqualTo(403);
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "a request inside, over HTTP/1.1",
                        "{}",
                        traffic -> {
                            assertThat(traffic.inside("/", "--http1.1").body()).isEqualTo("hello");
                            traffic.holds("pipelock_tls_cert_cache_size", 1);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        portcullis_intercepted_requests_total{result="allowed"} 1
                        """),
                new CountedEvent(
                        "three requests inside, over HTTP/2 on both sides",
                        "{}",
                        traffic -> {
                            var origin = traffic.closing(new Http2Origin(
                                    Http2Settings.defaultSettings(), request -> request.say("body of it")));
                            var bridge =
                                    traffic.closing(new ConnectBridge(traffic.firewall, "origin.test", origin.port()));
                            var run = Program.run(
                                    traffic.folder,
                                    "",
                                    List.of(
                                            Installed.program("nghttp", "nghttp2-client"),
                                            "-y",
                                            "-m",
                                            "3",
                                            "-H",
                                            ":authority: origin.test:" + origin.port(),
                                            "https://127.0.0.1:" + bridge.port() + "/"));
                            assertThat(run.out()).contains("body of it");
                            assertThat(origin.requests).hasValue(3);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        portcullis_intercepted_requests_total{result="allowed"} 3
                        """),
                new CountedEvent(
                        "an intercepted tunnel that is open",
                        "{}",
                        traffic -> {
                            var socket = traffic.closing(Intercepted.tunnel(
                                    traffic.firewall,
                                    TestCertificates.client(TestCertificates.POLICY),
                                    "origin.test",
                                    traffic.secure.port()));
                            socket.startHandshake();
                            traffic.holds("portcullis_intercepted_connections", 1);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        """),
                new CountedEvent(
                        "a client that does not trust the authority",
                        "{}",
                        traffic -> assertThat(traffic.curl("https://origin.test:" + traffic.secure.port() + "/")
                                        .exit())
                                .isEqualTo(60),
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_intercept_total{outcome="handshake_error"} 1
                        """),
                new CountedEvent(
                        "a handshake that does not end",
                        "{\"limits\": {\"headerTimeout\": \"2s\"}}",
                        traffic -> {
                            var socket = traffic.tunnel("origin.test", traffic.secure.port());
                            socket.getOutputStream().write(Intercepted.firstFlight());
                            CountedTunnels.ends(socket);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_intercept_total{outcome="deadline_error"} 1
                        """),
                new CountedEvent(
                        "an authority that has expired",
                        "{}",
                        traffic -> {
                            var made = Instant.now()
                                    .minus(CertificateAuthority.LIFETIME)
                                    .minus(Duration.ofDays(1));
                            traffic.firewall.swap(
                                    traffic.spec("{}"),
                                    CertificateAuthority.create("old", made),
                                    made.plus(Duration.ofDays(1)));
                            assertThat(traffic.inside("/").status()).isZero();
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_intercept_total{outcome="failed"} 1
                        """),
                new CountedEvent(
                        "something else than TLS where TLS is looked into",
                        "{}",
                        traffic -> assertThat(traffic.curl("-p", "http://origin.test:" + traffic.secure.port() + "/")
                                        .status())
                                .isZero(),
                        """
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        pipelock_sni_total{category="not_tls"} 1
                        pipelock_tunnels_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        """),
                new CountedEvent(
                        "a request for another host than its tunnel",
                        "{}",
                        traffic -> refused(traffic.inside("/", "-H", "Host: other.test")),
                        """
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="authority_mismatch"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "a credential in a URL inside",
                        "{}",
                        traffic -> refused(traffic.inside("/?t=" + Traffic.TOKEN)),
                        """
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="url_scan"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "a credential in a header inside",
                        "{}",
                        traffic -> refused(traffic.inside("/", "-H", "Authorization: Bearer " + Traffic.TOKEN)),
                        """
                        pipelock_header_dlp_hits_total{action="block"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="header_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "a credential in a body inside",
                        "{}",
                        traffic -> refused(traffic.inside("/", "-d", "t=" + Traffic.TOKEN)),
                        """
                        pipelock_body_dlp_hits_total{action="block"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="body_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "what cannot be redacted in a body inside",
                        "{\"dlp\": {\"redact\": {\"enabled\": true, \"classes\": [\"email\"]}}}",
                        traffic -> refused(traffic.inside(
                                "/", "-d", "to someone@example.org now", "-H", "Content-Type: text/plain")),
                        """
                        pipelock_scanner_hits_total{scanner="dlp"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="redaction"} 1
                        portcullis_findings_total{outcome="blocked",scanner="dlp"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "an address that looks like a known one, inside",
                        "{\"addresses\": {\"enabled\": true, \"known\": [{\"chain\": \"eth\","
                                + " \"address\": \"0x52908400098527886E0F7030069857D2E4169EE7\"}]}}",
                        traffic -> refused(traffic.inside("/", "-d", "to=0x5290aa00098527886e0f7030069857d2e4169ee7")),
                        """
                        pipelock_address_findings_total{chain="eth",verdict="lookalike"} 1
                        pipelock_scanner_hits_total{scanner="address"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="address_protection"} 1
                        portcullis_findings_total{outcome="blocked",scanner="address"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "a secret sent in two requests inside",
                        "{\"crossRequest\": {\"enabled\": true}, \"entropy\": {\"url\": \"0\"}}",
                        traffic -> {
                            var half = Traffic.TOKEN.length() / 2;
                            assertThat(traffic.inside("/?d=" + Traffic.TOKEN.substring(0, half))
                                            .status())
                                    .isEqualTo(200);
                            refused(traffic.inside("/?d=" + Traffic.TOKEN.substring(half)));
                        },
                        """
                        pipelock_cross_request_dlp_match_total 1
                        pipelock_scanner_hits_total{scanner="cross_request"} 1
                        pipelock_sni_total{category="match"} 2
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 2
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 2
                        pipelock_tls_request_blocked_total{reason="cross_request"} 1
                        portcullis_findings_total{outcome="blocked",scanner="cross_request"} 1
                        portcullis_intercepted_requests_total{result="allowed"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                answered("an instruction in a reply inside", "text/plain", "", Traffic.INJECTION, """
                        pipelock_scanner_hits_total{scanner="prompt_injection"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_response_blocked_total{reason="injection"} 1
                        portcullis_findings_total{outcome="blocked",scanner="prompt_injection"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                answered(
                        "an instruction in an event inside",
                        "text/event-stream",
                        "",
                        "data: " + Traffic.INJECTION + "\n\n",
                        """
                        pipelock_scanner_hits_total{scanner="prompt_injection"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_response_blocked_total{reason="sse_stream"} 1
                        portcullis_findings_total{outcome="blocked",scanner="prompt_injection"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                answered("a reply in an unknown coding inside", "text/plain", "compress", "?", """
                        pipelock_scanner_hits_total{scanner="compression"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_response_blocked_total{reason="compressed"} 1
                        portcullis_findings_total{outcome="blocked",scanner="compression"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                answered("a film inside", "video/mp4", "", "?", """
                        pipelock_scanner_hits_total{scanner="media"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_response_blocked_total{reason="media_policy"} 1
                        portcullis_findings_total{outcome="blocked",scanner="media"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                answered("a reply longer than is scanned inside", "text/plain", "", "x".repeat(9000), """
                        pipelock_scanner_hits_total{scanner="response_size"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_response_blocked_total{reason="oversized"} 1
                        portcullis_findings_total{outcome="blocked",scanner="response_size"} 1
                        portcullis_intercepted_requests_total{result="blocked"} 1
                        """),
                new CountedEvent(
                        "a reply that breaks off inside",
                        "{}",
                        traffic -> {
                            traffic.answer = (exchange, body) -> {
                                exchange.sendResponseHeaders(200, 9);
                                exchange.getResponseBody().write('x');
                                exchange.getResponseBody().flush();
                            };
                            assertThat(traffic.inside("/").exit()).isNotZero();
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="upstream"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_response_blocked_total{reason="read_error"} 1
                        portcullis_upstream_errors_total{reason="reset"} 1
                        """),
                new CountedEvent(
                        "a WebSocket inside whose handshake has a credential in a header",
                        "{}",
                        traffic -> refused(traffic.inside(
                                "/",
                                "--http1.1",
                                "-H",
                                "Connection: Upgrade",
                                "-H",
                                "Upgrade: websocket",
                                "-H",
                                "Sec-WebSocket-Version: 13",
                                "-H",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                "-H",
                                "Authorization: Bearer " + Traffic.TOKEN)),
                        """
                        pipelock_header_dlp_hits_total{action="block"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        pipelock_tls_request_blocked_total{reason="header_dlp"} 1
                        pipelock_ws_connections_total{result="blocked"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "a client of HTTP/2 that asks for nothing",
                        "{\"limits\": {\"idleTimeout\": \"2s\"}}",
                        traffic -> CountedTunnels.ends(
                                traffic.closing(RawHttp2.open(traffic.firewall, traffic.secure.port()))),
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        portcullis_limit_closes_total{limit="idle_timeout"} 1
                        """),
                new CountedEvent(
                        "a handshake that does not end within the idle time",
                        "{\"limits\": {\"idleTimeout\": \"2s\"}}",
                        traffic -> {
                            var socket = traffic.tunnel("origin.test", traffic.secure.port());
                            socket.getOutputStream().write(Intercepted.firstFlight());
                            CountedTunnels.ends(socket);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_intercept_total{outcome="deadline_error"} 1
                        """),
                new CountedEvent(
                        "a client that breaks HTTP/2",
                        "{}",
                        traffic -> {
                            var socket = traffic.closing(RawHttp2.open(traffic.firewall, traffic.secure.port()));
                            socket.getOutputStream().write(RawHttp2.frame(0, 0, 1, new byte[10]));
                            CountedTunnels.ends(socket);
                        },
                        """
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        portcullis_http2_faults_total 1
                        """));
    }

    private static CountedEvent answered(String what, String type, String coding, String text, String moves) {
        return new CountedEvent(
                what,
                "{\"injection\": {\"action\": \"Block\"}, \"limits\": {\"responseBody\": \"4Ki\", \"onOversize\": \"Refuse\"}}",
                traffic -> {
                    traffic.answer = CountedReverse.answer(type, coding, text);
                    refused(traffic.inside("/"));
                },
                moves);
    }
}
