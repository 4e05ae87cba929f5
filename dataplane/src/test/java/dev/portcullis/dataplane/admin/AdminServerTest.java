package dev.portcullis.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AdminServerTest {
    private static final RoleStatus STATUS = new RoleStatus(
            "flow",
            "ddos",
            "edge",
            "9f86d081884c7d65",
            List.of("a sentence"),
            List.of(new RoleStatus.KillSwitchState("agents", "stop", "3", true)),
            true,
            "0.1.0",
            12.5,
            Map.of("activeAttacks", 2));

    private record Role(PrometheusRegistry registry, AtomicBoolean up) implements RoleView {
        Role() {
            this(new PrometheusRegistry(), new AtomicBoolean(true));
            Gauge.builder()
                    .name("sample_info")
                    .withoutExemplars()
                    .register(registry)
                    .set(1);
        }

        @Override
        public RoleStatus status() {
            return STATUS;
        }

        @Override
        public Object stats() {
            return Map.of("uptime_seconds", 1.5);
        }

        @Override
        public boolean ready() {
            return up.get();
        }
    }

    private static HttpResponse<String> get(AdminServer server, String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (var client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    @Test
    void everyRouteAnswersAndOthersAreUnknown() throws Exception {
        var role = new Role();
        try (var server = AdminServer.open("127.0.0.1", 0, role)) {
            assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(server, "/readyz?x").statusCode()).isEqualTo(200);
            role.up().set(false);
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(server, "/stats").body()).isEqualTo("{\"uptime_seconds\":1.5}\n");
            assertThat(get(server, "/metrics").body()).contains("sample_info 1.0");
            assertThat(get(server, "/metrics", "Accept", "application/openmetrics-text; version=1.0.0")
                            .headers()
                            .firstValue("content-type")
                            .orElseThrow())
                    .startsWith("application/openmetrics-text");
            assertThat(get(server, "/").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void theStatusDocumentHasTheNamesTheOperatorReadsAndComesBackEqual() throws Exception {
        try (var server = AdminServer.open("127.0.0.1", 0, new Role())) {
            var text = get(server, "/status").body();
            var json = new ObjectMapper().readTree(text);
            assertThat(json.fieldNames())
                    .toIterable()
                    .containsExactly(
                            "role",
                            "namespace",
                            "name",
                            "revision",
                            "problems",
                            "killSwitches",
                            "ready",
                            "version",
                            "uptimeSeconds",
                            "activeAttacks");
            assertThat(json.at("/killSwitches/0").toString())
                    .isEqualTo("{\"namespace\":\"agents\",\"name\":\"stop\",\"revision\":\"3\",\"engaged\":true}");
            assertThat(new ObjectMapper().readValue(text, RoleStatus.class)).isEqualTo(STATUS);
        }
    }

    @Test
    void connectionsBeyondTheBoundAreClosedAndCounted() throws Exception {
        var role = new Role();
        try (var server = AdminServer.open("127.0.0.1", 0, role)) {
            var sockets = new ArrayList<Socket>();
            try {
                for (var i = 0; i < 64; i++) {
                    sockets.add(new Socket("127.0.0.1", server.port()));
                }
                try (var extra = new Socket("127.0.0.1", server.port())) {
                    assertThat(extra.getInputStream().read()).isEqualTo(-1);
                }
                var first = sockets.getFirst();
                first.getOutputStream().write("GET /metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .contains("portcullis_admin_connections_refused_total 1.0");
            } finally {
                for (var socket : sockets) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void methodsOtherThanGetAndWhatIsNotHttpAreRefused() throws Exception {
        try (var server = AdminServer.open("127.0.0.1", 0, new Role())) {
            for (var request :
                    List.of("POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
                assertThat(raw(server, request)).startsWith("HTTP/1.1 405").contains("allow: GET");
            }
            assertThat(raw(server, "nonsense\r\n\r\n")).startsWith("HTTP/1.1 400");
            assertThat(raw(
                            server,
                            "POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 413");
        }
    }

    @Test
    void aPortThatIsTakenSaysWhichOne() throws Exception {
        try (var server = AdminServer.open("127.0.0.1", 0, new Role())) {
            assertThatThrownBy(() -> AdminServer.open("127.0.0.1", server.port(), new Role()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + server.port());
        }
    }

    private static String raw(AdminServer server, String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
