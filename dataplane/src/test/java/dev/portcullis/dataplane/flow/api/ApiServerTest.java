package dev.portcullis.dataplane.flow.api;

import static dev.portcullis.dataplane.flow.api.ApiFixture.OPEN;
import static dev.portcullis.dataplane.flow.api.ApiFixture.OPERATOR;
import static dev.portcullis.dataplane.flow.api.ApiFixture.TOKENS;
import static dev.portcullis.dataplane.flow.api.ApiFixture.VICTIM;
import static dev.portcullis.dataplane.flow.api.ApiFixture.VIEWER;
import static dev.portcullis.dataplane.flow.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.mitigate.Attacks;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiServerTest {
    private static final String LIVE = "{dryRun: false, whitelist: [203.0.113.1]}";
    private static final List<String> READS = List.of(
            "/api/v1/status",
            "/api/v1/attacks",
            "/api/v1/hosts",
            "/api/v1/bans",
            "/api/v1/exporters",
            "/api/v1/peers",
            "/api/v1/openapi.json");
    private static final List<String> ORDERS = List.of("/api/v1/ban", "/api/v1/unban", "/api/v1/withdraw-all");

    @TempDir
    Path directory;

    private @Nullable ApiFixture opened;

    private void open(String access, String policy) throws IOException {
        opened = new ApiFixture(directory, access, policy);
    }

    private ApiFixture api() {
        return Objects.requireNonNull(opened);
    }

    @AfterEach
    void close() {
        api().close();
    }

    @Test
    void anApiWithoutTokensRefusesEverythingAndSaysWhatToDo() throws IOException {
        open("{tokens: [{name: eyes, role: Viewer, secretKeyRef: {name: api, key: short}}]}", LIVE);

        for (var path : READS) {
            var answer = api().get(path, null);
            assertThat(answer.statusCode()).as(path).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
            assertThat(json(answer).path("error").asText()).contains("spec.api.tokens");
        }
        for (var path : ORDERS) {
            assertThat(api().post(path, null, "{}").statusCode()).as(path).isEqualTo(401);
        }
        assertThat(api().get("/api/v1/status", "fifteen-bytes!!").statusCode()).isEqualTo(401);
    }

    @Test
    void metricsHealthAndStatusNeedNoToken() throws IOException {
        open(TOKENS, LIVE);

        assertThat(api().get("/metrics", null).body())
                .contains("kapkan_mitigate_announced_routes{mode=\"real\"} 0.0")
                .contains("kapkan_mitigate_announced_routes{mode=\"dry_run\"} 0.0")
                .contains("portcullis_mitigate_rejections_total{reason=\"whitelist\"} 0.0");
        assertThat(api().get("/healthz", null).body()).isEqualTo("ok\n");
        assertThat(api().get("/readyz", null).statusCode()).isEqualTo(200);
        assertThat(json(api().get("/status", null)).path("role").asText()).isEqualTo("flow");
    }

    @Test
    void aViewerReadsAndOrdersNothing() throws IOException {
        open(TOKENS, LIVE);

        for (var path : READS) {
            assertThat(api().get(path, VIEWER).statusCode()).as(path).isEqualTo(200);
        }
        for (var path : ORDERS) {
            var answer = api().post(path, VIEWER, "{\"ip\": \"203.0.113.45\"}");
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
            assertThat(json(answer).path("error").asText()).isEqualTo("this token's role may not perform this action");
        }
        assertThat(json(api().get("/api/v1/status", VIEWER)).path("role").asText())
                .isEqualTo("viewer");
        assertThat(json(api().get("/api/v1/status", OPERATOR)).path("role").asText())
                .isEqualTo("operator");
    }

    @Test
    void aWrongTokenIsRefusedEvenWhereNoneIsNeeded() throws IOException {
        open(OPEN, LIVE);

        assertThat(api().get("/api/v1/bans", null).statusCode()).isEqualTo(200);
        assertThat(api().get("/api/v1/bans", "something else entirely").statusCode())
                .isEqualTo(401);
        var basic = api().send(api().request("/api/v1/bans", null)
                .header("Authorization", "Basic eDp5")
                .build());
        assertThat(basic.statusCode()).isEqualTo(401);
    }

    @Test
    void oneSecretThatNamesTwoRolesLetsNobodyIn() throws IOException {
        open(
                "{tokens: [{name: a, role: Viewer, secretKeyRef: {name: api, key: twin}},"
                        + " {name: b, role: Operator, secretKeyRef: {name: api, key: operator}}]}",
                LIVE);

        assertThat(api().get("/api/v1/bans", OPERATOR).statusCode()).isEqualTo(401);
    }

    @Test
    void aBanByHandIsAnnouncedShownAndLifted() throws IOException {
        open(TOKENS, LIVE);

        var ban = json(api().post(
                        "/api/v1/ban",
                        OPERATOR,
                        "{\"ip\": \"203.0.113.45\", \"ttl\": \"30m\", \"reason\": \"call 42\"}"));

        assertThat(ban.path("state").asText()).isEqualTo("active");
        assertThat(ban.path("route").asText())
                .isEqualTo("blackhole 203.0.113.45/32 next-hop 192.0.2.1 community 65535:666");
        assertThat(ban.path("ordered_by").asText()).isEqualTo("noc");
        assertThat(ban.path("ordered_reason").asText()).isEqualTo("call 42");
        assertThat(Duration.between(
                        Instant.parse(ban.path("started_at").asText()),
                        Instant.parse(ban.path("expires_at").asText())))
                .isEqualTo(Duration.ofMinutes(30));
        assertThat(api().router.announced()).hasSize(1);
        assertThat(json(api().get("/api/v1/bans?state=active", VIEWER)).path("bans"))
                .hasSize(1);

        var over = json(api().post("/api/v1/unban", OPERATOR, "{\"ip\": \"203.0.113.45\"}"));

        assertThat(over.path("state").asText()).isEqualTo("withdrawn");
        assertThat(over.path("reason").asText()).isEqualTo("unban by noc");
        assertThat(api().router.announced()).isEmpty();
        var again = api().post("/api/v1/unban", OPERATOR, "{\"ip\": \"203.0.113.45\"}");
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(json(again).path("error").asText()).isEqualTo("no active ban for 203.0.113.45");
    }

    @Test
    void aBanTheGuardsRefuseIsAConflictAndShowsTheBan() throws IOException {
        open(TOKENS, LIVE);

        var answer = api().post("/api/v1/ban", OPERATOR, "{\"ip\": \"203.0.113.1\"}");

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).path("state").asText()).isEqualTo("rejected");
        assertThat(json(answer).path("reason").asText()).isEqualTo("whitelisted");
        assertThat(json(api().get("/api/v1/bans?state=rejected", VIEWER)).path("bans"))
                .hasSize(1);
        assertThat(api().get("/metrics", null).body())
                .contains("kapkan_mitigate_bans_rejected_total 1.0")
                .contains("portcullis_mitigate_rejections_total{reason=\"whitelist\"} 1.0");
    }

    @Test
    void anAttackIsShownWithWhatIsDoneAboutIt() throws IOException {
        open(TOKENS, "{dryRun: true, method: FlowSpec}");
        api().attack(Attacks.on(VICTIM, "udp_flood"));

        var attack = json(api().get("/api/v1/attacks", VIEWER)).path("active").path(0);

        assertThat(attack.path("target").asText()).isEqualTo(VICTIM);
        assertThat(attack.path("ban_state").asText()).isEqualTo("active");
        assertThat(attack.path("method").asText()).isEqualTo("flowspec");
        assertThat(attack.path("dry_run").asBoolean()).isTrue();
        assertThat(attack.path("flowspec").path(0).path("proto").asInt()).isEqualTo(17);
        var id = attack.path("id").asText();
        assertThat(json(api().get("/api/v1/attacks/" + id, VIEWER)).path("id").asText())
                .isEqualTo(id);
        assertThat(api().get("/api/v1/attacks/none", VIEWER).statusCode()).isEqualTo(404);
    }

    @Test
    void withdrawAllTakesEverythingBack() throws IOException {
        open(TOKENS, LIVE);
        var attack = Attacks.on(VICTIM, "udp_flood");
        api().attack(attack);
        assertThat(api().router.announced()).hasSize(1);

        var answer = json(api().post("/api/v1/withdraw-all", OPERATOR, "{\"pause\": \"10m\"}"));

        assertThat(answer.path("withdrawn").asInt()).isEqualTo(1);
        assertThat(api().router.announced()).isEmpty();
        api().mitigator.ongoing(attack);
        assertThat(api().get("/api/v1/status", VIEWER).body()).contains("paused_until");
        assertThat(api().router.announced()).isEmpty();
        assertThat(api().post("/api/v1/withdraw-all", OPERATOR, "").statusCode())
                .isEqualTo(200);
    }

    @Test
    void pagesAndFiltersAreChecked() throws IOException {
        open(OPEN, LIVE);

        assertThat(json(api().get("/api/v1/hosts?sort=mbps&offset=0&limit=1", null))
                        .path("hosts"))
                .hasSize(1);
        assertThat(json(api().get("/api/v1/hosts?offset=1", null)).path("hosts"))
                .isEmpty();
        for (var query : List.of(
                "hosts?sort=size",
                "hosts?offset=-1",
                "hosts?limit=0",
                "hosts?limit=1001",
                "hosts?limit=99999999999",
                "hosts?offset=99001",
                "hosts?offset=x",
                "bans?state=gone")) {
            var answer = api().get("/api/v1/" + query, null);
            assertThat(answer.statusCode()).as(query).isEqualTo(400);
            assertThat(json(answer).path("error").asText()).as(query).contains("write");
        }
    }

    @Test
    void whatIsNotThereAndWhatIsNotDoneSaysSo() throws IOException {
        open(OPEN, LIVE);

        assertThat(api().get("/nothing", null).statusCode()).isEqualTo(404);
        assertThat(api().get("/api/v1/attacks/", null).statusCode()).isEqualTo(404);
        assertThat(api().get("/api/v1/attacks/a/b", null).statusCode()).isEqualTo(404);
        var wrongMethod = api().get("/api/v1/ban", null);
        assertThat(wrongMethod.statusCode()).isEqualTo(405);
        assertThat(wrongMethod.headers().firstValue("Allow")).hasValue("POST");
        assertThat(api().post("/api/v1/bans", null, "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void anOrderMustBeSaidToBeJson() throws IOException {
        open(OPEN, LIVE);

        var form = api().send(api().request("/api/v1/ban", null)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("{\"ip\": \"203.0.113.45\"}"))
                .build());
        var nothing = api().send(api().request("/api/v1/ban", null)
                .POST(HttpRequest.BodyPublishers.ofString("{\"ip\": \"203.0.113.45\"}"))
                .build());

        assertThat(form.statusCode()).isEqualTo(415);
        assertThat(nothing.statusCode()).isEqualTo(415);
        assertThat(api().router.announced()).isEmpty();
    }

    @Test
    void tokensAppearInNoAnswerAndNoDescription() throws IOException {
        open(TOKENS, LIVE);

        for (var path : READS) {
            assertThat(api().get(path, OPERATOR).body())
                    .doesNotContain(OPERATOR)
                    .doesNotContain(VIEWER);
        }
        assertThat(api().get("/api/v1/bans", OPERATOR + "x").body()).doesNotContain(OPERATOR);
    }
}
