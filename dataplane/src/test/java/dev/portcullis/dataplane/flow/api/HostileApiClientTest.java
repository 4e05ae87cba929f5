package dev.portcullis.dataplane.flow.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no well-meaning client would send to the API. */
class HostileApiClientTest {
    @TempDir
    Path directory;

    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(directory, ApiFixture.OPEN, "{dryRun: false}");
    }

    @AfterEach
    void close() {
        api.close();
    }

    /** What the server sends back to {@code bytes} before it closes, or within the read time. */
    private String raw(String bytes) throws IOException {
        try (var socket = new Socket("127.0.0.1", api.port())) {
            socket.setSoTimeout(20_000);
            try {
                socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (IOException cutOff) {
                return "";
            }
        }
    }

    private void assertAlive() {
        assertThat(api.get("/healthz", null).statusCode()).isEqualTo(200);
        assertThat(api.router.announced()).isEmpty();
    }

    @Test
    void aBodyThatIsTooLongIsAnsweredThoughItsClientGoesOnSending() throws IOException {
        var order = "POST /api/v1/unban HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ";

        var reply = raw(order + "4000000\r\n\r\n" + " ".repeat(4_000_000) + order + "2\r\n\r\n{}");

        assertThat(reply).startsWith("HTTP/1.1 413").containsIgnoringCase("connection: close");
        assertThat(reply.split("HTTP/1.1 "))
                .as("the request behind it is not read")
                .hasSize(2);
        assertAlive();
    }

    @Test
    void bodiesThatAreNotTheOrderAreRefused() {
        for (var body : List.of(
                "",
                "null",
                "[]",
                "\"203.0.113.45\"",
                "{",
                "{}",
                "{\"ip\": null}",
                "{\"ip\": 3405803821}",
                "{\"ip\": [\"203.0.113.45\"]}",
                "{\"ip\": \"203.0.113.45\"} {}",
                "{\"ip\": \"203.0.113.45\", \"prefix\": \"203.0.113.0/24\"}",
                "{\"ip\": \"203.0.113.45/24\"}",
                "{\"ip\": \"3405803821\"}",
                "{\"ip\": \"203.113.45\"}",
                "{\"ip\": \"0203.0.0113.045\"}",
                "{\"ip\": \"localhost\"}",
                "{\"ip\": \"fe80::1%lo\"}",
                "{\"ip\": \"" + "1".repeat(1000) + "\"}",
                "{\"ip\": \"203.0.113.45\", \"ttl\": \"0s\"}",
                "{\"ip\": \"203.0.113.45\", \"ttl\": \"8d\"}",
                "{\"ip\": \"203.0.113.45\", \"ttl\": \"forever\"}",
                "{\"ip\": \"203.0.113.45\", \"ttl\": 600}",
                "{\"ip\": \"203.0.113.45\", \"method\": \"None\"}",
                "{\"ip\": \"203.0.113.45\", \"method\": \"nuke\"}",
                "{\"ip\": \"203.0.113.45\", \"reason\": \"" + "x".repeat(501) + "\"}",
                "[".repeat(60_000))) {
            var answer = api.post("/api/v1/ban", null, body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(ApiFixture.json(answer).path("error").asText()).as(body).isNotEmpty();
        }
        assertAlive();
    }

    @Test
    void aBodyTooLargeIsRefusedInOneSentence() throws IOException {
        var answer = raw("POST /api/v1/ban HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 10000000\r\n\r\n" + "x".repeat(1000));

        assertThat(answer).startsWith("HTTP/1.1 413").contains("{\"error\":");
        assertAlive();
    }

    @Test
    void aChunkedBodyCannotGrowPastTheLimit() throws IOException {
        var chunk = "2000\r\n" + "x".repeat(0x2000) + "\r\n";

        var answer = raw("POST /api/v1/ban HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(9));

        assertThat(answer).startsWith("HTTP/1.1 413");
        assertAlive();
    }

    @Test
    void whatIsNotHttpIsRefusedAndCutOff() throws IOException {
        for (var bytes : List.of(
                "\r\n\r\nnonsense\r\n\r\n",
                "GET " + "/x".repeat(10_000) + " HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nX: " + "y".repeat(100_000) + "\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /api/v1/ban HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                "POST /api/v1/ban HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")) {
            var answer = raw(bytes);
            assertThat(answer)
                    .satisfiesAnyOf(text -> assertThat(text).startsWith("HTTP/1.1 4"), text -> assertThat(text)
                            .isEmpty());
        }
        assertAlive();
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
        var answer = raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answer.lines()
                        .filter(line -> line.contains("HTTP/1.1 "))
                        .map(line -> line.replaceAll(".*HTTP/1.1 (\\d+).*", "$1")))
                .containsExactly("200", "404", "200");
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndCounted() throws IOException {
        var sockets = new ArrayList<Socket>();
        try {
            for (var i = 0; i < ApiServer.MAX_CONNECTIONS + 5; i++) {
                sockets.add(new Socket("127.0.0.1", api.port()));
            }
            var last = sockets.getLast();
            last.setSoTimeout(20_000);
            assertThat(last.getInputStream().read()).isEqualTo(-1);
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(api.get("/metrics", null).body())
                        .containsPattern("portcullis_api_connections_refused_total [5-9]"));
    }

    @Test
    void aClientThatReadsNothingDelaysNobody() throws IOException {
        try (var silent = new Socket("127.0.0.1", api.port())) {
            var request = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(500);
            silent.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            silent.getOutputStream().flush();

            for (var i = 0; i < 20; i++) {
                assertThat(api.get("/api/v1/status", null).statusCode()).isEqualTo(200);
            }
        }
    }
}
