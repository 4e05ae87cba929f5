package dev.portcullis.dataplane.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Engages or releases a kill switch, in the YAML files that a running {@code portcullis run} watches or over a firewall's API. */
@Command(
        name = "killswitch",
        description = "Engage or release the kill switch: in watched files (-f), or over a firewall's API (--api).")
public final class KillSwitchCommand implements Callable<Integer> {
    private static final Pattern KIND = Pattern.compile("(?m)^kind:\\s*[\"']?KillSwitch[\"']?\\s*(#.*)?$");
    private static final Pattern NAME = Pattern.compile("\\bname:\\s*[\"']?([a-z0-9.-]+)");
    private static final Pattern ENGAGED = Pattern.compile("(\\bengaged:\\s*)(true|false)\\b");

    /** What to do. */
    enum Action {
        engage,
        release
    }

    static final class Where {
        @Option(
                names = {"-f", "--file"},
                required = true,
                description =
                        "File or folder with KillSwitch resources; all of them are changed, or the one of --name.")
        @Nullable
        Path file;

        @Option(
                names = "--api",
                required = true,
                description = "Address of a firewall, for example http://127.0.0.1:8888.")
        @Nullable
        URI api;
    }

    @Parameters(index = "0", description = "engage or release")
    Action action = Action.engage;

    @ArgGroup(multiplicity = "1")
    Where where = new Where();

    @Option(names = "--name", description = "Only the KillSwitch of this name.")
    @Nullable
    String name;

    @Option(names = "--token-file", description = "File with the bearer token of the API.")
    @Nullable
    Path tokenFile;

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var file = where.file;
        return file != null ? editFiles(file) : callApi(java.util.Objects.requireNonNull(where.api));
    }

    private int editFiles(Path path) throws IOException {
        var changed = 0;
        for (var file : yamlFiles(path)) {
            var text = Files.readString(file, StandardCharsets.UTF_8);
            var edited = edit(text, action == Action.engage, name);
            if (edited.switches() > 0) {
                changed += edited.switches();
                if (!edited.text().equals(text)) {
                    replace(file, edited.text());
                }
                print(file + ": " + (action == Action.engage ? "engaged" : "released"));
            }
        }
        if (changed == 0) {
            error("no KillSwitch" + (name == null ? "" : " named " + name) + " with a field spec.engaged in " + path);
            return 1;
        }
        return 0;
    }

    /**
     * The text with the switches set.
     *
     * @param switches how many KillSwitch documents carry the field, changed or not
     */
    record Edit(String text, int switches) {}

    /** Sets {@code engaged} in every KillSwitch document of {@code text}, keeping comments and layout. */
    static Edit edit(String text, boolean engaged, @Nullable String name) {
        var result = new StringBuilder();
        var switches = 0;
        for (var document : text.split("(?m)(?=^---)", -1)) {
            var field = ENGAGED.matcher(document);
            if (KIND.matcher(document).find() && named(document, name) && field.find()) {
                switches++;
                document = field.replaceFirst(Matcher.quoteReplacement(field.group(1) + engaged));
            }
            result.append(document);
        }
        return new Edit(result.toString(), switches);
    }

    private static boolean named(String document, @Nullable String name) {
        if (name == null) {
            return true;
        }
        var found = NAME.matcher(document);
        return found.find() && found.group(1).equals(name);
    }

    private static List<Path> yamlFiles(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        var files = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(path, "*.{yaml,yml}")) {
            entries.forEach(files::add);
        }
        return files;
    }

    private static void replace(Path file, String text) throws IOException {
        var temporary = file.resolveSibling("." + file.getFileName() + ".new");
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private int callApi(URI firewall) throws IOException, InterruptedException {
        if (tokenFile == null) {
            error("--api needs --token-file: the file with the token of spec.killSwitch.api.tokenSecretRef");
            return 2;
        }
        var request = HttpRequest.newBuilder(firewall.resolve("/api/v1/killswitch"))
                .timeout(Duration.ofSeconds(5))
                .header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(tokenFile, StandardCharsets.UTF_8)
                                        .strip())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"active\":" + (action == Action.engage) + "}"))
                .build();
        try (var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            var reply = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (reply.statusCode() != 200) {
                error(firewall + " answered " + reply.statusCode() + ": "
                        + reply.body().strip());
                return 1;
            }
            print(reply.body().strip());
            return 0;
        }
    }

    private void print(String line) {
        java.util.Objects.requireNonNull(spec).commandLine().getOut().println(line);
    }

    private void error(String line) {
        java.util.Objects.requireNonNull(spec).commandLine().getErr().println(line);
    }
}
