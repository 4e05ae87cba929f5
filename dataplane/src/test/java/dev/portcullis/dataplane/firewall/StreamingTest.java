package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Bodies that are slow, compressed, broken off, or under way while the proxy stops. */
class StreamingTest {
    private static final long MIB = 1024 * 1024;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static long directMemory() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + io.netty.util.internal.PlatformDependent.usedDirectMemory();
    }

    @Test
    void aFastUploadToASlowOriginIsHeldBackAtTheClient() throws Exception {
        var taken = new CountDownLatch(1);
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    taken.await();
                    var left = 64 * MIB;
                    var into = new byte[64 * 1024];
                    while (left > 0) {
                        left -= socket.getInputStream().read(into);
                    }
                    socket.getOutputStream().write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var before = directMemory();
            var sent = new AtomicLong();
            var upload = Thread.ofVirtual().start(() -> {
                try {
                    Wire.send(
                            socket,
                            "POST http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                    + 64 * MIB + "\r\n\r\n");
                    var block = new byte[64 * 1024];
                    while (sent.get() < 64 * MIB) {
                        socket.getOutputStream().write(block);
                        sent.addAndGet(block.length);
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            var last = new AtomicLong(-1);
            await().until(() -> sent.get() > 0 && last.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(48 * MIB);
            assertThat(directMemory() - before).isLessThan(24 * MIB);
            taken.countDown();
            upload.join();
            assertThat(Wire.read(socket.getInputStream()).body()).isEqualTo("ok");
        }
    }

    @Test
    void anOriginThatBreaksOffInTheMiddleBreaksTheReplyOffToo() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    socket.getOutputStream()
                            .write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(50_000)));
                    socket.setSoLinger(true, 0);
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(socket, "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThatThrownBy(() -> Wire.read(socket.getInputStream())).isInstanceOf(IOException.class);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"reset\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void anOriginThatSpeaksSomethingElseIsABadGateway() throws Exception {
        try (var origin = new RawOrigin(socket -> {
                    Wire.head(socket.getInputStream());
                    socket.getOutputStream().write(ascii("SSH-2.0-server\r\n\r\n"));
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply =
                    Wire.exchange(socket, "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(reply.status()).isEqualTo(502);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"protocol\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void anOriginThatNeverAnswersIsABadGatewayAfterTheIdleTime() throws Exception {
        try (var origin = new RawOrigin(socket -> socket.getInputStream().readAllBytes());
                var firewall = TestFirewall.with("{\"limits\": {\"idleTimeout\": \"2s\"}}");
                var socket = firewall.connect()) {
            var reply =
                    Wire.exchange(socket, "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(reply.status()).isEqualTo(502);
            assertThat(firewall.metric("portcullis_upstream_errors_total{reason=\"timeout\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aMarkThatIsSplitOverManyChunksIsFoundAndNothingOfItReachesTheOrigin() throws Exception {
        var received = new ByteArrayOutputStream();
        try (var origin = new RawOrigin(socket -> socket.getInputStream().transferTo(received));
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(
                    socket,
                    "POST http://origin.test:" + origin.port()
                            + "/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n" + "y".repeat(0x4000)
                            + "\r\n");
            for (var c : MarkerScans.SECRET.toCharArray()) {
                Wire.send(socket, "1\r\n" + c + "\r\n");
            }
            var reply = Wire.read(socket.getInputStream());
            assertThat(reply.status()).isEqualTo(403);
            await().untilAsserted(() -> assertThat(received.toString(StandardCharsets.US_ASCII))
                    .contains("yyyy")
                    .doesNotContain("TOP", "\r\n0\r\n\r\n"));
        }
    }

    @Test
    void aGzippedReplyIsScannedAndPassedOnAsItIs() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(ascii("a".repeat(100_000) + MarkerScans.INJECTION));
        }
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    exchange.sendResponseHeaders(200, packed.size());
                    exchange.getResponseBody().write(packed.toByteArray());
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(
                    socket,
                    "GET " + origin.url("/")
                            + " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip;q=0.5, dcz, zstd, *\r\n\r\n");
            Wire.head(socket.getInputStream());
            assertThat(socket.getInputStream().readNBytes(packed.size())).isEqualTo(packed.toByteArray());
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"prompt_injection\"}"))
                    .isEqualTo(1);
            assertThat(origin.seen.element().headers().get("Accept-encoding")).containsExactly("br, gzip;q=0.5, zstd");

            firewall.swap("{\"injection\": {\"action\": \"Block\"}}");
            var refused = Wire.exchange(socket, "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(refused.status()).isEqualTo(403);
        }
    }

    @Test
    void aReplyThatCannotBeDecodedPassesWhereFindingsAreReportedAndIsRefusedWhereTheyBlock() throws Exception {
        var bomb = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new byte[(int) (64 * MIB)]);
        }
        for (var coded : new String[] {"br", "gzip", "bomb"}) {
            var body = coded.equals("bomb") ? bomb.toByteArray() : ascii("neither of both");
            try (var origin = Origin.answering((exchange, in) -> {
                        exchange.getResponseHeaders().set("Content-Encoding", coded.equals("bomb") ? "gzip" : coded);
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                    });
                    var firewall = TestFirewall.with("{}");
                    var socket = firewall.connect()) {
                var request = "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n";
                Wire.send(socket, request);
                Wire.head(socket.getInputStream());
                assertThat(socket.getInputStream().readNBytes(body.length))
                        .as(coded)
                        .isEqualTo(body);
                firewall.swap("{\"injection\": {\"action\": \"Block\"}}");
                var refused = Wire.exchange(socket, request);
                assertThat(refused.status()).as(coded).isEqualTo(403);
                assertThat(refused.headers()).containsEntry("x-portcullis-block", "compression");
            }
        }
    }

    @Test
    void drainingFinishesWhatIsInFlightAndAcceptsNothingNew() throws Exception {
        var go = new CountDownLatch(1);
        try (var origin = Origin.answering((exchange, body) -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                    exchange.sendResponseHeaders(200, 4);
                    exchange.getResponseBody().write(ascii("late"));
                });
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect();
                var idle = firewall.connect()) {
            Wire.send(socket, "GET " + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
            await().until(() -> !origin.seen.isEmpty());
            var drain = Thread.ofVirtual().start(firewall.role::drain);
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            assertThat(firewall.role.ready()).isFalse();
            assertThatThrownBy(firewall::connect).isInstanceOf(IOException.class);
            go.countDown();
            var reply = Wire.read(socket.getInputStream());
            assertThat(reply.body()).isEqualTo("late");
            drain.join();
        }
    }
}
