package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** HTTP/2 inside intercepted tunnels: a real client, hostile frames by hand, and an origin that speaks HTTP/1.1. */
class Http2InterceptionTest {
    private static Origin origin() throws IOException {
        return Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            var large = exchange.getRequestURI().getPath().startsWith("/large");
            var bytes = large ? new byte[3 * 1024 * 1024] : ("got " + body.length).getBytes();
            if (large) {
                Arrays.fill(bytes, (byte) 'x');
            }
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        });
    }

    private static HttpRequest.Builder to(Origin origin, String path) {
        return HttpRequest.newBuilder(URI.create("https://origin.test:" + origin.port() + path));
    }

    private static HttpClient client(TestFirewall firewall) {
        return firewall.tlsClient(HttpClient.Version.HTTP_2);
    }

    @Test
    void requestsOfOneConnectionAreForwardedAndCountedOneByOne() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var client = client(firewall)) {
            var first = client.send(to(origin, "/a?b=c").build(), HttpResponse.BodyHandlers.ofString());
            assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(first.statusCode()).isEqualTo(200);
            var many = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (var i = 0; i < 50; i++) {
                many.add(client.sendAsync(
                        to(origin, "/" + i)
                                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(i * 100)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }
            for (var i = 0; i < many.size(); i++) {
                assertThat(many.get(i).get(20, TimeUnit.SECONDS).body()).isEqualTo("got " + i * 100);
            }
            assertThat(origin.seen).hasSize(51);
            assertThat(origin.seen).allSatisfy(seen -> assertThat(seen.headers().keySet())
                    .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("x-http2")));
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"allowed\"}"))
                    .isEqualTo(51);
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_client_connections")).isEqualTo(1);
        }
    }

    @Test
    void aClientThatGoesLeavesNothingOpen() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""))) {
            try (var client = client(firewall)) {
                assertThat(client.send(to(origin, "/").build(), HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
                assertThat(firewall.metric("portcullis_intercepted_connections"))
                        .isEqualTo(1);
            }
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_intercepted_connections"))
                    .isZero());
            await().untilAsserted(() ->
                    assertThat(firewall.metric("portcullis_client_connections")).isZero());
        }
    }

    @Test
    void largeBodiesPassBothWaysUnderFlowControl() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var client = client(firewall)) {
            var down = client.send(to(origin, "/large").build(), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(down.body()).hasSize(3 * 1024 * 1024);
            var body = new byte[3 * 1024 * 1024];
            Arrays.fill(body, (byte) 'y');
            var up = client.send(
                    to(origin, "/up")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(up.body()).isEqualTo("got " + body.length);
        }
    }

    @Test
    void uploadsThatAreNotTakenHoldUpNoOtherStream() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var socket = RawHttp2.open(firewall, origin.port())) {
            var out = socket.getOutputStream();
            assertThat(RawHttp2.await(socket, RawHttp2.SETTINGS)).isTrue();
            out.write(RawHttp2.frame(RawHttp2.SETTINGS, 1, 0, new byte[0]));
            var piece = new byte[16 * 1024];
            Arrays.fill(piece, (byte) 'y');
            // As much of each as a stream may have on its way, and far more than the 64 KiB a connection begins with.
            for (var stream = 1; stream < 21; stream += 2) {
                out.write(RawHttp2.frame(RawHttp2.HEADERS, 4, stream, RawHttp2.head(true, origin.port())));
                for (var i = 0; i < 8; i++) {
                    out.write(RawHttp2.frame(RawHttp2.DATA, 0, stream, piece));
                }
            }
            out.write(RawHttp2.frame(RawHttp2.HEADERS, 5, 21, RawHttp2.head(false, origin.port())));
            RawHttp2.Frame frame;
            do {
                frame = RawHttp2.read(socket);
                assertThat(frame.type()).isNotIn(RawHttp2.GO_AWAY, RawHttp2.RESET);
            } while (frame.type() != RawHttp2.DATA);
            assertThat(frame.stream()).isEqualTo(21);
            assertThat(frame.payload()).asString().isEqualTo("got 0");
        }
    }

    @Test
    void aRequestSaysWhatComesBehindItsBody() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var client = client(firewall)) {
            var request = to(origin, "/").header("trailer", "x-sum").build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(origin.seen.element().headers().get("Trailer")).containsExactly("x-sum");
        }
    }

    @Test
    void aRefusedRequestEndsItsStreamAndNoOther() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var client = client(firewall)) {
            var refused = client.send(
                    to(origin, "/")
                            .POST(HttpRequest.BodyPublishers.ofString("a " + MarkerScans.SECRET))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.headers().firstValue("x-portcullis-block")).contains("dlp");
            assertThat(client.send(to(origin, "/").build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"body_dlp\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void anEngagedKillSwitchEndsOpenStreamsAtOnce() throws Exception {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
                    begun.countDown();
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var client = client(firewall)) {
            var waiting = client.sendAsync(to(origin, "/").build(), HttpResponse.BodyHandlers.ofString());
            begun.await();
            firewall.swap(Intercepted.policy(origin.port(), ""), "{\"engaged\": true, \"reason\": \"drill\"}");
            assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_intercepted_connections"))
                    .isZero());
            end.countDown();
        }
    }

    @Test
    void aHeaderThatIsTooLargeIsAnsweredOnItsStreamAndTheConnectionGoesOn() throws Exception {
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), "")
                        .replaceFirst("\\{", "{\"limits\": {\"headerBytes\": \"8Ki\"}, "));
                var client = client(firewall)) {
            var large = to(origin, "/").header("x-large", "v".repeat(9_000)).build();
            for (var i = 0; i < 2; i++) {
                var refused = client.send(large, HttpResponse.BodyHandlers.ofString());
                assertThat(refused.statusCode()).isEqualTo(431);
                assertThat(refused.body()).contains("header_too_large", "limits.headerBytes");
                var fine = to(origin, "/").header("x-large", "v".repeat(7_000)).build();
                assertThat(client.send(fine, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThat(firewall.metric("pipelock_tls_intercept_total{outcome=\"intercepted\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"blocked\"}"))
                    .isEqualTo(2);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"parser\"}"))
                    .isEqualTo(2);
            assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"url_scan\"}"))
                    .isEqualTo(2);
            assertThat(firewall.metric("portcullis_http2_faults_total")).isZero();
        }
    }

    private static void flood(SSLSocket socket, byte[] frame) throws IOException {
        for (var i = 0; i < 2000; i++) {
            socket.getOutputStream().write(frame);
        }
    }

    private interface Attack {
        void on(SSLSocket socket) throws IOException;
    }

    @Test
    void hostileFramesEndTheConnectionAndNobodyElses() throws Exception {
        // HEADERS of GET / with :scheme https and :authority origin.test, without END_HEADERS or END_STREAM flags.
        var block = new byte[] {
            (byte) 0x82, (byte) 0x87, (byte) 0x84, 0x41, 11, 'o', 'r', 'i', 'g', 'i', 'n', '.', 't', 'e', 's', 't'
        };
        try (var origin = origin();
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var good = client(firewall)) {
            var attacks = new Attack[] {
                // Rapid reset (CVE-2023-44487).
                socket -> {
                    for (var i = 0; i < 2000; i++) {
                        socket.getOutputStream().write(RawHttp2.frame(1, 5, 2 * i + 1, block));
                        socket.getOutputStream().write(RawHttp2.frame(3, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}));
                    }
                },
                // CONTINUATION without end.
                socket -> {
                    socket.getOutputStream().write(RawHttp2.frame(1, 0, 1, block));
                    for (var i = 0; i < 2000; i++) {
                        socket.getOutputStream().write(RawHttp2.frame(9, 0, 1, new byte[] {0x40, 1, 'a', 1, 'b'}));
                    }
                },
                // PINGs without end, each of which wants an answer (CVE-2019-9512).
                socket -> flood(socket, RawHttp2.frame(6, 0, 0, new byte[8])),
                // The same with SETTINGS (CVE-2019-9515).
                socket -> flood(socket, RawHttp2.frame(4, 0, 0, new byte[0])),
                // Windows that grow by one, and priorities: the codec takes both without a word.
                socket -> flood(socket, RawHttp2.frame(8, 0, 0, new byte[] {0, 0, 0, 1})),
                socket -> flood(socket, RawHttp2.frame(2, 0, 1, new byte[] {0, 0, 0, 0, 16})),
                // Frames of a type that does not exist.
                socket -> flood(socket, RawHttp2.frame(0x77, 0, 0, new byte[0])),
                // A frame longer than announced is allowed.
                socket -> socket.getOutputStream().write(new byte[] {0x7f, -1, -1, 0, 0, 0, 0, 0, 1}),
                // DATA on a stream that is not open.
                socket -> socket.getOutputStream().write(RawHttp2.frame(0, 0, 1, new byte[10])),
                // A header block that is no HPACK.
                socket -> socket.getOutputStream()
                        .write(RawHttp2.frame(1, 5, 1, new byte[] {(byte) 0xff, -1, -1, -1, -1, -1})),
                // Not HTTP/2 at all after its preface.
                socket -> socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n".getBytes())
            };
            for (var i = 0; i < attacks.length; i++) {
                try (var socket = RawHttp2.open(firewall, origin.port())) {
                    try {
                        attacks[i].on(socket);
                    } catch (IOException ended) {
                        // While it was still writing: as good.
                    }
                    RawHttp2.await(socket, 7);
                    assertThat(RawHttp2.await(socket, -1)).isFalse();
                }
                assertThat(good.send(to(origin, "/" + i).build(), HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
            }
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_http2_faults_total"))
                    .isGreaterThanOrEqualTo(attacks.length - 1));
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_intercepted_connections"))
                    .isEqualTo(1));
        }
    }
}
