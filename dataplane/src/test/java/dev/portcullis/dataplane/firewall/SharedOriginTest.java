package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exchanges that share an origin, over HTTP/2: what one of them suffers or does is not the others' loss. */
@Timeout(120)
class SharedOriginTest {
    private static final Http2Settings PLAIN = Http2Settings.defaultSettings();

    private static HttpRequest.Builder to(Http2Origin origin, String path) {
        return HttpRequest.newBuilder(URI.create("https://origin.test:" + origin.port() + path));
    }

    private static CompletableFuture<HttpResponse<String>> ask(HttpClient client, HttpRequest.Builder request) {
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> reply(CompletableFuture<HttpResponse<String>> asked) throws Exception {
        return asked.get(30, TimeUnit.SECONDS);
    }

    private static HttpRequest.BodyPublisher mebibyte() {
        return HttpRequest.BodyPublishers.ofByteArray(new byte[1 << 20]);
    }

    private static TestFirewall firewall(Http2Origin origin) throws IOException {
        return TestFirewall.with(Intercepted.policy(origin.port(), ""));
    }

    private static HttpClient client(TestFirewall firewall) {
        return firewall.tlsClient(HttpClient.Version.HTTP_2);
    }

    /** Writes what is no frame of HTTP/2 on the connection of {@code request}, behind the origin's own codec. */
    private static void breakConnection(Http2Origin.Request request) {
        // A PING of three bytes.
        var frame = Unpooled.wrappedBuffer(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[3]));
        request.ctx().pipeline().context(Http2FrameCodec.class).writeAndFlush(frame);
    }

    @Test
    void aRequestThatMayBeRepeatedOutlivesTheConnectionThatAnotherOneBroke() throws Exception {
        var asked = new CountDownLatch(1);
        var bystander = new AtomicInteger();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    switch (request.path()) {
                        case "/bystander" -> {
                            if (bystander.incrementAndGet() == 1) {
                                asked.countDown();
                            } else {
                                request.say("unharmed");
                            }
                        }
                        case "/attack" -> breakConnection(request);
                        default -> request.say("begun");
                    }
                });
                var firewall = firewall(origin);
                var client = client(firewall)) {
            // The connection is the bystander's own, and it was the first on it.
            var held = ask(client, to(origin, "/bystander"));
            asked.await();
            var attacked = reply(ask(client, to(origin, "/attack")));
            assertThat(attacked.statusCode()).isEqualTo(502);
            assertThat(attacked.body()).contains("the origin broke HTTP/2");
            assertThat(reply(held).body()).isEqualTo("unharmed");
            assertThat(bystander).hasValue(2);
        }
    }

    @Test
    void aPostOnABrokenConnectionIsNotSentTwiceAndSaysWhy() throws Exception {
        var asked = new CountDownLatch(1);
        var posts = new AtomicInteger();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (request.path().equals("/attack")) {
                        breakConnection(request);
                    } else {
                        posts.incrementAndGet();
                        asked.countDown();
                    }
                });
                var firewall = firewall(origin);
                var client = client(firewall)) {
            var held = ask(client, to(origin, "/post").POST(HttpRequest.BodyPublishers.noBody()));
            asked.await();
            assertThat(reply(ask(client, to(origin, "/attack"))).statusCode()).isEqualTo(502);
            assertThat(reply(held).statusCode()).isEqualTo(502);
            assertThat(reply(held).body()).contains("the origin broke HTTP/2");
            assertThat(posts).hasValue(1);
        }
    }

    @Test
    void aBodyThatIsCutAfterAGoAwayIsCutForItsClientToo() throws Exception {
        var first = new AtomicReference<Http2Origin.Request>();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (request.path().equals("/next")) {
                        request.say("elsewhere: " + request.connection());
                        return;
                    }
                    first.set(request);
                    request.head(false, "content-type", "application/octet-stream");
                    request.data(Unpooled.wrappedBuffer(new byte[200_000]), false);
                });
                var firewall = firewall(origin);
                var client = client(firewall)) {
            var cut = client.send(to(origin, "/cut").build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(cut.statusCode()).isEqualTo(200);
            try (var body = cut.body()) {
                assertThat(body.readNBytes(100_000)).hasSize(100_000);
                var request = Objects.requireNonNull(first.get());
                request.ctx().executor().execute(() -> {
                    request.goAway(request.stream());
                    request.ctx().close();
                });
                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"reset\"}"))
                    .isEqualTo(1);
            assertThat(reply(ask(client, to(origin, "/next"))).body()).isEqualTo("elsewhere: 2");
        }
    }

    @Test
    void anUploadThatTheOriginDoesNotTakeHoldsUpNoOtherClient() throws Exception {
        var stalled = new CountDownLatch(1);
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (request.path().equals("/stall")) {
                        request.stall();
                        stalled.countDown();
                    } else {
                        request.whenTaken(() -> request.say("taken"));
                    }
                });
                var firewall = firewall(origin);
                var greedy = firewall.tlsClient(HttpClient.Version.HTTP_2, "127.0.0.2");
                var other = client(firewall)) {
            ask(greedy, to(origin, "/stall").POST(mebibyte()));
            stalled.await();
            for (var i = 0; i < 4; i++) {
                assertThat(reply(ask(other, to(origin, "/take").POST(mebibyte())))
                                .body())
                        .isEqualTo("taken");
            }
            assertThat(origin.connections).hasValue(2);
            greedy.shutdownNow();
            // Nobody reads from the held-up stream, and yet that its client has left is told at once.
            await().untilAsserted(() -> assertThat(origin.resets).hasValue(1));
        }
    }

    @Test
    void anOriginThatEndsAConnectionForTheResetsOfOneClientEndsThatClients() throws Exception {
        var asked = new CountDownLatch(1);
        var patient = new AtomicReference<Http2Origin.Request>();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    switch (request.path()) {
                        case "/patient" -> {
                            patient.set(request);
                            asked.countDown();
                        }
                        // What origins do to who resets too often (CVE-2023-44487).
                        case "/reset" -> {
                            request.goAway(request.stream());
                            request.ctx().close();
                        }
                        default -> request.reset(Http2Error.CANCEL);
                    }
                });
                var firewall = firewall(origin);
                var rapid = firewall.tlsClient(HttpClient.Version.HTTP_2, "127.0.0.2");
                var other = client(firewall)) {
            var held = ask(other, to(origin, "/patient").POST(HttpRequest.BodyPublishers.noBody()));
            asked.await();
            for (var i = 0; i < 4; i++) {
                assertThat(reply(ask(rapid, to(origin, "/reset"))).statusCode()).isEqualTo(502);
            }
            var request = Objects.requireNonNull(patient.get());
            request.ctx().executor().execute(() -> request.say("still here"));
            assertThat(reply(held).body()).isEqualTo("still here");
        }
    }
}
