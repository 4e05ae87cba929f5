package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What each scanner counts where it refuses. */
final class CountedScans {
    static final String PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    static final String NOISE = "kR7vQ2mZ9pLw4TbYc8NhXs1DfGj6UaEo";
    static final String ADDRESSES = "{\"addresses\": {\"enabled\": true, \"onUnknown\": \"Warn\","
            + " \"known\": [{\"chain\": \"eth\", \"address\": \"0x52908400098527886E0F7030069857D2E4169EE7\"}]}}";
    static final String LOOKALIKE = "to=0x5290aa00098527886e0f7030069857d2e4169ee7";

    private CountedScans() {}

    private static void answered(Traffic.Reply reply, int status) {
        assertThat(reply.status()).isEqualTo(status);
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "a listed host",
                        "{\"domains\": {\"block\": [\"origin.test\"]}}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/")), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="domain"} 1
                        portcullis_findings_total{outcome="blocked",scanner="domain"} 1
                        """),
                new CountedEvent(
                        "a scheme that is not HTTP",
                        "{}",
                        traffic -> answered(traffic.curl("ftp://origin.test/"), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="scheme"} 1
                        portcullis_findings_total{outcome="blocked",scanner="scheme"} 1
                        """),
                new CountedEvent(
                        "a line break in a URL",
                        "{}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/a%0d%0aX:y")), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="crlf"} 1
                        portcullis_findings_total{outcome="blocked",scanner="crlf"} 1
                        """),
                new CountedEvent(
                        "a path that climbs out of its folder",
                        "{}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/a/%2e%2e/b")), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="path_traversal"} 1
                        portcullis_findings_total{outcome="blocked",scanner="path_traversal"} 1
                        """),
                new CountedEvent(
                        "noise in a query",
                        "{}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/?d=" + NOISE)), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="entropy"} 1
                        portcullis_findings_total{outcome="blocked",scanner="entropy"} 1
                        """),
                new CountedEvent(
                        "noise in a host name",
                        "{}",
                        traffic -> answered(traffic.curl("http://zq7xk2mwp9lr4tn8vb3yc6hd.example.com/"), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="subdomain_entropy"} 1
                        portcullis_findings_total{outcome="blocked",scanner="subdomain_entropy"} 1
                        """),
                new CountedEvent(
                        "a URL that is too long",
                        "{\"limits\": {\"urlLength\": 256}}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/" + "a/".repeat(150))), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="length"} 1
                        portcullis_findings_total{outcome="blocked",scanner="length"} 1
                        """),
                new CountedEvent(
                        "an internal address", "{}", traffic -> answered(traffic.curl("http://10.0.0.7/"), 403), """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="ssrf"} 1
                        portcullis_findings_total{outcome="blocked",scanner="ssrf"} 1
                        """),
                new CountedEvent(
                        "a credential of a core class in a query",
                        "{}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/?t=" + Traffic.TOKEN)), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="core_dlp"} 1
                        """),
                new CountedEvent(
                        "a credential of the policy's own in a header",
                        "{\"dlp\": {\"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}\"}]}}",
                        traffic ->
                                answered(traffic.curl("-H", "Authorization: TCK-123456", traffic.origin.url("/")), 403),
                        """
                        pipelock_header_dlp_hits_total{action="block"} 1
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="dlp"} 1
                        portcullis_findings_total{outcome="blocked",scanner="dlp"} 1
                        """),
                new CountedEvent(
                        "a seed phrase in a body",
                        "{}",
                        traffic -> answered(
                                traffic.curl("-d", PHRASE, "-H", "Content-Type: text/plain", traffic.origin.url("/")),
                                403),
                        """
                        pipelock_body_dlp_hits_total{action="block"} 1
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="seed_phrase"} 1
                        portcullis_findings_total{outcome="blocked",scanner="seed_phrase"} 1
                        """),
                new CountedEvent(
                        "a canary in a query",
                        "{\"dlp\": {\"canaries\": [{\"name\": \"honey\", \"secretKeyRef\": {\"name\": \"api\","
                                + " \"key\": \"token\"}}]}}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/?q=" + TestFirewall.TOKEN)), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="canary"} 1
                        portcullis_findings_total{outcome="blocked",scanner="canary"} 1
                        """),
                new CountedEvent(
                        "an address that looks like a known one",
                        ADDRESSES,
                        traffic -> answered(traffic.curl("-d", LOOKALIKE, traffic.origin.url("/")), 403),
                        """
                        pipelock_address_findings_total{chain="eth",verdict="lookalike"} 1
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="address"} 1
                        portcullis_findings_total{outcome="blocked",scanner="address"} 1
                        """),
                new CountedEvent(
                        "a secret sent in two requests",
                        "{\"crossRequest\": {\"enabled\": true}, \"entropy\": {\"url\": \"0\"}}",
                        traffic -> {
                            var half = Traffic.TOKEN.length() / 2;
                            answered(traffic.curl(traffic.origin.url("/?d=" + Traffic.TOKEN.substring(0, half))), 200);
                            answered(traffic.curl(traffic.origin.url("/?d=" + Traffic.TOKEN.substring(half))), 403);
                            traffic.holds("pipelock_cross_request_fragment_buffer_bytes", 40);
                        },
                        """
                        pipelock_cross_request_dlp_match_total 1
                        pipelock_request_duration_seconds_count 2
                        pipelock_requests_total{result="allowed"} 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="cross_request"} 1
                        portcullis_findings_total{outcome="blocked",scanner="cross_request"} 1
                        """),
                new CountedEvent(
                        "a client over its entropy budget",
                        "{\"crossRequest\": {\"enabled\": true, \"entropyBudget\": {\"bits\": 10, \"action\": \"Block\"}}}",
                        traffic -> answered(traffic.curl(traffic.origin.url("/?q=abcdefghijklmnop")), 403),
                        """
                        pipelock_cross_request_entropy_exceeded_total 1
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="cross_request"} 1
                        portcullis_findings_total{outcome="blocked",scanner="cross_request"} 1
                        """),
                new CountedEvent(
                        "an instruction in a page",
                        "{\"injection\": {\"action\": \"Block\"}}",
                        traffic -> {
                            traffic.answer = Origin.text(Traffic.INJECTION);
                            answered(traffic.curl(traffic.origin.url("/")), 403);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="prompt_injection"} 1
                        portcullis_findings_total{outcome="blocked",scanner="prompt_injection"} 1
                        """),
                new CountedEvent(
                        "a film",
                        "{}",
                        traffic -> {
                            traffic.answer = film();
                            answered(traffic.curl(traffic.origin.url("/")), 403);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="media"} 1
                        portcullis_findings_total{outcome="blocked",scanner="media"} 1
                        """),
                new CountedEvent(
                        "a request body longer than is scanned",
                        "{\"limits\": {\"requestBody\": \"4Ki\", \"onOversize\": \"Refuse\"}}",
                        traffic -> answered(traffic.curl("-d", "y ".repeat(4000), traffic.origin.url("/")), 403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="length"} 1
                        portcullis_findings_total{outcome="blocked",scanner="length"} 1
                        """),
                new CountedEvent(
                        "a response longer than is scanned",
                        "{\"limits\": {\"responseBody\": \"4Ki\", \"onOversize\": \"Refuse\"}}",
                        traffic -> {
                            traffic.answer = Origin.text("x".repeat(9000));
                            answered(traffic.curl(traffic.origin.url("/")), 403);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="response_size"} 1
                        portcullis_findings_total{outcome="blocked",scanner="response_size"} 1
                        """),
                new CountedEvent(
                        "a body in an unknown coding",
                        "{}",
                        traffic -> answered(
                                traffic.curl("-d", "x=1", "-H", "Content-Encoding: compress", traffic.origin.url("/")),
                                403),
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="compression"} 1
                        portcullis_findings_total{outcome="blocked",scanner="compression"} 1
                        """),
                new CountedEvent(
                        "a domain over its rate",
                        "{\"limits\": {\"requestsPerMinutePerHost\": 1}}",
                        traffic -> {
                            answered(traffic.curl(traffic.origin.url("/")), 200);
                            answered(traffic.curl(traffic.origin.url("/")), 429);
                        },
                        """
                        pipelock_request_duration_seconds_count 2
                        pipelock_requests_total{result="allowed"} 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="ratelimit"} 1
                        portcullis_findings_total{outcome="blocked",scanner="ratelimit"} 1
                        """),
                new CountedEvent(
                        "a domain over its bytes",
                        "{\"limits\": {\"bytesPerMinutePerHost\": 10}}",
                        traffic -> {
                            traffic.answer = Origin.text("x".repeat(100));
                            answered(traffic.curl(traffic.origin.url("/")), 200);
                            answered(traffic.curl(traffic.origin.url("/")), 429);
                        },
                        """
                        pipelock_request_duration_seconds_count 2
                        pipelock_requests_total{result="allowed"} 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="databudget"} 1
                        portcullis_findings_total{outcome="blocked",scanner="databudget"} 1
                        """),
                new CountedEvent(
                        "a request that two readers could read differently",
                        "{}",
                        traffic -> {
                            var socket = traffic.closing(traffic.firewall.connect());
                            assertThat(Wire.exchange(
                                                    socket,
                                                    "POST " + traffic.origin.url("/")
                                                            + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                                                            + "Transfer-Encoding: chunked\r\n\r\n")
                                            .status())
                                    .isEqualTo(400);
                        },
                        """
                        pipelock_request_duration_seconds_count 1
                        pipelock_requests_total{result="blocked"} 1
                        pipelock_scanner_hits_total{scanner="parser"} 1
                        portcullis_findings_total{outcome="blocked",scanner="parser"} 1
                        """));
    }

    static Origin.Answer film() {
        return (exchange, body) -> {
            exchange.getResponseHeaders().set("Content-Type", "video/mp4");
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write(new byte[4]);
        };
    }
}
