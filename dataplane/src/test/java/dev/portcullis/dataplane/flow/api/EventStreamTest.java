package dev.portcullis.dataplane.flow.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.flow.Metrics;
import dev.portcullis.dataplane.flow.mitigate.Attacks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /api/v1/events} over a real connection. */
class EventStreamTest {
    @TempDir
    Path directory;

    private ApiFixture api;
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(directory, ApiFixture.TOKENS, "{}");
    }

    @AfterEach
    void close() throws IOException {
        for (var socket : sockets) {
            socket.close();
        }
        api.close();
    }

    private BufferedReader stream(@Nullable String token, String more) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
        socket.setSoTimeout(30_000);
        sockets.add(socket);
        socket.getOutputStream()
                .write(("GET /api/v1/events HTTP/1.1\r\nHost: test\r\n"
                                + (token == null ? "" : "Authorization: Bearer " + token + "\r\n") + more + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static String until(BufferedReader stream, String beginning) throws IOException {
        for (var line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
        }
        throw new AssertionError("the stream ended before " + beginning);
    }

    private void awaitStreams(int count) {
        await().untilAsserted(() -> assertThat(Metrics.value(api.registry, "portcullis_api_event_streams"))
                .isEqualTo(count));
    }

    @Test
    void aClientLearnsOfEveryAttackAsItStartsChangesAndEnds() throws IOException {
        var stream = stream(ApiFixture.VIEWER, "");
        assertThat(until(stream, "HTTP/1.1")).contains("200");
        awaitStreams(1);
        var attack = Attacks.on(ApiFixture.VICTIM, "syn_flood");

        api.feed.started(attack);
        api.feed.updated(attack);
        api.feed.ended(Attacks.ended(attack));

        assertThat(until(stream, "id:")).isEqualTo("id: 1");
        assertThat(until(stream, "event:")).isEqualTo("event: attack_started");
        assertThat(until(stream, "data:"))
                .contains("\"target\":\"" + ApiFixture.VICTIM + "\"")
                .contains("syn_flood");
        assertThat(until(stream, "event:")).isEqualTo("event: attack_updated");
        assertThat(until(stream, "event:")).isEqualTo("event: attack_ended");
        assertThat(until(stream, "data:")).contains("\"ended_at\"");
    }

    @Test
    void aClientThatComesBackGetsWhatItMissed() throws IOException {
        for (var i = 0; i < 5; i++) {
            api.feed.started(Attacks.on(ApiFixture.VICTIM, "syn_flood"));
        }

        var stream = stream(ApiFixture.VIEWER, "Last-Event-ID: 3\r\n");

        assertThat(until(stream, "id:")).isEqualTo("id: 4");
        assertThat(until(stream, "id:")).isEqualTo("id: 5");
    }

    @Test
    void aClientThatMissedTooMuchIsToldHowMany() throws IOException {
        for (var i = 0; i < AttackFeed.KEPT + 100; i++) {
            api.feed.started(Attacks.on(ApiFixture.VICTIM, "syn_flood"));
        }

        var stream = stream(ApiFixture.VIEWER, "Last-Event-ID: 1\r\n");

        assertThat(until(stream, "event:")).isEqualTo("event: missed");
        assertThat(until(stream, "data:")).isEqualTo("data: {\"events\":" + 100 + "}");
        assertThat(until(stream, "id:")).isEqualTo("id: 102");
        assertThat(Metrics.value(api.registry, "portcullis_api_events_missed_total"))
                .isEqualTo(100);
    }

    @Test
    void aClientThatDoesNotReadHoldsNobodyBack() throws IOException {
        stream(ApiFixture.VIEWER, "");
        awaitStreams(1);
        // More than every buffer on the way holds; the tick's thread never waits.
        for (var i = 0; i < 50_000; i++) {
            api.feed.started(Attacks.on(ApiFixture.VICTIM, "syn_flood"));
        }
        var other = stream(ApiFixture.VIEWER, "Last-Event-ID: 49999\r\n");

        assertThat(until(other, "id:")).isEqualTo("id: 50000");
    }

    @Test
    void nobodyListensWithoutAToken() throws IOException {
        assertThat(until(stream(null, ""), "HTTP/1.1")).contains("401");
    }

    @Test
    void aClientThatGoesAwayIsForgotten() throws IOException {
        stream(ApiFixture.VIEWER, "");
        awaitStreams(1);

        sockets.getFirst().close();

        awaitStreams(0);
    }

    @Test
    void streamsAreBounded() throws IOException {
        for (var i = 0; i < AttackFeed.MOST_READERS; i++) {
            stream(ApiFixture.VIEWER, "");
        }
        awaitStreams(AttackFeed.MOST_READERS);

        assertThat(until(stream(ApiFixture.VIEWER, ""), "HTTP/1.1")).contains("503");
    }
}
