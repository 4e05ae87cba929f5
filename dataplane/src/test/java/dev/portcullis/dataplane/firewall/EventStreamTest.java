package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Server-sent events through the proxy, one by one. */
class EventStreamTest {
    private static final String BLOCK = "{\"injection\": {\"action\": \"Block\"}}";

    /** Sends the events that a test puts in, each by itself, until one is empty. */
    private static final class Events implements AutoCloseable {
        final LinkedBlockingQueue<String> next = new LinkedBlockingQueue<>();
        final RawOrigin origin;

        Events(boolean gzip) throws IOException {
            origin = new RawOrigin(socket -> {
                var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                while (!in.readLine().isEmpty()) {
                    // To the end of the head.
                }
                var out = socket.getOutputStream();
                out.write(("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                                + (gzip ? "Content-Encoding: gzip\r\n" : "") + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                var coded = new ByteArrayOutputStream();
                var packer = gzip ? new GZIPOutputStream(coded, 512, true) : null;
                String event;
                while (!(event = next.take()).isEmpty()) {
                    var bytes = event.getBytes(StandardCharsets.UTF_8);
                    if (packer != null) {
                        packer.write(bytes);
                        packer.flush();
                        out.write(coded.toByteArray());
                        coded.reset();
                    } else {
                        out.write(bytes);
                    }
                    out.flush();
                }
                if (packer != null) {
                    packer.close();
                    out.write(coded.toByteArray());
                }
            });
        }

        @Override
        public void close() throws Exception {
            next.add("");
            origin.close();
        }
    }

    private static void ask(Socket socket, Events events) throws IOException {
        Wire.send(
                socket,
                "GET http://origin.test:" + events.origin.port()
                        + "/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
    }

    /** Reads one chunk, as text. */
    private static byte[] chunk(Socket socket) throws IOException {
        var size = new StringBuilder();
        int next;
        while ((next = socket.getInputStream().read()) != '\n') {
            if (next < 0) {
                throw new IOException("ended");
            }
            size.append((char) next);
        }
        var bytes = socket.getInputStream()
                .readNBytes(Integer.parseInt(size.toString().trim(), 16) + 2);
        return java.util.Arrays.copyOf(bytes, bytes.length - 2);
    }

    @Test
    void eachEventArrivesBeforeTheNextIsSentThoughFindingsBlock() throws Exception {
        try (var events = new Events(false);
                var firewall = TestFirewall.with(BLOCK);
                var socket = firewall.connect()) {
            ask(socket, events);
            events.next.add("data: 0\n\n");
            assertThat(Wire.head(socket.getInputStream()))
                    .startsWith("HTTP/1.1 200")
                    .contains("chunked");
            assertThat(chunk(socket)).asString().isEqualTo("data: 0\n\n");
            for (var i = 1; i < 20; i++) {
                events.next.add("data: " + i + "\n\n");
                assertThat(chunk(socket)).asString().isEqualTo("data: " + i + "\n\n");
            }
        }
    }

    @Test
    void theHeadArrivesBeforeThereIsAnEvent() throws Exception {
        try (var events = new Events(false);
                var firewall = TestFirewall.with(BLOCK);
                var socket = firewall.connect()) {
            ask(socket, events);
            assertThat(Wire.head(socket.getInputStream()))
                    .startsWith("HTTP/1.1 200")
                    .contains("text/event-stream");
            events.next.add("data: 0\n\n");
            assertThat(chunk(socket)).asString().isEqualTo("data: 0\n\n");
        }
    }

    @Test
    void eventsInGzipArriveOneByOneToo() throws Exception {
        try (var events = new Events(true);
                var firewall = TestFirewall.with(BLOCK);
                var socket = firewall.connect()) {
            ask(socket, events);
            events.next.add("data: 0\n\n");
            assertThat(Wire.head(socket.getInputStream())).contains("gzip");
            var coded = new ByteArrayOutputStream();
            coded.writeBytes(chunk(socket));
            for (var i = 1; i < 20; i++) {
                events.next.add("data: " + i + "\n\n");
                coded.writeBytes(chunk(socket));
            }
            var plain = new GZIPInputStream(new java.io.ByteArrayInputStream(coded.toByteArray()));
            assertThat(new String(plain.readNBytes(9 * 10 + 10 * 10), StandardCharsets.US_ASCII))
                    .contains("data: 0\n\n", "data: 19\n\n");
        }
    }

    @Test
    void whatIsSplitOverTwoEventsEndsTheStreamBeforeItIsComplete() throws Exception {
        var half = MarkerScans.INJECTION.length() / 2;
        try (var events = new Events(false);
                var firewall = TestFirewall.with(BLOCK);
                var socket = firewall.connect()) {
            ask(socket, events);
            events.next.add("data: " + MarkerScans.INJECTION.substring(0, half) + "\n\n");
            Wire.head(socket.getInputStream());
            assertThat(chunk(socket)).asString().contains(MarkerScans.INJECTION.substring(0, half));
            events.next.add("id: 7\ndata: " + MarkerScans.INJECTION.substring(half) + "\n\n");
            assertThatThrownBy(() -> chunk(socket)).isInstanceOf(IOException.class);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"prompt_injection\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aKillSwitchEndsASilentStreamAtOnce() throws Exception {
        try (var events = new Events(false);
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            ask(socket, events);
            events.next.add("data: 0\n\n");
            Wire.head(socket.getInputStream());
            chunk(socket);
            firewall.swap("{}", "{\"engaged\": true, \"reason\": \"stop\"}");
            await().atMost(5, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThatThrownBy(() -> chunk(socket)).isInstanceOf(IOException.class));
            assertThat(firewall.audit).anyMatch(event -> event.event().equals("connection_cut"));
        }
    }
}
