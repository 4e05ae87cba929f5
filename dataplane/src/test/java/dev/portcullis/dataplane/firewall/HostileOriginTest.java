package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Origins that speak HTTP/2 and send what they must not: each loses its connection, its client is told, nobody else is. */
@Timeout(120)
class HostileOriginTest {
    private static final byte[] OK = {(byte) 0x88};
    private static final int CONTINUATION = 9;
    private static final int PRIORITY = 2;
    private static final int PUSH_PROMISE = 5;
    private static final int WINDOW_UPDATE = 8;

    private interface Attack {
        void on(OutputStream out, int stream) throws IOException;
    }

    private static void frame(OutputStream out, int type, int flags, int stream, int... payload) throws IOException {
        var bytes = new byte[payload.length];
        for (var i = 0; i < payload.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        out.write(RawHttp2.frame(type, flags, stream, bytes));
    }

    private static void head(OutputStream out, int flags, int stream, int... block) throws IOException {
        frame(out, RawHttp2.HEADERS, flags, stream, block);
    }

    private static Attack flood(int type, int onStream, int... payload) {
        return (out, stream) -> {
            for (var i = 0; i < 5000; i++) {
                frame(out, type, 0, onStream * stream, payload);
            }
        };
    }

    /** A literal field without indexing, name "a", with a value of {@code size} bytes below 16,384. */
    private static byte[] field(int size) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 1, 'a', 0x7f});
        var rest = size - 127;
        out.write(rest & 0x7f | 0x80);
        out.write(rest >> 7);
        out.writeBytes("v".repeat(size).getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static final Map<String, Attack> ATTACKS = Map.ofEntries(
            Map.entry(
                    "a frame longer than agreed",
                    (out, stream) -> out.write(new byte[] {0x7f, -1, -1, 0, 0, 0, 0, 0, 1})),
            Map.entry("a PING of the wrong length", (out, stream) -> frame(out, RawHttp2.PING, 0, 0, 1, 2, 3)),
            Map.entry("a SETTINGS of the wrong length", (out, stream) -> frame(out, RawHttp2.SETTINGS, 0, 0, 1, 2, 3)),
            Map.entry(
                    "padding longer than its frame",
                    (out, stream) -> frame(out, RawHttp2.HEADERS, 0x0c, stream, 200, 0x88)),
            Map.entry("a flood of CONTINUATION", (out, stream) -> {
                frame(out, RawHttp2.HEADERS, 0, stream, 0x88);
                for (var i = 0; i < 5000; i++) {
                    frame(out, CONTINUATION, 0, stream, 0, 1, 'a', 1, 'b');
                }
            }),
            Map.entry("a header that never ends", (out, stream) -> {
                frame(out, RawHttp2.HEADERS, 0, stream, 0x88);
                for (var i = 0; i < 200; i++) {
                    out.write(RawHttp2.frame(CONTINUATION, 0, stream, field(16_000)));
                }
            }),
            Map.entry("a header bomb", (out, stream) -> {
                // One entry of the dynamic table, asked for again and again: a byte each time.
                var block = new ByteArrayOutputStream();
                block.write(0x88);
                var entry = field(3_000);
                entry[0] = 0x40;
                block.writeBytes(entry);
                var again = new byte[12_000];
                Arrays.fill(again, (byte) 0xbe);
                block.writeBytes(again);
                out.write(RawHttp2.frame(RawHttp2.HEADERS, 4, stream, block.toByteArray()));
            }),
            Map.entry(
                    "no HPACK", (out, stream) -> frame(out, RawHttp2.HEADERS, 4, stream, 255, 255, 255, 255, 255, 255)),
            Map.entry("a flood of PING", flood(RawHttp2.PING, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
            Map.entry("a flood of SETTINGS", flood(RawHttp2.SETTINGS, 0)),
            Map.entry("a flood of PRIORITY", flood(PRIORITY, 1, 0, 0, 0, 0, 16)),
            Map.entry("a flood of WINDOW_UPDATE", flood(WINDOW_UPDATE, 0, 0, 0, 0, 1)),
            Map.entry("a flood of unknown frames", flood(0x77, 0)),
            Map.entry("a flood of RST_STREAM", (out, stream) -> {
                frame(out, RawHttp2.HEADERS, 4, stream, 0x88);
                flood(RawHttp2.RESET, 1, 0, 0, 0, 8).on(out, stream);
            }),
            Map.entry(
                    "a pushed stream",
                    (out, stream) -> frame(out, PUSH_PROMISE, 4, stream, 0, 0, 0, 2, 0x82, 0x87, 0x84)),
            Map.entry("a window beyond 2^31-1", (out, stream) -> frame(out, WINDOW_UPDATE, 0, 0, 0x7f, 255, 255, 255)),
            Map.entry(
                    "a window of a stream beyond 2^31-1",
                    (out, stream) -> frame(out, WINDOW_UPDATE, 0, stream, 0x7f, 255, 255, 255)),
            Map.entry("a window that grows by nothing", (out, stream) -> frame(out, WINDOW_UPDATE, 0, 0, 0, 0, 0, 0)),
            Map.entry("data on a stream nobody opened", (out, stream) -> frame(out, RawHttp2.DATA, 0, 9_999, 1, 2)),
            Map.entry("data before a head", (out, stream) -> frame(out, RawHttp2.DATA, 1, stream, 1, 2)),
            Map.entry("a head without a status", (out, stream) -> head(out, 4, stream, 0, 1, 'a', 1, 'b')),
            Map.entry("a head without a status that ends", (out, stream) -> head(out, 5, stream, 0, 1, 'a', 1, 'b')),
            Map.entry("no head at all", (out, stream) -> head(out, 5, stream)),
            Map.entry("a request for a reply", (out, stream) -> head(out, 4, stream, 0x82, 0x87, 0x84)),
            Map.entry("a status that is no number", (out, stream) -> head(out, 4, stream, 8, 3, 'a', 'b', 'c')),
            Map.entry("a status of two digits", (out, stream) -> head(out, 4, stream, 8, 2, '2', '0')),
            Map.entry("a status of 99", (out, stream) -> head(out, 4, stream, 8, 3, '0', '9', '9')),
            Map.entry("another protocol", (out, stream) -> head(out, 4, stream, 8, 3, '1', '0', '1')),
            Map.entry("an interim head that ends", (out, stream) -> head(out, 5, stream, 8, 3, '1', '0', '3')),
            Map.entry("an interim head, then no head", (out, stream) -> {
                head(out, 4, stream, 8, 3, '1', '0', '3');
                head(out, 5, stream, 0, 1, 'a', 1, 'b');
            }),
            Map.entry("an interim head, then data", (out, stream) -> {
                head(out, 4, stream, 8, 3, '1', '0', '3');
                frame(out, RawHttp2.DATA, 1, stream, 1, 2);
            }),
            Map.entry("a second head", (out, stream) -> {
                head(out, 4, stream, 0x88);
                head(out, 4, stream, 0x88);
            }),
            Map.entry("a second head where trailers belong", (out, stream) -> {
                head(out, 4, stream, 0x88);
                head(out, 5, stream, 0x88);
            }),
            Map.entry("a request where trailers belong", (out, stream) -> {
                head(out, 4, stream, 0x88);
                head(out, 5, stream, 0x82, 0x87, 0x84);
            }),
            Map.entry("a GOAWAY in the middle of a reply, then the end", (out, stream) -> {
                out.write(RawHttp2.frame(RawHttp2.HEADERS, 4, stream, OK));
                frame(out, RawHttp2.GO_AWAY, 0, 0, 0, 0, 0, stream, 0, 0, 0, 0);
                out.flush();
                throw new IOException("and the end");
            }),
            Map.entry(
                    "HTTP/1.1",
                    (out, stream) -> out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII))));

    /** What the client is told where it is not that the origin broke HTTP/2. */
    private static final Map<String, String> REASONS = Map.ofEntries(
            // The first of them ends the stream, the last the connection: which is seen first is chance.
            Map.entry("a flood of RST_STREAM", "the origin "),
            Map.entry(
                    "a GOAWAY in the middle of a reply, then the end",
                    "the origin closed the connection before its reply was complete"),
            Map.entry("data before a head", "it has a body and no head"),
            Map.entry("an interim head, then data", "it has a body and no head"),
            Map.entry("a head without a status", "it has no status"),
            Map.entry("a head without a status that ends", "it has no status"),
            Map.entry("an interim head, then no head", "it has no status"),
            Map.entry("no head at all", "it has no status"),
            Map.entry("a request for a reply", "it has no status"),
            Map.entry("a status that is no number", "its status is no number"),
            Map.entry("a status of two digits", "its status is no number"),
            Map.entry("a status of 99", "its status is no number"),
            Map.entry("another protocol", "it changed to another protocol"),
            Map.entry("an interim head that ends", "it ends with an interim head"));

    /** The only ones that are no breach of the protocol. */
    private static final Set<String> RESETS =
            Set.of("a flood of RST_STREAM", "a GOAWAY in the middle of a reply, then the end");

    static Stream<String> attacks() {
        return ATTACKS.keySet().stream().sorted();
    }

    /** Speaks as much HTTP/2 as it needs to see a request; attacks once, and answers every other request. */
    private static void serve(SSLSocket socket, Attack attack, AtomicBoolean done) throws IOException {
        socket.startHandshake();
        var in = new DataInputStream(socket.getInputStream());
        var out = new BufferedOutputStream(socket.getOutputStream());
        in.readNBytes(24);
        frame(out, RawHttp2.SETTINGS, 0, 0);
        out.flush();
        while (true) {
            var head = in.readNBytes(9);
            if (head.length < 9) {
                return;
            }
            in.readNBytes((head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | head[2] & 0xff);
            var stream = ByteBuffer.wrap(head).getInt(5);
            if (head[3] == RawHttp2.SETTINGS && (head[4] & 1) == 0) {
                frame(out, RawHttp2.SETTINGS, 1, 0);
            } else if (head[3] == RawHttp2.HEADERS) {
                if (!done.getAndSet(true)) {
                    attack.on(out, stream);
                } else {
                    out.write(RawHttp2.frame(RawHttp2.HEADERS, 5, stream, OK));
                }
            }
            out.flush();
        }
    }

    private static RawOrigin origin(Attack attack, AtomicBoolean attacked) throws IOException {
        var context = TestCertificates.origin("origin.test");
        return new RawOrigin(plain -> {
            try (var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true)) {
                socket.setUseClientMode(false);
                var parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2"});
                socket.setSSLParameters(parameters);
                serve(socket, attack, attacked);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void endsItsConnectionWithAReasonAndHarmsNoOther(String name) throws Exception {
        var attack = Objects.requireNonNull(ATTACKS.get(name));
        var attacked = new AtomicBoolean();
        try (var hostile = origin(attack, attacked);
                var firewall = TestFirewall.with(Intercepted.policy(hostile.port(), ""));
                var client = firewall.tlsClient(HttpClient.Version.HTTP_2)) {
            var request = HttpRequest.newBuilder(URI.create("https://origin.test:" + hostile.port() + "/"))
                    .build();
            var reply = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(502);
            assertThat(reply.body()).contains("upstream_failed", REASONS.getOrDefault(name, "the origin broke HTTP/2"));
            var protocol = firewall.metric("portcullis_upstream_errors_total{reason=\"protocol\"}");
            var resets = firewall.metric("portcullis_upstream_errors_total{reason=\"reset\"}");
            assertThat(protocol + resets).isEqualTo(1);
            if (!RESETS.contains(name)) {
                assertThat(protocol).isEqualTo(1);
            }
            // The client's own connection lives, and the next connection to the origin is asked.
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void dataBeyondTheWindowOfItsStreamEndsTheStream() throws Exception {
        Attack flood = (out, stream) -> {
            head(out, 4, stream, 0x88);
            for (var i = 0; i < 500; i++) {
                out.write(RawHttp2.frame(RawHttp2.DATA, 0, stream, new byte[16_000]));
            }
        };
        try (var hostile = origin(flood, new AtomicBoolean());
                var firewall = TestFirewall.with(Intercepted.policy(hostile.port(), ""));
                // It never widens its own window, so what the origin sends is not taken.
                var client = RawHttp2.open(firewall, hostile.port())) {
            client.getOutputStream()
                    .write(RawHttp2.frame(RawHttp2.HEADERS, 5, 1, RawHttp2.head(false, hostile.port())));
            assertThat(RawHttp2.await(client, RawHttp2.RESET)).isTrue();
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"protocol\"}"))
                    .isEqualTo(1);
            client.getOutputStream()
                    .write(RawHttp2.frame(RawHttp2.HEADERS, 5, 3, RawHttp2.head(false, hostile.port())));
            RawHttp2.Frame reply;
            do {
                reply = RawHttp2.read(client);
            } while (reply.type() != RawHttp2.HEADERS);
            assertThat(reply.stream()).isEqualTo(3);
            assertThat(reply.payload()[0]).isEqualTo(OK[0]);
        }
    }

    @Test
    void dataOnAStreamThatHasEndedHarmsNoReply() throws Exception {
        Attack late = (out, stream) -> {
            head(out, 5, stream, 0x88);
            out.flush();
            for (var i = 0; i < 100; i++) {
                out.write(RawHttp2.frame(RawHttp2.DATA, 1, stream, new byte[16_000]));
            }
        };
        try (var hostile = origin(late, new AtomicBoolean());
                var firewall = TestFirewall.with(Intercepted.policy(hostile.port(), ""));
                var client = firewall.tlsClient(HttpClient.Version.HTTP_2)) {
            var request = HttpRequest.newBuilder(URI.create("https://origin.test:" + hostile.port() + "/"))
                    .build();
            for (var i = 0; i < 3; i++) {
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"allowed\"}"))
                    .isEqualTo(3);
        }
    }
}
