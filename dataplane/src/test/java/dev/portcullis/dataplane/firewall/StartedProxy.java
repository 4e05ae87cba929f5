package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program as users start it, in a process of its own. */
final class StartedProxy implements AutoCloseable {
    private final Path folder;
    private final Process process;
    private final int port;

    /**
     * Starts it and waits until it answers.
     *
     * @param yaml its resources, with {@code PORT} where the policy's port stands
     * @param descriptors most file descriptors it may have
     * @param jvm options of the JVM
     */
    StartedProxy(Path folder, String yaml, int descriptors, String... jvm) throws IOException {
        this.folder = folder;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.writeString(folder.resolve("policy.yaml"), yaml.replace("PORT", String.valueOf(port)));
        var command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "ulimit -n " + descriptors + " && exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-MaxFDLimit",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of(jvm));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.portcullis.dataplane.Portcullis",
                "run",
                "-f",
                folder.resolve("policy.yaml").toString(),
                "--state",
                folder.resolve("state").toString()));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        await().until(() -> !process.isAlive() || answers("/health"));
        isAlive();
    }

    int port() {
        return port;
    }

    /** Certificate of the authority it made for itself. */
    Path authority() {
        return folder.resolve("state").resolve("ca.crt");
    }

    /** Fails with its log where it is gone. */
    void isAlive() {
        assertThat(process.isAlive()).as(this::log).isTrue();
    }

    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** True where it answers a request for {@code target} with 200. */
    boolean answers(String target) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
            socket.setSoTimeout(2_000);
            return Wire.exchange(socket, "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .status()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
