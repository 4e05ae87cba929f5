package dev.portcullis.dataplane.flow.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.flow.mitigate.Attacks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document is compared with what the API does: every route, every answer, every field. */
class OpenApiDocumentTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private ApiFixture api;
    private JsonNode document;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(directory, ApiFixture.OPEN, "{dryRun: false, method: FlowSpec, whitelist: [203.0.113.1]}");
        api.attack(Attacks.on(ApiFixture.VICTIM, "syn_flood"));
        document = ApiFixture.json(api.get("/api/v1/openapi.json", null));
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void everyRouteIsInTheDocumentAndEveryPathOfItIsARoute() {
        var described = new TreeSet<String>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (!method.getKey().equals("parameters")) {
                        described.add(method.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
                    }
                }));

        assertThat(document.path("openapi").asText()).startsWith("3.1");
        assertThat(described).containsExactlyInAnyOrderElementsOf(api.routes());
    }

    @Test
    void everyReadAnswersAsDescribed() {
        var id = ApiFixture.json(api.get("/api/v1/attacks", null))
                .path("active")
                .path(0)
                .path("id")
                .asText();
        for (var path : document.path("paths").properties()) {
            if (path.getValue().has("get") && !path.getKey().equals("/api/v1/events")) {
                var answer = api.get(
                        path.getKey().replace("{id}", id)
                                + (path.getKey().equals("/api/v1/traffic")
                                        ? "?key=" + ApiFixture.VICTIM
                                                + "&from=2026-11-21T23:59:00Z&to=2026-11-22T00:01:00Z"
                                        : ""),
                        null);
                assertThat(answer.statusCode()).as(path.getKey()).isEqualTo(200);
                assertDescribed(path.getValue().path("get"), answer);
            }
        }
    }

    /** Every kind of event that the stream has, over a connection of its own; OpenAPI 3.1 has no word for their data. */
    @Test
    void everyEventIsAsDescribed() throws IOException {
        for (var i = 0; i < AttackFeed.KEPT; i++) {
            api.feed.started(Attacks.on(ApiFixture.VICTIM, "syn_flood"));
        }
        api.feed.updated(Attacks.on(ApiFixture.VICTIM, "syn_flood"));
        api.feed.ended(Attacks.ended(Attacks.on(ApiFixture.VICTIM, "syn_flood")));
        var stream = document.at("/paths/~1api~1v1~1events/get/responses/200/content/text~1event-stream");
        var data = stream.path("x-event-data");
        var described = new TreeSet<String>();
        data.fieldNames().forEachRemaining(described::add);
        var seen = new TreeSet<String>();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write("GET /api/v1/events HTTP/1.1\r\nHost: test\r\nLast-Event-ID: 1\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            var kind = "";
            while (!seen.contains("attack_ended")) {
                var line = Objects.requireNonNull(lines.readLine());
                if (line.startsWith("event: ")) {
                    kind = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    seen.add(kind);
                    assertMatches(data.path(kind), JSON.readTree(line.substring("data: ".length())), kind);
                }
            }
        }
        assertThat(seen).isEqualTo(described);
    }

    @Test
    void everyOrderAnswersAsDescribed() {
        var bodies = Map.of(
                "/api/v1/ban",
                        List.of("{\"ip\":\"203.0.113.7\",\"method\":\"blackhole\"}", "{\"ip\":\"203.0.113.1\"}", "x"),
                "/api/v1/unban", List.of("{\"ip\":\"203.0.113.7\"}", "{\"ip\":\"203.0.113.8\"}", "[]"),
                "/api/v1/withdraw-all", List.of("{}", "{\"pause\":\"1m\"}", "{\"pause\":\"-1\"}"));
        var codes = new ArrayList<Integer>();
        for (var path : List.of("/api/v1/ban", "/api/v1/unban", "/api/v1/withdraw-all")) {
            for (var body : Objects.requireNonNull(bodies.get(path))) {
                var answer = api.post(path, null, body);
                codes.add(answer.statusCode());
                assertDescribed(document.path("paths").path(path).path("post"), answer);
            }
        }
        assertThat(codes).containsExactly(200, 409, 400, 200, 404, 400, 200, 200, 400);
    }

    /** Without a token, with one that may not, with a wrong parameter, a wrong type of body and one that is too long. */
    @Test
    void everyRefusalAnswersAsDescribed() throws IOException {
        try (var guarded = new ApiFixture(directory.resolve("guarded"), ApiFixture.TOKENS, "{}")) {
            for (var path : document.path("paths").properties()) {
                var address = path.getKey().replace("{id}", "none");
                if (!address.startsWith("/api/")) {
                    continue;
                }
                var get = path.getValue().path("get");
                if (!get.isMissingNode()) {
                    assertRefused(get, guarded.get(address, null), 401);
                    assertRefused(get, guarded.get(address, "no-token-of-this-detector"), 401);
                    if (get.path("responses").has("400")) {
                        var wrong = address.endsWith("/traffic")
                                ? "?key=x"
                                : address.endsWith("/hosts") ? "?sort=x" : "?limit=x";
                        assertRefused(get, guarded.get(address + wrong, ApiFixture.VIEWER), 400);
                    }
                    if (get.path("responses").has("404")) {
                        assertRefused(get, guarded.get(address, ApiFixture.VIEWER), 404);
                    }
                    continue;
                }
                var post = path.getValue().path("post");
                assertRefused(post, guarded.post(address, null, "{}"), 401);
                assertRefused(post, guarded.post(address, ApiFixture.VIEWER, "{}"), 403);
                assertRefused(post, guarded.post(address, ApiFixture.OPERATOR, "["), 400);
                assertRefused(post, guarded.post(address, ApiFixture.OPERATOR, " ".repeat(70_000) + "{}"), 413);
                assertRefused(
                        post,
                        guarded.send(guarded.request(address, ApiFixture.OPERATOR)
                                .header("Content-Type", "text/plain")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build()),
                        415);
            }
        }
    }

    /** Both threads are busy and as many requests wait as may: whoever comes now is told so, and only the kubelet is not. */
    @Test
    void everyAnswerOfABusyApiIsAsDescribed() {
        api.answersWait = new CountDownLatch(2);
        api.answersGoOn = new CountDownLatch(1);
        var slow = api.request("/api/v1/exporters", null).GET().build();
        var waiting = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        try {
            for (var i = 0; i < ApiServer.MAX_WAITING; i++) {
                waiting.add(api.client.sendAsync(slow, HttpResponse.BodyHandlers.ofString()));
            }
            Awaitility.await().until(() -> {
                waiting.add(api.client.sendAsync(slow, HttpResponse.BodyHandlers.ofString()));
                return api.answersWait.getCount() == 0
                        && waiting.stream()
                                .anyMatch(answer -> answer.isDone()
                                        && !answer.isCompletedExceptionally()
                                        && answer.resultNow().statusCode() == 503);
            });
            for (var path : document.path("paths").properties()) {
                for (var method : List.of("get", "post")) {
                    var operation = path.getValue().path(method);
                    if (operation.isMissingNode()) {
                        continue;
                    }
                    var answer = method.equals("get")
                            ? api.get(path.getKey().replace("{id}", "none"), null)
                            : api.post(path.getKey(), null, "{}");
                    if (path.getKey().equals("/healthz")) {
                        assertThat(answer.statusCode()).isEqualTo(200);
                    } else {
                        assertRefused(operation, answer, 503);
                        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
                    }
                }
            }
        } finally {
            api.answersGoOn.countDown();
        }
        waiting.forEach(answer -> assertThat(answer.join().statusCode()).isIn(200, 503));
        assertThat(waiting.stream().filter(answer -> answer.join().statusCode() == 200))
                .hasSizeGreaterThanOrEqualTo(ApiServer.MAX_WAITING);
    }

    @Test
    void whatNeedsAConfigurationSaysSoWhereThereIsNone() {
        api.configured = false;
        for (var path : List.of("/api/v1/status", "/api/v1/groups")) {
            assertRefused(document.path("paths").path(path).path("get"), api.get(path, null), 503);
        }
    }

    /** Of every parameter each value that is described is taken, and the next one is not. */
    @Test
    void everyParameterTakesWhatIsDescribedAndNothingElse() {
        var checked = new TreeSet<String>();
        for (var path : document.path("paths").properties()) {
            var operation = path.getValue().path("get");
            for (var parameter : operation.path("parameters")) {
                var name = parameter.path("name").asText();
                var schema = parameter.path("schema");
                var address = path.getKey() + "?" + name + "=";
                if (schema.path("type").asText().equals("integer")) {
                    var least = schema.path("minimum").asInt();
                    var most = schema.path("maximum").asInt();
                    for (var good : List.of(least, most, schema.path("default").asInt(least))) {
                        assertThat(api.get(address + good, null).statusCode())
                                .as(address + good)
                                .isEqualTo(200);
                    }
                    for (var bad : List.of(least - 1L, most + 1L, "x", "", "1e3")) {
                        assertRefused(operation, api.get(address + bad, null), 400);
                    }
                    checked.add(name);
                } else if (schema.has("enum")) {
                    for (var good : schema.path("enum")) {
                        assertThat(api.get(address + good.asText(), null).statusCode())
                                .as(address + good)
                                .isEqualTo(200);
                    }
                    assertRefused(operation, api.get(address + "other", null), 400);
                    checked.add(name);
                } else if (schema.path("format").asText().equals("date-time")) {
                    assertRefused(
                            operation,
                            api.get(path.getKey() + "?key=" + ApiFixture.VICTIM + "&" + name + "=yesterday", null),
                            400);
                    checked.add(name);
                }
            }
        }
        assertThat(checked).containsExactly("direction", "from", "limit", "offset", "scope", "sort", "state", "to");
    }

    private void assertRefused(JsonNode operation, HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.uri().toString()).isEqualTo(status);
        assertDescribed(operation, answer);
        assertThat(ApiFixture.json(answer).path("error").asText())
                .as(answer.uri().toString())
                .isNotEmpty();
    }

    private void assertDescribed(JsonNode operation, HttpResponse<String> answer) {
        var response = operation.path("responses").path(Integer.toString(answer.statusCode()));
        assertThat(response.isMissingNode())
                .as("%s answers %s", operation.path("summary"), answer.statusCode())
                .isFalse();
        var schema = response.path("content").path("application/json").path("schema");
        if (!schema.isMissingNode()) {
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
            assertMatches(
                    schema, ApiFixture.json(answer), operation.path("summary").asText());
        }
    }

    /** What of JSON Schema the document uses. */
    private void assertMatches(JsonNode reference, JsonNode value, String where) {
        var schema = reference.has("$ref")
                ? document.at(reference.path("$ref").asText().substring(1))
                : reference;
        assertThat(schema.isMissingNode()).as("schema of %s", where).isFalse();
        switch (schema.path("type").asText()) {
            case "object" -> assertObject(schema, value, where);
            case "array" -> {
                assertThat(value.isArray()).as(where).isTrue();
                value.forEach(item -> assertMatches(schema.path("items"), item, where + "[]"));
            }
            case "string" -> assertThat(value.isTextual()).as(where).isTrue();
            case "integer" -> assertThat(value.isIntegralNumber()).as(where).isTrue();
            case "number" -> assertThat(value.isNumber()).as(where).isTrue();
            case "boolean" -> assertThat(value.isBoolean()).as(where).isTrue();
            default -> throw new AssertionError(where + " has no type this test knows: " + schema);
        }
        if (schema.has("enum")) {
            assertThat(schema.path("enum").valueStream().map(JsonNode::asText))
                    .as(where)
                    .contains(value.asText());
        }
    }

    private void assertObject(JsonNode schema, JsonNode value, String where) {
        assertThat(value.isObject()).as(where).isTrue();
        schema.path("required").forEach(field -> assertThat(value.has(field.asText()))
                .as("%s.%s is there", where, field.asText())
                .isTrue());
        if (schema.path("additionalProperties").isBoolean()) {
            value.properties().forEach(field -> {
                var described = schema.path("properties").path(field.getKey());
                assertThat(described.isMissingNode())
                        .as("%s.%s is described", where, field.getKey())
                        .isFalse();
                assertMatches(described, field.getValue(), where + "." + field.getKey());
            });
        }
    }
}
