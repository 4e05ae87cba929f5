package dev.portcullis.dataplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.codec.SpecMapper;
import dev.portcullis.dataplane.config.LocalFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what {@code kubectl get} would, of a {@code run} on this machine: asks each role of the files for its /status. */
@Command(
        name = "status",
        description =
                "Show the state of what 'run' runs on this machine, as kubectl get would. Exits 1 when something is not ready.")
public final class StatusCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Option(
            names = {"-f", "--file"},
            required = true,
            arity = "1..*",
            description = "The files that 'run' was given.")
    List<Path> files = List.of();

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Where it listens. Default ${DEFAULT-VALUE}.")
    String host = "127.0.0.1";

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        var loaded = new LocalFiles(files).load();
        loaded.problems().forEach(out::println);
        var ready = loaded.problems().isEmpty();
        var firewalls = new ArrayList<List<String>>(
                List.of(List.of("AGENTPOLICY", "READY", "MODE", "UP-TO-DATE", "KILL-SWITCH", "PORT")));
        var switches = new ArrayList<List<String>>(List.of(List.of("KILLSWITCH", "ENGAGED", "ENFORCED", "REASON")));
        var flows = new ArrayList<List<String>>(
                List.of(List.of("FLOWDETECTOR", "READY", "UP-TO-DATE", "ATTACKS", "BANS", "PORT")));
        try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            for (var config : loaded.resolution().firewalls().values()) {
                var status = ask(client, config.spec().port());
                ready &= status.path("ready").asBoolean();
                var engaged = false;
                for (var killSwitch : config.killSwitches()) {
                    engaged |= killSwitch.engaged();
                    switches.add(List.of(
                            killSwitch.name(),
                            String.valueOf(killSwitch.engaged()),
                            String.valueOf(runs(status, killSwitch.name(), killSwitch.revision())),
                            killSwitch.reason()));
                }
                firewalls.add(List.of(
                        config.name(),
                        said(status, status.path("ready").asText()),
                        config.spec().mode().name(),
                        said(
                                status,
                                String.valueOf(config.revision()
                                        .equals(status.path("revision").asText()))),
                        engaged ? "engaged" : "released",
                        String.valueOf(config.spec().port())));
            }
            for (var config : loaded.resolution().flows().values()) {
                var status = ask(client, config.spec().api().port());
                ready &= status.path("ready").asBoolean();
                flows.add(List.of(
                        config.name(),
                        said(status, status.path("ready").asText()),
                        said(
                                status,
                                String.valueOf(config.revision()
                                        .equals(status.path("revision").asText()))),
                        said(status, String.valueOf(status.path("activeAttacks").size())),
                        said(status, String.valueOf(bans(status.path("bans")))),
                        String.valueOf(config.spec().api().port())));
            }
        }
        for (var table : List.of(firewalls, switches, flows)) {
            print(out, table);
        }
        return ready ? 0 : 1;
    }

    private JsonNode ask(HttpClient client, int port) {
        var request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/status"))
                .timeout(PATIENCE)
                .build();
        try {
            return SpecMapper.mapper()
                    .readTree(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body());
        } catch (IOException notRunning) {
            return SpecMapper.mapper().missingNode();
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
            return SpecMapper.mapper().missingNode();
        }
    }

    private static boolean runs(JsonNode status, String name, String revision) {
        for (var killSwitch : status.path("killSwitches")) {
            if (killSwitch.path("name").asText().equals(name)) {
                return killSwitch.path("revision").asText().equals(revision);
            }
        }
        return false;
    }

    private static int bans(JsonNode policies) {
        var active = 0;
        for (var policy : policies) {
            active += policy.path("active").asInt();
        }
        return active;
    }

    private static String said(JsonNode status, String value) {
        return status.isMissingNode() ? "not running" : value;
    }

    private static void print(PrintWriter out, List<List<String>> table) {
        if (table.size() < 2) {
            return;
        }
        for (var row : table) {
            var line = new StringBuilder();
            for (var column = 0; column < row.size(); column++) {
                var width = 0;
                for (var other : table) {
                    width = Math.max(width, other.get(column).length());
                }
                line.append(row.get(column))
                        .append(" ".repeat(width + 3 - row.get(column).length()));
            }
            out.println(line.toString().stripTrailing());
        }
        out.println();
    }
}
