package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as users start it, with more connections than it has descriptors for, and with ten thousand. */
@Timeout(180)
class CrowdTest {
    @TempDir
    Path folder;

    private Process start(int port, int descriptors) throws IOException {
        Files.writeString(folder.resolve("policy.yaml"), """
                apiVersion: portcullis.dev/v1alpha1
                kind: AgentPolicy
                metadata: {name: crowd}
                spec:
                  port: %d
                  network: {allowedRanges: ["127.0.0.0/8"]}
                  limits: {requestsPerMinutePerHost: 0, connectionsPerClient: 60000}
                  audit: {includeAllowed: false}
                """.formatted(port));
        var command = "ulimit -n " + descriptors + " && exec \"$@\"";
        var process = new ProcessBuilder(
                        "bash",
                        "-c",
                        command,
                        "bash",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-XX:-MaxFDLimit",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.portcullis.dataplane.Portcullis",
                        "run",
                        "-f",
                        folder.resolve("policy.yaml").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> !process.isAlive() || answers(port, "/health"));
        assertThat(process.isAlive()).as(() -> log()).isTrue();
        return process;
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean answers(int port, String target) {
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

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void withoutDescriptorsNewConnectionsWaitAndWhenSomeAreFreeItGoesOn() throws Exception {
        var port = freePort();
        var process = start(port, 160);
        var crowd = new ArrayList<Socket>();
        try (var origin = Origin.saying("hello")) {
            var url = origin.url("/").replace("origin.test", "127.0.0.1");
            for (var i = 0; i < 400; i++) {
                var socket = new Socket();
                socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
                crowd.add(socket);
            }
            assertThat(process.isAlive()).isTrue();
            for (var socket : crowd) {
                socket.close();
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> answers(port, url));
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void tenThousandConnectionsAtOnceAreEachAnswered() throws Exception {
        var port = freePort();
        var process = start(port, 16_384);
        var crowd = new ArrayList<SocketChannel>();
        try (var origin = Origin.saying("hello")) {
            var request = ("GET " + origin.url("/").replace("origin.test", "127.0.0.1")
                            + " HTTP/1.1\r\nHost: x\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            for (var i = 0; i < 10_000; i++) {
                crowd.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", port)));
            }
            // In waves, so that it is the proxy and not the test's origin that holds ten thousand.
            for (var wave : waves(crowd, 100)) {
                for (var channel : wave) {
                    channel.write(ByteBuffer.wrap(request));
                }
                for (var channel : wave) {
                    assertThat(Wire.read(channel.socket().getInputStream()).body())
                            .isEqualTo("hello");
                }
            }
            assertThat(answers(port, "/health")).isTrue();
        } finally {
            for (var channel : crowd) {
                channel.close();
            }
            process.destroyForcibly().waitFor();
        }
    }

    private static List<List<SocketChannel>> waves(List<SocketChannel> all, int size) {
        var waves = new ArrayList<List<SocketChannel>>();
        for (var i = 0; i < all.size(); i += size) {
            waves.add(all.subList(i, i + size));
        }
        return waves;
    }
}
