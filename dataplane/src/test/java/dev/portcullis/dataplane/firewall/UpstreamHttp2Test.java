package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP/2 towards origins that do what RFC 9113 lets them do, seen by a client that speaks HTTP/2. */
@Timeout(120)
class UpstreamHttp2Test {
    private static final Http2Settings PLAIN = Http2Settings.defaultSettings();

    private static HttpRequest.Builder to(Http2Origin origin, String path) {
        return HttpRequest.newBuilder(URI.create("https://origin.test:" + origin.port() + path));
    }

    private static HttpResponse<String> get(HttpClient client, Http2Origin origin, String path) throws Exception {
        return client.send(to(origin, path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static TestFirewall firewall(Http2Origin origin, String limits) throws Exception {
        return TestFirewall.with(
                Intercepted.policy(origin.port(), "").replaceFirst("\\{", "{\"limits\": {" + limits + "}, "));
    }

    private static HttpClient client(TestFirewall firewall) {
        return firewall.tlsClient(HttpClient.Version.HTTP_2);
    }

    @Test
    void manyRequestsAtOnceShareOneConnection() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> request.say("at " + request.path()));
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            // Else the client opens several tunnels at once.
            assertThat(get(client, origin, "/").statusCode()).isEqualTo(200);
            var all = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (var i = 0; i < 60; i++) {
                all.add(client.sendAsync(to(origin, "/" + i).build(), HttpResponse.BodyHandlers.ofString()));
            }
            for (var i = 0; i < 60; i++) {
                assertThat(all.get(i).get(20, TimeUnit.SECONDS).body()).isEqualTo("at /" + i);
            }
            assertThat(origin.connections).hasValue(1);
        }
    }

    @Test
    void aReplySaysWhatComesBehindItsBody() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> {
                    request.head(false, "content-type", "text/plain", "trailer", "x-sum");
                    request.data(Unpooled.copiedBuffer("body", StandardCharsets.US_ASCII), false);
                    request.trailers("x-sum", "7");
                });
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            var reply = get(client, origin, "/");
            assertThat(reply.body()).isEqualTo("body");
            assertThat(reply.headers().allValues("trailer")).containsExactly("x-sum");
            assertThat(reply.headers().map()).doesNotContainKey("x-http2-trailer");
        }
    }

    /** A Trailer field has no meaning behind a body and is dropped there, under any name. */
    @Test
    void aTrailerFieldAmongTheTrailersIsDroppedAndTheOthersPass() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> {
                    request.head(false, "content-type", "text/plain");
                    request.data(Unpooled.copiedBuffer("body", StandardCharsets.US_ASCII), false);
                    request.trailers("trailer", "x-late", "x-sum", "7");
                });
                var firewall = firewall(origin, "");
                var client = RawHttp2.open(firewall, origin.port())) {
            client.getOutputStream().write(RawHttp2.frame(RawHttp2.HEADERS, 5, 1, RawHttp2.head(false, origin.port())));
            var blocks = new DefaultHttp2HeadersDecoder();
            var read = new ArrayList<Http2Headers>();
            while (read.size() < 2) {
                var frame = RawHttp2.read(client);
                if (frame.type() == RawHttp2.HEADERS) {
                    read.add(blocks.decodeHeaders(1, Unpooled.wrappedBuffer(frame.payload())));
                }
            }
            var trailers = read.getLast();
            assertThat(trailers.names()).extracting(CharSequence::toString).containsExactly("x-sum");
            assertThat(trailers.get("x-sum")).hasToString("7");
        }
    }

    @Test
    void aConnectionThatCarriesNothingIsCountedAsIdle() throws Exception {
        var asked = new CountDownLatch(1);
        var held = new AtomicReference<Http2Origin.Request>();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    held.set(request);
                    asked.countDown();
                });
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            var reply = client.sendAsync(to(origin, "/").build(), HttpResponse.BodyHandlers.ofString());
            asked.await();
            assertThat(firewall.metric("portcullis_upstream_idle_connections")).isZero();
            var request = Objects.requireNonNull(held.get());
            request.ctx().executor().execute(() -> request.say("done"));
            assertThat(reply.get(20, TimeUnit.SECONDS).body()).isEqualTo("done");
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_upstream_idle_connections"))
                    .isEqualTo(1));
            request.ctx().close();
            await().untilAsserted(() -> assertThat(firewall.metric("portcullis_upstream_idle_connections"))
                    .isZero());
        }
    }

    @Test
    void aClientThatSpeaksHttp1GetsHttp1OrIsToldThatTheOriginDoesNot() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> request.say("h2"));
                var firewall = firewall(origin, "");
                var client = firewall.tlsClient(HttpClient.Version.HTTP_1_1)) {
            assertThat(get(client, origin, "/").statusCode()).isEqualTo(502);
            assertThat(origin.requests).hasValue(0);
        }
    }

    @Test
    void anIdleHttp1ConnectionOfAnotherClientIsNotTakenForOneThatSpeaksHttp2() throws Exception {
        try (var origin = new Http2Origin(PLAIN, true, request -> request.say("over 2"));
                var firewall = firewall(origin, "");
                var old = firewall.tlsClient(HttpClient.Version.HTTP_1_1);
                var client = client(firewall)) {
            for (var i = 0; i < 4; i++) {
                assertThat(get(old, origin, "/").body()).isEqualTo("over 1.1");
                assertThat(get(client, origin, "/").body()).isEqualTo("over 2");
            }
            assertThat(origin.connections).hasValueLessThan(3);
        }
    }

    @Test
    void aStreamThatTheOriginRefusesIsAskedForOnceMore() throws Exception {
        var refused = new AtomicInteger();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (refused.getAndIncrement() == 0) {
                        request.reset(Http2Error.REFUSED_STREAM);
                    } else {
                        request.say("second");
                    }
                });
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            var post = to(origin, "/").POST(HttpRequest.BodyPublishers.noBody()).build();
            assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("second");
            assertThat(origin.requests).hasValue(2);
        }
    }

    @Test
    void anyOtherResetIsABadGatewayWithItsName() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> request.reset(Http2Error.ENHANCE_YOUR_CALM));
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            var reply = get(client, origin, "/");
            assertThat(reply.statusCode()).isEqualTo(502);
            assertThat(reply.body()).contains("reset the stream", "ENHANCE_YOUR_CALM");
            assertThat(origin.requests).hasValue(1);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"reset\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void afterAGoAwayNothingBeginsThereAndWhatWasNotLookedAtIsAskedElsewhere() throws Exception {
        var before = new AtomicInteger();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (request.connection() == 1 && before.getAndSet(request.stream()) > 0) {
                        request.goAway(request.stream() - 2);
                    } else {
                        request.say("connection " + request.connection());
                    }
                });
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            assertThat(get(client, origin, "/").body()).isEqualTo("connection 1");
            assertThat(get(client, origin, "/").body()).isEqualTo("connection 2");
            assertThat(get(client, origin, "/").body()).isEqualTo("connection 2");
            assertThat(origin.requests).hasValue(4);
        }
    }

    @Test
    void anOriginThatTakesOneStreamAtATimeNeverGetsTwoOnOneConnection() throws Exception {
        var open = new ConcurrentHashMap<Integer, AtomicInteger>();
        var most = new AtomicInteger();
        try (var origin = new Http2Origin(Http2Settings.defaultSettings().maxConcurrentStreams(1), request -> {
                    var now = open.computeIfAbsent(request.connection(), unused -> new AtomicInteger());
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    request.ctx().executor().execute(() -> {
                        now.decrementAndGet();
                        request.say("fine");
                    });
                });
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            assertThat(get(client, origin, "/").statusCode()).isEqualTo(200);
            var all = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (var i = 0; i < 10; i++) {
                all.add(client.sendAsync(to(origin, "/" + i).build(), HttpResponse.BodyHandlers.ofString()));
            }
            for (var one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS).body()).isEqualTo("fine");
            }
            assertThat(most).hasValue(1);
        }
    }

    @Test
    void aClientThatDoesNotReadHoldsUpItsOriginAndNobodyElse() throws Exception {
        var mebibyte = new byte[1 << 20];
        var sent = new AtomicLong();
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (!request.path().equals("/large")) {
                        request.say("small");
                        return;
                    }
                    request.head(false, "content-type", "application/octet-stream");
                    for (var i = 1; i <= 64; i++) {
                        request.data(Unpooled.wrappedBuffer(mebibyte), i == 64)
                                .addListener(done -> sent.addAndGet(1 << 20));
                    }
                });
                var firewall = firewall(origin, "");
                var slow = client(firewall);
                var quick = client(firewall)) {
            var large = slow.send(to(origin, "/large").build(), HttpResponse.BodyHandlers.ofInputStream());
            for (var i = 0; i < 20; i++) {
                assertThat(get(quick, origin, "/").body()).isEqualTo("small");
                assertThat(get(slow, origin, "/").body()).isEqualTo("small");
            }
            // The windows of the client and of the stream to the origin, and what sockets hold.
            assertThat(sent.get()).isLessThan(40L << 20);
            try (var body = large.body()) {
                assertThat(body.readAllBytes()).hasSize(64 << 20);
            }
        }
    }

    @Test
    void anOriginThatFallsSilentIsNotAskedAgainOnThatConnection() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> {
                    if (request.connection() == 2) {
                        request.say("awake");
                    }
                });
                var firewall = firewall(origin, "\"idleTimeout\": \"1s\"");
                var client = client(firewall)) {
            var first = get(client, origin, "/");
            assertThat(first.statusCode()).isEqualTo(502);
            assertThat(first.body()).contains("nothing came from origin.test");
            assertThat(get(client, origin, "/").body()).isEqualTo("awake");
        }
    }

    @Test
    void aReplyThatEndsEarlyDoesNotWaitForTheRestOfTheRequest() throws Exception {
        try (var origin = new Http2Origin(PLAIN, request -> {
                    request.say("enough");
                    request.reset(Http2Error.NO_ERROR);
                });
                var firewall = firewall(origin, "");
                var client = client(firewall)) {
            var upload = to(origin, "/")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[4 << 20]))
                    .build();
            assertThat(client.send(upload, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("enough");
            assertThat(get(client, origin, "/").body()).isEqualTo("enough");
        }
    }
}
