package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** What the scan API counts: each kind, decision, stage and severity, and each error but those of {@link ScanApiLifeTest}. */
final class CountedScanApi {
    private static final String DLP = "{\"kind\": \"dlp\", \"input\": {\"text\": \"good morning\"}}";

    private CountedScanApi() {}

    /** Sends {@code body}, and what else curl is told. */
    private static void ask(Traffic traffic, int status, String body, String... more) throws Exception {
        var arguments = new ArrayList<>(
                List.of("-d", body, "http://127.0.0.1:" + traffic.firewall.role.scanApiPort() + "/v1/scan"));
        arguments.addAll(List.of(more));
        if (List.of(more).stream().noneMatch(one -> one.startsWith("Authorization:"))) {
            arguments.addAll(List.of("-H", "Authorization: Bearer " + TestFirewall.TOKEN));
        }
        assertThat(traffic.directly(arguments.toArray(String[]::new)).status()).isEqualTo(status);
    }

    private static String input(String kind, String fields) {
        return "{\"kind\": \"" + kind + "\", \"input\": {" + fields + "}}";
    }

    private static CountedEvent scanned(String what, String spec, String kind, String fields, String moves) {
        return new CountedEvent(
                "asked: " + what, spec, traffic -> ask(traffic, 200, input(kind, fields)), moves.replace("KIND", kind));
    }

    private static CountedEvent failed(String what, String spec, int status, String kind, String code, Call call) {
        return new CountedEvent(
                "asked: " + what, spec, traffic -> call.of(traffic, status), """
                pipelock_scan_api_errors_total{error_code="%s",kind="%s"} 1
                pipelock_scan_api_requests_total{decision="error",kind="%s",status_code="%d"} 1
                """.formatted(code, kind, kind, status));
    }

    @FunctionalInterface
    private interface Call {
        void of(Traffic traffic, int status) throws Exception;
    }

    private static final String ALLOWED = """
            pipelock_scan_api_duration_seconds_count{kind="KIND"} 1
            pipelock_scan_api_requests_total{decision="allow",kind="KIND",status_code="200"} 1
            """;

    private static String denied(String scanner, String severity) {
        return """
                pipelock_scan_api_duration_seconds_count{kind="KIND"} 1
                pipelock_scan_api_findings_total{kind="KIND",scanner="%s",severity="%s"} 1
                pipelock_scan_api_requests_total{decision="deny",kind="KIND",status_code="200"} 1
                """.formatted(scanner, severity);
    }

    static List<CountedEvent> events() {
        return List.of(
                scanned("an ordinary text", "{}", "dlp", "\"text\": \"good morning\"", ALLOWED),
                scanned("an ordinary page", "{}", "prompt_injection", "\"content\": \"good morning\"", ALLOWED),
                scanned("an ordinary URL", "{}", "url", "\"url\": \"http://origin.test/\"", ALLOWED),
                scanned(
                        "an ordinary tool call",
                        "{}",
                        "tool_call",
                        "\"tool_name\": \"read\", \"arguments\": {\"path\": \"a.txt\"}",
                        ALLOWED),
                scanned(
                        "a text with a secret",
                        "{}",
                        "dlp",
                        "\"text\": \"" + Traffic.TOKEN + "\"",
                        denied("dlp", "critical")),
                scanned(
                        "a text with something of a low severity",
                        "{\"dlp\": {\"patterns\": [{\"name\": \"ticket\", \"regex\": \"TCK-[0-9]{6}\", \"severity\": \"low\"}]}}",
                        "dlp",
                        "\"text\": \"TCK-123456\"",
                        denied("dlp", "low")),
                scanned(
                        "a page with an instruction",
                        "{\"injection\": {\"action\": \"Block\"}}",
                        "prompt_injection",
                        "\"content\": \"" + Traffic.INJECTION + "\"",
                        denied("prompt_injection", "high")),
                scanned("an internal address", "{}", "url", "\"url\": \"http://10.0.0.7/\"", denied("url", "high")),
                scanned(
                        "a URL with a secret",
                        "{}",
                        "url",
                        "\"url\": \"http://origin.test/?t=" + Traffic.TOKEN + "\"",
                        denied("url", "critical")),
                scanned(
                        "a listed host",
                        "{\"domains\": {\"block\": [\"origin.test\"]}}",
                        "url",
                        "\"url\": \"http://origin.test/\"",
                        denied("url", "medium")),
                scanned(
                        "a tool call with a secret",
                        "{}",
                        "tool_call",
                        "\"tool_name\": \"send\", \"arguments\": {\"body\": \"" + Traffic.TOKEN + "\"}",
                        denied("dlp", "critical")),
                scanned(
                        "a tool call with an instruction",
                        "{\"injection\": {\"action\": \"Block\"}}",
                        "tool_call",
                        "\"tool_name\": \"note\", \"arguments\": {\"text\": \"" + Traffic.INJECTION + "\"}",
                        denied("prompt_injection", "high")),
                new CountedEvent(
                        "asked: two inputs at once",
                        "{}",
                        traffic -> ask(traffic, 200, "{\"inputs\": [" + DLP + ", " + DLP + "]}"),
                        """
                        pipelock_scan_api_duration_seconds_count{kind="dlp"} 2
                        pipelock_scan_api_requests_total{decision="allow",kind="dlp",status_code="200"} 2
                        """),
                failed(
                        "with GET",
                        "{}",
                        405,
                        "",
                        "method_not_allowed",
                        (traffic, status) -> ask(traffic, status, DLP, "-X", "GET")),
                failed(
                        "without a token",
                        "{}",
                        401,
                        "",
                        "unauthorized",
                        (traffic, status) -> ask(traffic, status, DLP, "-H", "Authorization: Bearer of-somebody-else")),
                new CountedEvent(
                        "asked: more often than a token may",
                        "{\"scanApi\": {\"requestsPerMinute\": 1}}",
                        traffic -> {
                            for (var i = 0; i < 50; i++) {
                                ask(traffic, 200, DLP);
                            }
                            ask(traffic, 429, DLP);
                        },
                        """
                        pipelock_scan_api_duration_seconds_count{kind="dlp"} 50
                        pipelock_scan_api_errors_total{error_code="rate_limited",kind=""} 1
                        pipelock_scan_api_requests_total{decision="allow",kind="dlp",status_code="200"} 50
                        pipelock_scan_api_requests_total{decision="error",kind="",status_code="429"} 1
                        """),
                failed(
                        "with a compressed body",
                        "{}",
                        400,
                        "",
                        "read_error",
                        (traffic, status) -> ask(traffic, status, DLP, "-H", "Content-Encoding: gzip")),
                failed("with more than a MiB", "{}", 400, "", "body_too_large", (traffic, status) -> {
                    var file = Files.writeString(traffic.folder.resolve("large.json"), " ".repeat((1 << 20) + 1));
                    ask(traffic, status, "@" + file, "-H", "Expect:");
                }),
                failed(
                        "with half a JSON",
                        "{}",
                        400,
                        "",
                        "invalid_json",
                        (traffic, status) -> ask(traffic, status, "{\"kind\":")),
                failed(
                        "for what does not exist",
                        "{}",
                        400,
                        "unknown",
                        "invalid_kind",
                        (traffic, status) -> ask(traffic, status, input("horoscope", "\"text\": \"a\""))),
                failed(
                        "for what the policy does not answer",
                        "{\"scanApi\": {\"kinds\": [\"url\"]}}",
                        400,
                        "dlp",
                        "kind_disabled",
                        (traffic, status) -> ask(traffic, status, DLP)),
                failed(
                        "without an input",
                        "{}",
                        400,
                        "tool_call",
                        "invalid_input",
                        (traffic, status) -> ask(traffic, status, input("tool_call", "\"arguments\": {}"))),
                failed("after the policy closed it", "{}", 503, "", "scan_unavailable", (traffic, status) -> {
                    traffic.firewall.swapStandardStages("{}");
                    ask(traffic, status, DLP);
                }),
                new CountedEvent(
                        "asked: by a client that goes away",
                        "{}",
                        traffic -> {
                            var body = input("url", "\"url\": \"http://silent.test/\"");
                            try (var socket = new Socket("127.0.0.1", traffic.firewall.role.scanApiPort())) {
                                Wire.send(
                                        socket,
                                        "POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                                + TestFirewall.TOKEN + "\r\nContent-Length: " + body.length()
                                                + "\r\n\r\n" + body);
                                traffic.holds("pipelock_scan_api_inflight_requests", 1);
                                socket.setSoLinger(true, 0);
                            }
                        },
                        """
                        pipelock_scan_api_duration_seconds_count{kind="url"} 1
                        pipelock_scan_api_errors_total{error_code="request_canceled",kind="url"} 1
                        pipelock_scan_api_requests_total{decision="error",kind="url",status_code="500"} 1
                        """),
                new CountedEvent(
                        "asked: over more connections than there may be",
                        "{}",
                        traffic -> {
                            for (var i = 0; i < 100; i++) {
                                var socket =
                                        traffic.closing(new Socket("127.0.0.1", traffic.firewall.role.scanApiPort()));
                                Wire.exchange(socket, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
                            }
                            try (var socket = new Socket("127.0.0.1", traffic.firewall.role.scanApiPort())) {
                                assertThat(socket.getInputStream().read()).isEqualTo(-1);
                            }
                        },
                        "portcullis_scan_api_connections_refused_total 1\n"));
    }
}
