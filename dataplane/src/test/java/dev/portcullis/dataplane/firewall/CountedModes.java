package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What findings count that do not refuse: of a policy that warns, and in mode Audit. */
final class CountedModes {
    private CountedModes() {}

    private static void is(Traffic.Reply reply, int status) {
        assertThat(reply.status()).isEqualTo(status);
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "findings of a policy that only warns",
                        "{\"dlp\": {\"action\": \"Warn\", \"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}\"}],"
                                + " \"canaries\": [{\"name\": \"honey\", \"secretKeyRef\": {\"name\": \"api\","
                                + " \"key\": \"token\"}}]}, \"media\": {\"video\": \"Warn\"},"
                                + " \"crossRequest\": {\"enabled\": true, \"entropyBudget\": {\"bits\": 10}},"
                                + CountedScans.ADDRESSES
                                        .substring(1)
                                        .replace("Warn\"", "Warn\", \"onLookalike\": \"Warn\""),
                        traffic -> {
                            for (var body : new String[] {
                                Traffic.TOKEN,
                                "TCK-123456",
                                CountedScans.PHRASE,
                                TestFirewall.TOKEN,
                                CountedScans.LOOKALIKE
                            }) {
                                is(
                                        traffic.curl(
                                                "-d", body, "-H", "Content-Type: text/plain", traffic.origin.url("/")),
                                        200);
                            }
                            is(traffic.curl("-H", "Authorization: TCK-123456", traffic.origin.url("/")), 200);
                            is(unreadable(traffic), 200);
                            traffic.answer = Origin.text(Traffic.INJECTION);
                            is(traffic.curl(traffic.origin.url("/")), 200);
                            traffic.answer = CountedScans.film();
                            is(traffic.curl(traffic.origin.url("/")), 200);
                            traffic.answer = (exchange, body) -> {
                                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                                exchange.sendResponseHeaders(200, 7);
                                exchange.getResponseBody().write("no gzip".getBytes());
                            };
                            is(traffic.curl(traffic.origin.url("/")), 200);
                        },
                        """
                        pipelock_address_findings_total{chain="eth",verdict="lookalike"} 1
                        pipelock_body_dlp_hits_total{action="warn"} 4
                        pipelock_cross_request_entropy_exceeded_total 10
                        pipelock_header_dlp_hits_total{action="warn"} 1
                        pipelock_request_duration_seconds_count 10
                        pipelock_requests_total{result="allowed"} 10
                        portcullis_findings_total{outcome="warned",scanner="address"} 1
                        portcullis_findings_total{outcome="warned",scanner="canary"} 1
                        portcullis_findings_total{outcome="warned",scanner="compression"} 1
                        portcullis_findings_total{outcome="warned",scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="warned",scanner="cross_request"} 10
                        portcullis_findings_total{outcome="warned",scanner="dlp"} 2
                        portcullis_findings_total{outcome="warned",scanner="media"} 1
                        portcullis_findings_total{outcome="warned",scanner="parser"} 1
                        portcullis_findings_total{outcome="warned",scanner="prompt_injection"} 1
                        portcullis_findings_total{outcome="warned",scanner="seed_phrase"} 1
                        """),
                new CountedEvent(
                        "what mode Audit would have refused",
                        "{\"mode\": \"Audit\", \"domains\": {\"block\": [\"blocked.test\"]}, \"injection\": {\"action\": \"Block\"},"
                                + " \"dlp\": {\"action\": \"Block\", \"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}\"}],"
                                + " \"canaries\": [{\"name\": \"honey\", \"secretKeyRef\": {\"name\": \"api\","
                                + " \"key\": \"token\"}}]}, \"crossRequest\": {\"enabled\": true,"
                                + " \"entropyBudget\": {\"bits\": 10, \"action\": \"Block\"}},"
                                + " \"limits\": {\"urlLength\": 256, \"requestBody\": \"4Ki\", \"responseBody\": \"4Ki\","
                                + " \"onOversize\": \"Refuse\", \"bytesPerMinutePerHost\": 10,"
                                + " \"requestsPerMinutePerHost\": 1}, " + CountedScans.ADDRESSES.substring(1),
                        traffic -> {
                            for (var path : new String[] {
                                "/a%0d%0aX", "/a/%2e%2e/b", "/?d=" + CountedScans.NOISE, "/" + "a/".repeat(150)
                            }) {
                                is(traffic.curl(traffic.origin.url(path)), 200);
                            }
                            traffic.curl("ftp://origin.test/");
                            traffic.curl("http://blocked.test:" + traffic.origin.port() + "/");
                            traffic.curl("http://127.0.0.4:" + traffic.origin.port() + "/");
                            traffic.curl("http://zq7xk2mwp9lr4tn8vb3yc6hd.example.com:" + traffic.origin.port() + "/");
                            for (var body : new String[] {
                                Traffic.TOKEN,
                                "TCK-123456",
                                CountedScans.PHRASE,
                                TestFirewall.TOKEN,
                                CountedScans.LOOKALIKE,
                                "y ".repeat(4000)
                            }) {
                                is(
                                        traffic.curl(
                                                "-d", body, "-H", "Content-Type: text/plain", traffic.origin.url("/")),
                                        200);
                            }
                            is(
                                    traffic.curl(
                                            "-d", "x", "-H", "Content-Encoding: compress", traffic.origin.url("/")),
                                    200);
                            is(unreadable(traffic), 200);
                            for (var text : new String[] {Traffic.INJECTION, "x".repeat(9000)}) {
                                traffic.answer = Origin.text(text);
                                is(traffic.curl(traffic.origin.url("/")), 200);
                            }
                            traffic.answer = CountedScans.film();
                            is(traffic.curl(traffic.origin.url("/")), 200);
                        },
                        """
                        pipelock_address_findings_total{chain="eth",verdict="lookalike"} 1
                        pipelock_body_dlp_hits_total{action="block"} 4
                        pipelock_cross_request_entropy_exceeded_total 17
                        pipelock_request_duration_seconds_count 17
                        pipelock_requests_total{result="allowed"} 17
                        portcullis_findings_total{outcome="would_block",scanner="address"} 1
                        portcullis_findings_total{outcome="would_block",scanner="canary"} 1
                        portcullis_findings_total{outcome="would_block",scanner="compression"} 1
                        portcullis_findings_total{outcome="would_block",scanner="core_dlp"} 1
                        portcullis_findings_total{outcome="would_block",scanner="crlf"} 1
                        portcullis_findings_total{outcome="would_block",scanner="cross_request"} 17
                        portcullis_findings_total{outcome="would_block",scanner="databudget"} *
                        portcullis_findings_total{outcome="would_block",scanner="dlp"} 1
                        portcullis_findings_total{outcome="would_block",scanner="domain"} 1
                        portcullis_findings_total{outcome="would_block",scanner="entropy"} 1
                        portcullis_findings_total{outcome="would_block",scanner="length"} 2
                        portcullis_findings_total{outcome="would_block",scanner="media"} 1
                        portcullis_findings_total{outcome="would_block",scanner="parser"} 1
                        portcullis_findings_total{outcome="would_block",scanner="path_traversal"} 1
                        portcullis_findings_total{outcome="would_block",scanner="prompt_injection"} 1
                        portcullis_findings_total{outcome="would_block",scanner="ratelimit"} *
                        portcullis_findings_total{outcome="would_block",scanner="response_size"} 1
                        portcullis_findings_total{outcome="would_block",scanner="scheme"} 1
                        portcullis_findings_total{outcome="would_block",scanner="seed_phrase"} 1
                        portcullis_findings_total{outcome="would_block",scanner="ssrf"} 1
                        portcullis_findings_total{outcome="would_block",scanner="subdomain_entropy"} 1
                        portcullis_upstream_errors_total{reason="connect"} 2
                        """));
    }

    private static Traffic.Reply unreadable(Traffic traffic) throws Exception {
        return traffic.curl(
                "-d", "hello", "-H", "Content-Type: text/plain; charset=x-unknown", traffic.origin.url("/"));
    }
}
