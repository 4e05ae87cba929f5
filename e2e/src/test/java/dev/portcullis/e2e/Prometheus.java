package dev.portcullis.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** A real Prometheus that scrapes pods every second, with the labels their PodMonitor would give them. */
final class Prometheus implements AutoCloseable {
    /** A pod's metrics page. */
    record Target(String hostAndPort, Map<String, String> labels) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final String api;

    Prometheus(Path directory, List<Target> targets) throws IOException {
        var scraped = new ArrayList<Map<String, Object>>();
        for (var target : targets) {
            scraped.add(Map.of("targets", List.of(target.hostAndPort()), "labels", target.labels()));
        }
        var configuration = Map.of(
                "global",
                Map.of("scrape_interval", "1s"),
                "scrape_configs",
                List.of(Map.of("job_name", "pods", "static_configs", scraped)));
        var file = directory.resolve("prometheus.yml");
        Files.writeString(file, JSON.writeValueAsString(configuration)); // JSON is YAML
        var address = "127.0.0.1:" + freePort();
        process = new ProcessBuilder(
                        Project.installed("prometheus", "prometheus").toString(),
                        "--config.file=" + file,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=" + address,
                        "--log.level=error")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        api = "http://" + address;
        await("Prometheus scrapes " + targets)
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> query("count(up == 1)").at("/0/value/1").asInt() == targets.size());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The result of an expression now, which fails where Prometheus cannot evaluate it. */
    JsonNode query(String expression) throws IOException, InterruptedException {
        var answer = JSON.readTree(
                Upstream.get(api + "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)));
        return answer.at("/data/result");
    }

    /** Names of all series it has. */
    Set<String> names() throws IOException, InterruptedException {
        var names = new TreeSet<String>();
        JSON.readTree(Upstream.get(api + "/api/v1/label/__name__/values"))
                .get("data")
                .forEach(name -> names.add(name.asText()));
        return names;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
