package dev.portcullis.dataplane.flow.bgp;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A routing daemon as a child process, in a folder of its own. */
public final class Daemon implements AutoCloseable {
    private static final List<String> FOLDERS =
            List.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/lib/frr", "/opt/homebrew/sbin");

    private final Path folder;
    private final List<String> command;
    private Process process;

    Daemon(Path folder, List<String> command) {
        this.folder = folder;
        this.command = command;
        process = start();
    }

    /** Where {@code program} is; without it the test is skipped, or fails where -Drequire.daemons=true. */
    public static String require(String program, String debianPackage) {
        for (var folder : FOLDERS) {
            var path = Path.of(folder, program);
            if (Files.isExecutable(path)) {
                return path.toString();
            }
        }
        var missing = program + " is not installed (Debian: apt-get install " + debianPackage
                + "), so this interoperability test is skipped; -Drequire.daemons=true makes that a failure";
        System.out.println(missing);
        if (Boolean.getBoolean("require.daemons")) {
            fail(missing);
        }
        Assumptions.abort(missing);
        throw new IllegalStateException(missing);
    }

    static int freePort(String address) throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            return socket.getLocalPort();
        }
    }

    private Process start() {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("daemon.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as a crash would. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void restart() throws InterruptedException {
        kill();
        process = start();
    }

    /** Stops it where it stands: its sockets stay open and nobody reads them. */
    void freeze() {
        signal("-STOP");
    }

    void thaw() {
        signal("-CONT");
    }

    private void signal(String signal) {
        ask(List.of("kill", signal, Long.toString(process.pid())));
    }

    /** What a client program of the daemon prints; its errors are part of it. */
    String ask(List<String> client) {
        try {
            var answer = new ProcessBuilder(client)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            answer.getOutputStream().close();
            var text = new String(answer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            answer.waitFor(10, TimeUnit.SECONDS);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String log() {
        try {
            return Files.readString(folder.resolve("daemon.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
