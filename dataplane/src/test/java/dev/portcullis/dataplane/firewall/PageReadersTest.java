package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.LeakedBuffers;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages that take long to read hold nobody else up, and are given up with whoever asked for them. */
@Timeout(60)
class PageReadersTest {
    private static final String DROPPED = "portcullis_fetch_pages_dropped_total";

    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger reading = new AtomicInteger();

    @AfterAll
    static void noBufferIsLeft() {
        LeakedBuffers.check();
    }

    /** A scan that waits until the test lets it go on. */
    private BodyScan waiting() {
        return new BodyScan() {
            private long fed;

            @Override
            public void feed(ByteBuffer bytes) {
                fed += bytes.remaining();
                bytes.position(bytes.limit());
                reading.incrementAndGet();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    reading.decrementAndGet();
                }
            }

            @Override
            public void finish() {}

            @Override
            public long clean() {
                return fed;
            }

            @Override
            public List<Finding> findings() {
                return List.of();
            }
        };
    }

    private static Socket fetch(TestFirewall firewall, Origin origin) throws IOException {
        var socket = firewall.connect();
        Wire.send(socket, "GET /fetch?url=" + origin.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n");
        return socket;
    }

    private static void ends(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void whilePagesAreReadEveryEventLoopGoesOn() throws Exception {
        var fetches = new ArrayList<Socket>();
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.swapResponseScans("{}", this::waiting);
            for (var i = 0; i < 16; i++) {
                fetches.add(fetch(firewall, origin));
            }
            await().until(() -> origin.seen.size() == 16 && reading.get() > 1);
            for (var i = 0; i < 16; i++) {
                assertThat(firewall.local("/health").get("status").asText()).isEqualTo("ok");
            }
            goOn.countDown();
            for (var socket : fetches) {
                assertThat(Wire.read(socket.getInputStream()).body()).contains("\"content\":\"hello\"");
            }
            assertThat(firewall.metric(DROPPED)).isZero();
        } finally {
            for (var socket : fetches) {
                socket.close();
            }
        }
    }

    @Test
    void aKillSwitchEndsFetchesWhosePagesAreReadAndTheirPlacesAreFreeAfterwards() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.swapResponseScans("{}", this::waiting);
            var fetches = new ArrayList<Socket>();
            for (var i = 0; i < 64; i++) {
                fetches.add(fetch(firewall, origin));
            }
            await().until(() -> origin.seen.size() == 64 && reading.get() > 1);
            try (var refused = fetch(firewall, origin)) {
                assertThat(Wire.read(refused.getInputStream()).status()).isEqualTo(429);
            }
            firewall.swap("{}", "{\"engaged\": true, \"reason\": \"drill\"}");
            for (var socket : fetches) {
                ends(socket);
                socket.close();
            }
            await().untilAsserted(() -> assertThat(firewall.metric(DROPPED)).isEqualTo(64));
            firewall.swap("{}");
            goOn.countDown();
            for (var i = 0; i < 65; i++) {
                fetched(firewall, origin);
            }
        }
    }

    /** The place of a page that is being read is free when its thread has looked up. */
    private static void fetched(TestFirewall firewall, Origin origin) {
        await().ignoreExceptions().untilAsserted(() -> {
            try (var socket = fetch(firewall, origin)) {
                assertThat(Wire.read(socket.getInputStream()).status()).isEqualTo(200);
            }
        });
    }

    @Test
    void aClientThatLeavesAndATimeThatIsUpLeaveNothingBehind() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}")) {
            firewall.swapResponseScans("{}", this::waiting);
            try (var first = fetch(firewall, origin);
                    var second = fetch(firewall, origin)) {
                await().until(() -> reading.get() == 2);
                // Only a reset says that it leaves: who has nothing more to say may still listen.
                first.setSoLinger(true, 0);
                second.setSoLinger(true, 0);
            }
            await().untilAsserted(() -> assertThat(firewall.metric(DROPPED)).isEqualTo(2));
            for (var i = 3; i <= 100; i++) {
                var asked = i;
                try (var socket = fetch(firewall, origin)) {
                    await().until(() -> origin.seen.size() == asked);
                    socket.setSoLinger(true, 0);
                }
            }
            firewall.swapResponseScans("{\"fetch\": {\"timeout\": \"300ms\"}}", this::waiting);
            try (var socket = fetch(firewall, origin)) {
                var reply = Wire.read(socket.getInputStream());
                assertThat(reply.status()).isEqualTo(502);
                assertThat(reply.body()).contains("the fetch took too long");
            }
            goOn.countDown();
            fetched(firewall, origin);
        }
    }

    /** A page of ampersands took minutes: each was looked after a semicolon for to the page's end. */
    @Test
    void aPageOfAmpersandsIsReadAtOnce() throws Exception {
        var page = "<p>" + "&".repeat(4_000_000) + "</p>";
        try (var origin = Origin.answering((exchange, body) -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/html");
                    exchange.sendResponseHeaders(200, page.length());
                    exchange.getResponseBody().write(page.getBytes(StandardCharsets.US_ASCII));
                });
                var firewall = TestFirewall.with("{}");
                var socket = fetch(firewall, origin)) {
            var reply = Wire.read(socket.getInputStream());
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).contains("&&&&&&&&");
        }
    }
}
