package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.net.Socket;
import java.nio.file.Files;
import java.util.List;
import sun.misc.Signal;

/** What an engaged kill switch counts, by where it came from and by what it denied. */
final class CountedKillSwitch {
    private static final String ENGAGED = "{\"engaged\": true, \"reason\": \"drill\"}";

    private CountedKillSwitch() {}

    private static CountedEvent denied(String what, CountedEvent.Act act, String moves) {
        return new CountedEvent(
                what,
                "{}",
                traffic -> {
                    traffic.firewall.swapStandardStages(traffic.spec("{}"), ENGAGED);
                    act.with(traffic);
                },
                moves);
    }

    private static void is503(Traffic.Reply reply) {
        assertThat(reply.status()).isEqualTo(503);
    }

    private static void is503(Socket socket, String request) throws Exception {
        assertThat(Wire.exchange(socket, request).status()).isEqualTo(503);
    }

    static List<CountedEvent> events() {
        return List.of(
                new CountedEvent(
                        "engaged by a resource",
                        "{}",
                        traffic -> {
                            traffic.firewall.swapStandardStages(traffic.spec("{}"), ENGAGED);
                            traffic.holds("pipelock_kill_switch_active{source=\"config\"}", 1);
                            traffic.firewall.swapStandardStages(traffic.spec("{}"));
                            traffic.holds("pipelock_kill_switch_active{source=\"config\"}", 0);
                        },
                        ""),
                new CountedEvent(
                        "engaged by the API",
                        "{}",
                        traffic -> {
                            var api = "http://127.0.0.1:" + traffic.firewall.port() + "/api/v1/killswitch";
                            for (var active : new boolean[] {true, false}) {
                                assertThat(traffic.directly(
                                                        "-H",
                                                        "Authorization: Bearer " + TestFirewall.TOKEN,
                                                        "-d",
                                                        "{\"active\": " + active + "}",
                                                        api)
                                                .status())
                                        .isEqualTo(200);
                                traffic.holds("pipelock_kill_switch_active{source=\"api\"}", active ? 1 : 0);
                            }
                        },
                        ""),
                new CountedEvent(
                        "engaged by a signal",
                        "{}",
                        traffic -> {
                            for (var active : new int[] {1, 0}) {
                                Signal.raise(new Signal("USR1"));
                                traffic.holds("pipelock_kill_switch_active{source=\"signal\"}", active);
                            }
                        },
                        ""),
                new CountedEvent(
                        "engaged by a file",
                        "{}",
                        traffic -> {
                            var file = traffic.folder.resolve("stop");
                            traffic.firewall.swapStandardStages(
                                    traffic.spec("{\"killSwitch\": {\"sentinelFile\": \"" + file + "\"}}"));
                            Files.createFile(file);
                            traffic.holds("pipelock_kill_switch_active{source=\"sentinel\"}", 1);
                            Files.delete(file);
                            traffic.holds("pipelock_kill_switch_active{source=\"sentinel\"}", 0);
                        },
                        ""),
                denied("a request is denied", traffic -> is503(traffic.curl(traffic.origin.url("/"))), """
                        pipelock_kill_switch_denials_total{endpoint="forward",transport="http"} 1
                        """),
                denied(
                        "a fetch is denied",
                        traffic -> is503(traffic.directly("http://127.0.0.1:" + traffic.firewall.port() + "/fetch?url="
                                + traffic.origin.url("/"))),
                        """
                        pipelock_kill_switch_denials_total{endpoint="fetch",transport="http"} 1
                        """),
                denied(
                        "a look at the statistics is denied",
                        traffic -> is503(traffic.directly("http://127.0.0.1:" + traffic.firewall.port() + "/stats")),
                        """
                        pipelock_kill_switch_denials_total{endpoint="other",transport="http"} 1
                        """),
                denied(
                        "a tunnel is denied",
                        traffic -> is503(
                                traffic.closing(traffic.firewall.connect()),
                                "CONNECT origin.test:443 HTTP/1.1\r\nHost: o\r\n\r\n"),
                        """
                        pipelock_kill_switch_denials_total{endpoint="connect",transport="connect"} 1
                        """),
                denied(
                        "a WebSocket is denied",
                        traffic -> is503(
                                traffic.closing(traffic.firewall.connect()), Frames.handshake(traffic.origin.url("/"))),
                        """
                        pipelock_kill_switch_denials_total{endpoint="ws",transport="websocket"} 1
                        """),
                denied("a request to a tool is denied", traffic -> is503(traffic.tools("/")), """
                        pipelock_kill_switch_denials_total{endpoint="tools",transport="reverse_proxy"} 1
                        pipelock_reverse_proxy_requests_total{method="GET",status="503"} 1
                        """),
                denied(
                        "a scan is denied",
                        traffic -> is503(traffic.directly(
                                "-H",
                                "Authorization: Bearer " + TestFirewall.TOKEN,
                                "-d",
                                "{}",
                                "http://127.0.0.1:" + traffic.firewall.role.scanApiPort() + "/v1/scan")),
                        """
                        pipelock_kill_switch_denials_total{endpoint="scan_api",transport="scan_api"} 1
                        pipelock_scan_api_errors_total{error_code="kill_switch_active",kind=""} 1
                        pipelock_scan_api_requests_total{decision="error",kind="",status_code="503"} 1
                        """),
                new CountedEvent(
                        "a request inside a tunnel that was let finish is denied",
                        "{}",
                        traffic -> {
                            var socket = traffic.closing(Intercepted.tunnel(
                                    traffic.firewall,
                                    TestCertificates.client(TestCertificates.POLICY),
                                    "origin.test",
                                    traffic.secure.port()));
                            socket.startHandshake();
                            traffic.firewall.swapStandardStages(
                                    traffic.spec("{}"), "{\"engaged\": true, \"drain\": \"AfterCurrent\"}");
                            is503(socket, "GET / HTTP/1.1\r\nHost: origin.test:" + traffic.secure.port() + "\r\n\r\n");
                        },
                        """
                        pipelock_kill_switch_denials_total{endpoint="connect",transport="intercept"} 1
                        pipelock_sni_total{category="match"} 1
                        pipelock_tls_handshake_duration_seconds_count{side="client"} 1
                        pipelock_tls_intercept_total{outcome="intercepted"} 1
                        """));
    }
}
