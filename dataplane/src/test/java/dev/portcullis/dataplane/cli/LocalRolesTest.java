package dev.portcullis.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.portcullis.dataplane.config.LocalFiles;
import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.Vector;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quick start, with the shipped samples on other ports. */
class LocalRolesTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String KEY = "AKIA" + "Q7ZD".repeat(4);

    @TempDir
    Path folder;

    private final int proxy = freeTcpPort();
    private final int api = freeTcpPort();
    private final int netflow = freeUdpPort();
    private final int sflow = freeUdpPort();
    private final LocalRoles roles = new LocalRoles("127.0.0.1", null, OutputStream.nullOutputStream());
    private HttpServer origin;
    private HttpClient agent;
    private HttpClient direct;

    @BeforeEach
    void samplesOnFreePorts() throws IOException {
        var samples = Path.of(System.getProperty("project.root"), "config-samples", "local");
        try (var files = Files.list(samples)) {
            for (var file : files.toList()) {
                Files.writeString(
                        folder.resolve(file.getFileName()),
                        Files.readString(file)
                                .replace("port: 8888", "port: " + proxy)
                                .replace("port: 8080", "port: " + api)
                                .replace("port: 2055", "port: " + netflow)
                                .replace("port: 6343", "port: " + sflow)
                                .replace("hysteresis: 5s", "hysteresis: 1s"));
            }
        }
        origin = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        origin.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        origin.start();
        agent = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(ProxySelector.of(new InetSocketAddress(LOOPBACK, proxy)))
                .build();
        direct = HttpClient.newHttpClient();
    }

    @AfterEach
    void stop() {
        roles.close();
        agent.close();
        direct.close();
        origin.stop(0);
    }

    @Test
    void theSamplesLetOrdinaryRequestsPassAndRefuseSecrets() throws Exception {
        start();

        assertThat(get("/").body()).isEqualTo("hello");
        assertThat(get("/?key=" + KEY).statusCode()).isEqualTo(403);
        assertThat(agent.send(request("/").header("X-Anything", KEY).build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(403);
        var body = agent.send(
                request("/")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"a\": [\"" + KEY + "\"]}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(body.statusCode()).isEqualTo(403);
        assertThat(body.headers().firstValue("X-Portcullis-Block")).hasValue("core_dlp");
        assertThat(body.body()).contains("\"blocked\":true").doesNotContain(KEY);
        assertThat(page(proxy, "/metrics"))
                .contains("pipelock_requests_total{result=\"allowed\"} 1.0")
                .contains("pipelock_scanner_hits_total{scanner=\"core_dlp\"} 3.0");
        assertThat(page(proxy, "/stats")).contains("\"blocked\":3");
    }

    @Test
    void whatCanBeTriedNamesThePortsThatAreOpen() throws Exception {
        var files = start();

        assertThat(roles.tries(files.load()))
                .satisfiesExactly(
                        firewall -> assertThat(firewall).startsWith("curl -x http://127.0.0.1:" + proxy + " "),
                        detector -> assertThat(detector)
                                .contains("--to 127.0.0.1:" + netflow, "http://127.0.0.1:" + api + "/api/v1/attacks"));
    }

    @Test
    void editingTheKillSwitchStopsRequestsAndCutsTheOpenTunnel() throws Exception {
        var files = start();
        try (var watch = files.watch(edited -> {
                    if (edited.problems().isEmpty()) {
                        roles.apply(edited);
                    }
                });
                var tunnel = new Socket(LOOPBACK, proxy)) {
            assertThat(watch).isNotNull();
            var target = "127.0.0.1:" + origin.getAddress().getPort();
            tunnel.getOutputStream()
                    .write(("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var reply = new byte[12];
            assertThat(tunnel.getInputStream().readNBytes(reply, 0, 12)).isEqualTo(12);
            assertThat(new String(reply, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");

            edit("engaged: false", "engaged: true");

            await().untilAsserted(() -> assertThat(get("/").statusCode()).isEqualTo(503));
            tunnel.getInputStream().readAllBytes();

            edit("engaged: true", "engagd: false");
            assertThat(files.load().problems()).anySatisfy(problem -> assertThat(problem.toString())
                    .startsWith(folder.resolve("kill-switch.yaml") + ":7:3: KillSwitch/stop-agents: spec.engagd")
                    .contains("did you mean 'engaged'"));
            assertThat(get("/").statusCode()).isEqualTo(503);

            edit("engagd: false", "engaged: false");
            await().untilAsserted(() -> assertThat(get("/").statusCode()).isEqualTo(200));
        }
    }

    @Test
    void aFloodRaisesAnAttackAndADryRunBanThatEndWithIt() throws Exception {
        start();

        FlowGenerator.run(
                new FlowGenerator.Options(
                        FlowGenerator.Protocol.V9,
                        Vector.DNS_AMPLIFICATION,
                        InetAddress.ofLiteral("198.51.100.10"),
                        new InetSocketAddress(LOOPBACK, netflow),
                        400_000,
                        250,
                        100,
                        Duration.ofSeconds(4),
                        1),
                new PrintStream(OutputStream.nullOutputStream()));

        await().untilAsserted(() -> assertThat(page(api, "/metrics"))
                .contains("kapkan_engine_active_attacks 1.0")
                .contains("kapkan_mitigate_announced_routes{mode=\"dry_run\"} 1.0"));
        assertThat(page(api, "/api/v1/bans")).contains("198.51.100.10").contains("\"dry_run\":true");
        await().untilAsserted(() -> assertThat(page(api, "/metrics"))
                .contains("kapkan_engine_active_attacks 0.0")
                .contains("kapkan_mitigate_announced_routes{mode=\"dry_run\"} 0.0"));
    }

    @Test
    void aPortThatIsTakenIsNamedWithItsField() throws Exception {
        try (var taken = new ServerSocket(proxy, 1, LOOPBACK)) {
            assertThat(taken.isBound()).isTrue();

            var failures = roles.apply(new LocalFiles(List.of(folder)).load());

            assertThat(failures).singleElement().asString().contains("port " + proxy + ":", "spec.port");
        }
    }

    @Test
    void aChangedPortMovesTheProxy() throws Exception {
        var files = start();
        var other = freeTcpPort();
        var policy = folder.resolve("agent-policy.yaml");
        Files.writeString(policy, Files.readString(policy).replace("port: " + proxy, "port: " + other));

        assertThat(roles.apply(files.load())).isEmpty();

        assertThat(page(other, "/health")).contains("\"status\":\"ok\"");
    }

    private LocalFiles start() {
        var files = new LocalFiles(List.of(folder));
        var loaded = files.load();
        assertThat(loaded.problems()).isEmpty();
        assertThat(roles.apply(loaded)).isEmpty();
        return files;
    }

    private void edit(String from, String to) throws IOException {
        var file = folder.resolve("kill-switch.yaml");
        Files.writeString(file, Files.readString(file).replace(from, to));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + origin.getAddress().getPort() + path));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return agent.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String page(int port, String path) throws IOException, InterruptedException {
        return direct.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static int freeTcpPort() {
        try (var socket = new ServerSocket(0, 1, LOOPBACK)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int freeUdpPort() {
        try (var socket = new DatagramSocket(0, LOOPBACK)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
