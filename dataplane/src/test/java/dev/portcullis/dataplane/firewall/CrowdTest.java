package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

    private StartedProxy start(int descriptors) throws IOException {
        return new StartedProxy(folder, """
                apiVersion: portcullis.dev/v1alpha1
                kind: AgentPolicy
                metadata: {name: crowd}
                spec:
                  port: PORT
                  network: {allowedRanges: ["127.0.0.0/8"]}
                  limits: {requestsPerMinutePerHost: 0, connectionsPerClient: 60000}
                  audit: {includeAllowed: false}
                """, descriptors, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    }

    @Test
    void withoutDescriptorsNewConnectionsWaitAndWhenSomeAreFreeItGoesOn() throws Exception {
        var crowd = new ArrayList<Socket>();
        try (var proxy = start(160);
                var origin = Origin.saying("hello")) {
            var url = origin.url("/").replace("origin.test", "127.0.0.1");
            for (var i = 0; i < 400; i++) {
                var socket = new Socket();
                socket.connect(new InetSocketAddress("127.0.0.1", proxy.port()), 5_000);
                crowd.add(socket);
            }
            proxy.isAlive();
            for (var socket : crowd) {
                socket.close();
            }
            await().until(() -> proxy.answers(url));
            proxy.isAlive();
        }
    }

    @Test
    void tenThousandConnectionsAtOnceAreEachAnswered() throws Exception {
        var crowd = new ArrayList<SocketChannel>();
        try (var proxy = start(16_384);
                var origin = Origin.saying("hello")) {
            var request = ("GET " + origin.url("/").replace("origin.test", "127.0.0.1")
                            + " HTTP/1.1\r\nHost: x\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            for (var i = 0; i < 10_000; i++) {
                crowd.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", proxy.port())));
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
            assertThat(proxy.answers("/health")).isTrue();
        } finally {
            for (var channel : crowd) {
                channel.close();
            }
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
