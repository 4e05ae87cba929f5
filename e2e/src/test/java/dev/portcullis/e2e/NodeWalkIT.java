package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One walk over a real node, as a user would go it: chart in, samples in, traffic and telemetry through real pods, kill
 * switch, dashboards, a bad edit, a killed operator, everything out again. Each step stands on the one before.
 */
@ExtendWith(Node.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeWalkIT {
    private static final String SAMPLES =
            Project.ROOT.resolve("config-samples/cluster").toString();
    private static final String GITHUB_TOKEN = "ghp_" + "a1B2c3D4e5F6".repeat(3);
    /** {@code {"note": "<GITHUB_TOKEN>"}} as the command line tools of both formats write it. */
    private static final String BROTLI_WITH_TOKEN = "HzMA+MXcRqmOC21vWBSxVBERjXaxJKGqFljEQyUkYZ/bBxeZWm15C/AB";

    private static final String ZSTD_WITH_TOKEN = "KLUv/QRYFQEA4Hsibm90ZSI6ICJnaHBfYTFCMmMzRDRlNUY2In0BAB4sY+yTI48=";
    private static final List<Integer> VICTIM = List.of(198, 51, 100, 7);
    private static final Pattern METRIC = Pattern.compile("\\b[a-z]+(_[a-z0-9]+)+(?=\\{)");

    private final Node node;
    private final Namespace system;
    private final Namespace agents;
    private final Upstream upstream;
    private Set<String> before = Set.of();

    NodeWalkIT(Node node) throws IOException {
        this.node = node;
        system = Namespace.restricted(node, "portcullis-system");
        agents = Namespace.restricted(node, "agents");
        upstream = new Upstream(node.hostAddress());
    }

    @BeforeAll
    void rememberWhatIsThere() {
        await("the kubelet's first heartbeat").atMost(Duration.ofMinutes(1)).until(() -> everything().stream()
                .anyMatch(object -> object.startsWith("Lease/kube-node-lease/")));
        before = everything();
    }

    @AfterAll
    void closeUpstream() {
        upstream.close();
    }

    @Test
    @Order(1)
    void theChartInstallsAndItsReplicasBecomeReady() {
        helm("install", "portcullis", Project.CHART.toString(), "--set", "crds.keep=false", "--timeout", "3m");
        assertThat(system.get("deployment", "portcullis-operator")
                        .at("/status/readyReplicas")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    @Order(2)
    void theSamplesBecomeReady() {
        agents.kubectl("apply", "-f", SAMPLES);
        agents.kubectl(
                "wait", "--for=condition=Ready", "agentpolicy/coding-agents", "flowdetector/edge", "--timeout=3m");
        agents.kubectl(
                "wait", "--for=condition=Accepted", "killswitch/stop-agents", "mitigationpolicy/edge", "--timeout=30s");
        assertThat(agents.kubectl("get", "agentpolicy", "coding-agents", "--output=wide"))
                .contains("coding-agents-firewall.agents.svc:8888");
    }

    @Test
    @Order(3)
    void thePodsRunAsNobodyOnARootTheyCannotWriteTo() {
        assertThat(agents.list("pods")).hasSize(2).allSatisfy(pod -> {
            assertThat(pod.at("/spec/securityContext/runAsUser").asInt()).isEqualTo(65532);
            assertThat(pod.at("/spec/containers/0/securityContext/readOnlyRootFilesystem")
                            .asBoolean())
                    .isTrue();
            assertThat(pod.at("/status/containerStatuses/0/restartCount").asInt())
                    .isZero();
        });
    }

    /** The launcher says what it read; a cache that did not fit these options would be a warning of the JVM's. */
    @Test
    @Order(3)
    void theDetectorRunsWithItsOwnOptionsAndTheCacheOfTheImage() {
        var options = agents.pod("flow")
                .at("/spec/containers/0/env")
                .valueStream()
                .filter(variable -> variable.path("name").asText().equals("JDK_JAVA_OPTIONS"))
                .map(variable -> variable.path("value").asText())
                .findFirst()
                .orElseThrow();
        assertThat(options).contains("-XX:MaxNewSize=4m", "-XX:ParallelGCThreads=1");

        assertThat(agents.kubectl(
                        "logs", agents.pod("flow").at("/metadata/name").asText()))
                .contains("Picked up JDK_JAVA_OPTIONS: " + options)
                .doesNotContain("[aot")
                .doesNotContain("[cds");
        assertThat(agents.kubectl(
                        "logs", agents.pod("firewall").at("/metadata/name").asText()))
                .doesNotContain("JDK_JAVA_OPTIONS");
    }

    /** Internal addresses are refused until the policy allows them, and an edit of the policy rolls no pod. */
    @Test
    @Order(4)
    void aRequestIsAllowedOnceThePolicyTrustsItsUpstream() throws Exception {
        var pod = agents.pod("firewall").at("/metadata/name").asText();
        var refused = upstream.through(proxy(), "/");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("X-Portcullis-Block")).contains("ssrf");
        assertThat(upstream.requests()).isZero();

        agents.patch("agentpolicy", "coding-agents", """
                {"spec": {"network": {"allowedRanges": ["%s/32"]}, "limits": {"requestsPerMinutePerHost": 0}}}
                """.formatted(node.hostAddress()));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> upstream.through(proxy(), "/").statusCode() == 200);
        assertThat(upstream.through(proxy(), "/").body()).isEqualTo(Upstream.GREETING);
        assertThat(agents.pod("firewall").at("/metadata/name").asText()).isEqualTo(pod);
    }

    /** The Service has the address that agents use; kube-proxy sends it to the pod of the same node. */
    @Test
    @Order(5)
    void theServiceOfThePolicyLeadsToTheProxyOfTheNode() {
        var service = agents.get("service", "coding-agents-firewall");
        assertThat(service.at("/spec/internalTrafficPolicy").asText()).isEqualTo("Local");
        var proxy = "http://" + service.at("/spec/clusterIP").asText() + ":8888";
        var curl = Project.installed("curl", "curl").toString();
        var target = upstream.uri("/").toString();
        assertThat(node.inside(curl, "-sS", "--max-time", "10", "--proxy", proxy, target)
                        .run()
                        .orFail())
                .isEqualTo(Upstream.GREETING);
    }

    @Test
    @Order(6)
    void aRequestWithACredentialIsRefusedAndToldWhy() throws Exception {
        var arrived = upstream.requests();
        var reply = upstream.through(proxy(), "/?key=" + GITHUB_TOKEN);
        assertThat(reply.statusCode()).isEqualTo(403);
        var refusal = new ObjectMapper().readTree(reply.body());
        assertThat(refusal.path("blocked").asBoolean()).isTrue();
        assertThat(reply.headers().firstValue("X-Portcullis-Block"))
                .contains(refusal.path("scanner").asText());
        for (var field : List.of("error", "block_reason", "rule", "hint", "request_id")) {
            assertThat(refusal.path(field).asText()).as(field).isNotBlank();
        }
        assertThat(reply.body()).doesNotContain(GITHUB_TOKEN);
        assertThat(upstream.requests()).isEqualTo(arrived);
        assertThat(Upstream.get(admin("firewall") + "/metrics"))
                .containsPattern("pipelock_requests_total\\{result=\"blocked\"} [1-9]")
                .containsPattern("pipelock_info\\{version=\"[0-9]+\\.[0-9]+\\.[0-9]+\"} 1");
    }

    /** The decoders are native code, which a pod with a read-only root must find as files. */
    @Test
    @Order(7)
    void aCredentialInACompressedBodyIsFoundInThePod() throws Exception {
        for (var body : Map.of("br", BROTLI_WITH_TOKEN, "zstd", ZSTD_WITH_TOKEN).entrySet()) {
            var reply =
                    upstream.post(proxy(), body.getKey(), Base64.getDecoder().decode(body.getValue()));
            assertThat(reply.statusCode()).as(body.getKey()).isEqualTo(403);
            assertThat(reply.headers().firstValue("X-Portcullis-Block"))
                    .as(body.getKey())
                    .contains("core_dlp");
        }
    }

    @Test
    @Order(8)
    void telemetrySentToTheCollectorIsSeenInItsMetricsAndAFloodInItsStatus() throws Exception {
        try (var router = new NetFlow5(new InetSocketAddress(agents.podAddress("flow"), 2055))) {
            router.send(VICTIM, 1);
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(Upstream.get(api() + "/metrics"))
                    .containsPattern("kapkan_ingest_flows_total\\{protocol=\"netflow5\"} 30(\\.0)?\n"));
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        router.send(VICTIM, 100_000);
                        return agents.is("AttackInProgress", "flowdetector", "edge");
                    });
        }
        assertThat(Upstream.get(api() + "/metrics"))
                .containsPattern("\nkapkan_engine_active_attacks 1(\\.0)?\n")
                .containsPattern("kapkan_mitigate_announced_routes\\{mode=\"dry_run\"} 1(\\.0)?\n");
    }

    @Test
    @Order(9)
    void theKillSwitchReachesThePodAndSaysSo() throws Exception {
        var proxy = proxy();
        assertThat(upstream.through(proxy, "/").statusCode()).isEqualTo(200);
        var stopped = new AtomicBoolean();
        var refusal = CompletableFuture.supplyAsync(() -> firstRefusal(proxy, stopped));
        try {
            var patched = System.nanoTime();
            agents.patch("killswitch", "stop-agents", """
                    {"spec": {"engaged": true, "reason": "end-to-end walk"}}
                    """);
            var answered = System.nanoTime();
            var refused = refusal.get(30, TimeUnit.SECONDS);
            System.out.printf(
                    "kill switch: first refusal %d ms after kubectl patch was started, %d ms after it had ended%n",
                    TimeUnit.NANOSECONDS.toMillis(refused - patched),
                    TimeUnit.NANOSECONDS.toMillis(refused - answered));
        } finally {
            stopped.set(true);
        }
        agents.kubectl("wait", "--for=condition=Enforced", "killswitch/stop-agents", "--timeout=30s");
        var reply = upstream.through(proxy, "/");
        assertThat(reply.statusCode()).isEqualTo(503);
        assertThat(reply.body()).contains("end-to-end walk");
        await().atMost(Duration.ofSeconds(10))
                .until(() -> agents.is("KillSwitchEngaged", "agentpolicy", "coding-agents"));
    }

    private long firstRefusal(InetSocketAddress proxy, AtomicBoolean stopped) {
        try {
            HttpResponse<String> reply;
            do {
                reply = upstream.through(proxy, "/");
            } while (reply.statusCode() != 503 && !stopped.get());
            return System.nanoTime();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    @Order(10)
    void releasedItLetsTrafficThroughAgain() {
        agents.patch("killswitch", "stop-agents", "{\"spec\": {\"engaged\": false}}");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> upstream.through(proxy(), "/").statusCode() == 200);
    }

    /** A panel whose metrics the pods expose shows data, in a real Prometheus that scraped them. */
    @Test
    @Order(11)
    void everyPanelShowsWhatThePodsExpose(@TempDir Path directory) throws Exception {
        var targets = new ArrayList<Prometheus.Target>();
        targets.add(target(agents, "firewall", "policy", "coding-agents"));
        targets.add(target(agents, "flow", "detector", "edge"));
        for (var pod : system.list("pods")) {
            targets.add(new Prometheus.Target(
                    pod.at("/status/podIP").asText() + ":8080",
                    Map.of(
                            "namespace",
                            system.name(),
                            "pod",
                            pod.at("/metadata/name").asText())));
        }
        try (var prometheus = new Prometheus(directory, targets)) {
            var exposed = prometheus.names();
            var shown = 0;
            for (var dashboard : List.of("firewall", "flow", "operator")) {
                for (var expression : Expressions.ofDashboard(Project.GRAFANA.resolve(dashboard + ".json"))) {
                    var named = METRIC.matcher(expression.promql())
                            .results()
                            .map(match -> match.group())
                            .toList();
                    if (exposed.containsAll(named) && !expression.promql().contains("> 0")) {
                        await(expression.where()).atMost(Duration.ofMinutes(1)).until(() -> !prometheus
                                .query(expression.filledIn())
                                .isEmpty());
                        shown++;
                    }
                }
            }
            System.out.println(shown + " panel expressions show data from the walk's pods");
            assertThat(shown).isGreaterThan(50);
        }
    }

    private static Prometheus.Target target(Namespace namespace, String component, String owner, String name) {
        var pod = namespace.pod(component);
        return new Prometheus.Target(
                pod.at("/status/podIP").asText() + ":9090",
                Map.of(
                        "namespace",
                        namespace.name(),
                        "pod",
                        pod.at("/metadata/name").asText(),
                        "node",
                        pod.at("/spec/nodeName").asText(),
                        owner,
                        name));
    }

    @Test
    @Order(12)
    void aBadEditIsRejectedByNameAndChangesNothing() throws Exception {
        agents.patch("agentpolicy", "coding-agents", """
                {"spec": {"dlp": {"patterns": [{"name": "broken", "regex": "a(b"}]}}}
                """);
        agents.kubectl("wait", "--for=condition=Accepted=false", "agentpolicy/coding-agents", "--timeout=30s");
        assertThat(agents.condition("agentpolicy", "coding-agents", "Accepted")
                        .path("message")
                        .asText())
                .contains("dlp.patterns[0].regex");
        assertThat(upstream.through(proxy(), "/").statusCode()).isEqualTo(200);
        assertThat(upstream.through(proxy(), "/?key=" + GITHUB_TOKEN).statusCode())
                .isEqualTo(403);

        agents.patch("agentpolicy", "coding-agents", "{\"spec\": {\"dlp\": {\"patterns\": null}}}");
        agents.kubectl("wait", "--for=condition=Accepted", "agentpolicy/coding-agents", "--timeout=30s");
        agents.kubectl("wait", "--for=condition=Ready", "agentpolicy/coding-agents", "--timeout=60s");
    }

    @Test
    @Order(13)
    void anotherReplicaTakesOverFromTheOneThatIsKilled() {
        var leader = holder();
        system.kubectl("delete", "pod", leader, "--grace-period=0", "--force");
        await().atMost(Duration.ofMinutes(1)).until(() -> !holder().isEmpty() && !holder().equals(leader));
        agents.patch("killswitch", "stop-agents", "{\"spec\": {\"reason\": \"after the take-over\"}}");
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            var killSwitch = agents.get("killswitch", "stop-agents");
            return killSwitch.at("/status/observedGeneration").asLong()
                    == killSwitch.at("/metadata/generation").asLong();
        });
    }

    private String holder() {
        return system.get("lease", "portcullis-operator")
                .at("/spec/holderIdentity")
                .asText();
    }

    @Test
    @Order(14)
    void uninstallingLeavesNothingBehind() {
        agents.kubectl("delete", "--wait", "-f", SAMPLES);
        await().atMost(Duration.ofMinutes(2)).until(() -> agents.list("pods").isEmpty());
        helm("uninstall", "portcullis", "--timeout", "2m");
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(addedSince(before)).isEmpty());
    }

    private Set<String> addedSince(Set<String> earlier) {
        var added = new TreeSet<>(everything());
        added.removeAll(earlier);
        return added;
    }

    /** Kind, namespace and name of every object that can be deleted, but for events. */
    private Set<String> everything() {
        var kinds = node.kubectl("api-resources", "--verbs=list,delete", "--output=name")
                .run()
                .orFail()
                .lines()
                .filter(kind -> !kind.startsWith("events"))
                .toList();
        var listed = node.kubectl(
                        "get",
                        String.join(",", kinds),
                        "--all-namespaces",
                        "--ignore-not-found",
                        "--output=jsonpath={range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}")
                .run()
                .orFail();
        return new TreeSet<>(listed.lines().toList());
    }

    private void helm(String command, String... arguments) {
        var all = new ArrayList<>(List.of(command, "--namespace", system.name(), "--wait"));
        all.addAll(List.of(arguments));
        node.helm(all.toArray(String[]::new))
                .within(Duration.ofMinutes(4))
                .run()
                .orFail();
    }

    private InetSocketAddress proxy() {
        return new InetSocketAddress(agents.podAddress("firewall"), 8888);
    }

    private String admin(String component) {
        return "http://" + agents.podAddress(component) + ":9090";
    }

    private String api() {
        return "http://" + agents.podAddress("flow") + ":8080";
    }
}
