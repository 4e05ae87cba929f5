package dev.portcullis.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KillSwitchCommandTest {
    private static final String SWITCH = """
            # flip me
            apiVersion: portcullis.dev/v1alpha1
            kind: KillSwitch
            metadata: {name: stop}
            spec:
              engaged: false   # the lever
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @Test
    void engagingChangesOneWordAndKeepsTheComments() throws Exception {
        var file = Files.writeString(folder.resolve("ks.yaml"), SWITCH);

        assertThat(run("engage", "-f", folder.toString())).isZero();

        assertThat(Files.readString(file)).isEqualTo(SWITCH.replace("false", "true"));
        assertThat(run("release", "-f", file.toString())).isZero();
        assertThat(Files.readString(file)).isEqualTo(SWITCH);
    }

    @Test
    void onlyTheNamedSwitchIsTouched() throws Exception {
        var both = SWITCH + "---\n" + SWITCH.replace("name: stop", "name: other");
        var file = Files.writeString(folder.resolve("ks.yaml"), both);

        assertThat(run("engage", "-f", file.toString(), "--name", "other")).isZero();

        assertThat(Files.readString(file))
                .isEqualTo(SWITCH + "---\n"
                        + SWITCH.replace("name: stop", "name: other").replace("false", "true"));
    }

    @Test
    void otherKindsThatHaveTheWordAreLeftAlone() throws Exception {
        var text = "kind: ConfigMap\nmetadata: {name: x}\ndata: {engaged: false}\n";
        var file = Files.writeString(folder.resolve("cm.yaml"), text);

        assertThat(run("engage", "-f", folder.toString())).isEqualTo(1);

        assertThat(Files.readString(file)).isEqualTo(text);
        assertThat(err.toString()).contains("no KillSwitch").contains(folder.toString());
    }

    @Test
    void theApiIsCalledWithTheTokenOfTheFile() throws Exception {
        var seen = new AtomicReference<String>();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/killswitch", exchange -> {
            seen.set(exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"active\":true}".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        try {
            var token = Files.writeString(folder.resolve("token"), "letmein-letmein-letmein\n");
            var address = "http://127.0.0.1:" + server.getAddress().getPort();

            assertThat(run("engage", "--api", address, "--token-file", token.toString()))
                    .isZero();

            assertThat(seen.get()).isEqualTo("Bearer letmein-letmein-letmein {\"active\":true}");
            assertThat(run("engage", "--api", address)).isEqualTo(2);
            assertThat(err.toString()).contains("--token-file");
        } finally {
            server.stop(0);
        }
    }

    private int run(String... arguments) {
        return new CommandLine(new KillSwitchCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
