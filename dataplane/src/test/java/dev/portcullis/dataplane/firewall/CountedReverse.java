package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a reverse proxy counts. */
final class CountedReverse {
    private CountedReverse() {}

    private static void refused(Traffic.Reply reply) {
        assertThat(reply.status()).isEqualTo(403);
    }

    static Origin.Answer answer(String type, String coding, String text) {
        return (exchange, body) -> {
            exchange.getResponseHeaders().set("Content-Type", type);
            if (!coding.isEmpty()) {
                exchange.getResponseHeaders().set("Content-Encoding", coding);
            }
            exchange.sendResponseHeaders(200, text.length());
            exchange.getResponseBody().write(text.getBytes(StandardCharsets.US_ASCII));
        };
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "a request of every method to a tool",
                        "{}",
                        traffic -> {
                            for (var method : List.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND")) {
                                assertThat(traffic.tools("/", "-X", method).body())
                                        .isEqualTo("hello");
                            }
                            assertThat(traffic.tools("/", "-I").status()).isEqualTo(200);
                        },
                        """
                        pipelock_reverse_proxy_requests_total{method="DELETE",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="GET",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="HEAD",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="OPTIONS",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="OTHER",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="PATCH",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="POST",status="200"} 1
                        pipelock_reverse_proxy_requests_total{method="PUT",status="200"} 1
                        """),
                new CountedEvent(
                        "a credential in a URL to a tool",
                        "{}",
                        traffic -> refused(traffic.tools("/?t=" + Traffic.TOKEN)),
                        """
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="url_dlp"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "a credential in a header to a tool",
                        "{}",
                        traffic -> refused(traffic.tools("/", "-H", "Authorization: Bearer " + Traffic.TOKEN)),
                        """
                        pipelock_header_dlp_hits_total{action="block"} 1
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="header_dlp"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "a credential in a body to a tool",
                        "{}",
                        traffic -> refused(traffic.tools("/", "-d", "t=" + Traffic.TOKEN)),
                        """
                        pipelock_body_dlp_hits_total{action="block"} 1
                        pipelock_reverse_proxy_requests_total{method="POST",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="dlp"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "what cannot be redacted in a body to a tool",
                        "{\"dlp\": {\"redact\": {\"enabled\": true, \"classes\": [\"email\"]}}}",
                        traffic -> refused(traffic.tools(
                                "/", "-d", "to someone@example.org now", "-H", "Content-Type: text/plain")),
                        """
                        pipelock_reverse_proxy_requests_total{method="POST",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="redaction"} 1
                        pipelock_scanner_hits_total{scanner="dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="dlp"} 1
                        """),
                new CountedEvent(
                        "a body in an unknown coding to a tool",
                        "{}",
                        traffic -> refused(traffic.tools("/", "-d", "x=1", "-H", "Content-Encoding: compress")),
                        """
                        pipelock_reverse_proxy_requests_total{method="POST",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="compressed"} 1
                        pipelock_scanner_hits_total{scanner="compression"} 1
                        portcullis_findings_total{outcome="blocked",scanner="compression"} 1
                        """),
                new CountedEvent(
                        "a body to a tool longer than is scanned",
                        "{\"limits\": {\"requestBody\": \"4Ki\", \"onOversize\": \"Refuse\"}}",
                        traffic -> refused(traffic.tools("/", "-d", "y ".repeat(4000))),
                        """
                        pipelock_reverse_proxy_requests_total{method="POST",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="request",reason="oversized"} 1
                        pipelock_scanner_hits_total{scanner="length"} 1
                        portcullis_findings_total{outcome="blocked",scanner="length"} 1
                        """),
                answered("an instruction in a reply of a tool", "text/plain", "", Traffic.INJECTION, """
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="response",reason="injection"} 1
                        pipelock_scanner_hits_total{scanner="prompt_injection"} 1
                        portcullis_findings_total{outcome="blocked",scanner="prompt_injection"} 1
                        """),
                answered(
                        "an instruction in an event of a tool",
                        "text/event-stream",
                        "",
                        "data: " + Traffic.INJECTION + "\n\n",
                        """
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="response",reason="sse_stream"} 1
                        pipelock_scanner_hits_total{scanner="prompt_injection"} 1
                        portcullis_findings_total{outcome="blocked",scanner="prompt_injection"} 1
                        """),
                answered("a reply of a tool in an unknown coding", "text/plain", "compress", "?", """
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="response",reason="compressed"} 1
                        pipelock_scanner_hits_total{scanner="compression"} 1
                        portcullis_findings_total{outcome="blocked",scanner="compression"} 1
                        """),
                answered("a film of a tool", "video/mp4", "", "?", """
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="response",reason="media_policy"} 1
                        pipelock_scanner_hits_total{scanner="media"} 1
                        portcullis_findings_total{outcome="blocked",scanner="media"} 1
                        """),
                answered("a reply of a tool longer than is scanned", "text/plain", "", "x".repeat(9000), """
                        pipelock_reverse_proxy_requests_total{method="GET",status="403"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="response",reason="oversized"} 1
                        pipelock_scanner_hits_total{scanner="response_size"} 1
                        portcullis_findings_total{outcome="blocked",scanner="response_size"} 1
                        """),
                new CountedEvent(
                        "a reply of a tool that breaks off",
                        "{}",
                        traffic -> {
                            traffic.answer = (exchange, body) -> {
                                exchange.sendResponseHeaders(200, 9);
                                exchange.getResponseBody().write('x');
                                exchange.getResponseBody().flush();
                            };
                            assertThat(traffic.tools("/").exit()).isNotZero();
                        },
                        """
                        pipelock_reverse_proxy_requests_total{method="GET",status="200"} 1
                        pipelock_reverse_proxy_scan_blocked_total{direction="response",reason="read_error"} 1
                        portcullis_upstream_errors_total{reason="reset"} 1
                        """));
    }

    private static CountedEvent answered(String what, String type, String coding, String text, String moves) {
        return new CountedEvent(
                what,
                "{\"injection\": {\"action\": \"Block\"}, \"limits\": {\"responseBody\": \"4Ki\", \"onOversize\": \"Refuse\"}}",
                traffic -> {
                    traffic.answer = answer(type, coding, text);
                    refused(traffic.tools("/"));
                },
                moves);
    }
}
