package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResolverTest {
    private static Resource resource(String kind, String name, String spec) {
        try {
            return new Resource(new ResourceId(kind, "default", name), Map.of(), null, new YAMLMapper().readTree(spec));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static Resolution resolve(Resource... resources) {
        return Resolver.resolve(new ResourceSet(List.of(resources), Set.of(), "default"));
    }

    @Test
    void anEmptyPolicyIsAllDefaults() throws Exception {
        var policy = resource("AgentPolicy", "a", "{}");

        var resolution = resolve(policy, resource("KillSwitch", "k", "{engaged: true}"));

        assertThat(resolution.problems()).isEmpty();
        var config = resolution.firewalls().get(policy.id());
        assertThat(config.spec().port()).isEqualTo(8888);
        assertThat(config.spec().limits().urlLength()).isEqualTo(2048);
        assertThat(config.spec().dlp().action()).isEqualTo(Action.Block);
        assertThat(config.spec().killSwitch().api()).isNull();
        assertThat(config.killSwitches()).singleElement().matches(FirewallConfig.EffectiveKillSwitch::engaged);
        assertThat(ConfigCodec.readFirewall(ConfigCodec.write(config).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(config);
    }

    @Test
    void theModeFillsWhatTheUserLeftOut() {
        var policy = resource("AgentPolicy", "a", "{mode: Strict, limits: {urlLength: 4096}}");

        var spec = resolve(policy).firewalls().get(policy.id()).spec();

        assertThat(spec.limits().urlLength()).isEqualTo(4096);
        assertThat(spec.limits().requestsPerMinutePerHost()).isEqualTo(30);
    }

    @Test
    void aDetectorCarriesTheMitigationPolicyItRefersTo() throws Exception {
        var detector = resource(
                "FlowDetector",
                "d",
                "{networks: [203.0.113.0/24], thresholds: {packetsPerSecond: 80k}, mitigationPolicyRef: {name: m}, api: {allowUnauthenticated: true}}");

        var resolution = resolve(detector, resource("MitigationPolicy", "m", "{}"));

        assertThat(resolution.problems()).isEmpty();
        var config = resolution.flows().get(detector.id());
        assertThat(config.mitigationPolicies()).containsOnlyKeys("m");
        assertThat(config.mitigationPolicies().get("m").dryRun()).isTrue();
        assertThat(ConfigCodec.readFlow(ConfigCodec.write(config).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(config);
    }

    @Test
    void aMisspeltFieldIsNamedWithTheRightOne() {
        assertThat(resolve(resource("AgentPolicy", "a", "{domains: {blok: []}}"))
                        .problems())
                .singleElement()
                .hasToString("AgentPolicy/a: spec.domains.blok: unknown field 'blok'; did you mean 'block'?");
    }

    @Test
    void aConfigurationLargerThanAConfigMapIsRefused() {
        var domains = IntStream.range(0, 10_000)
                .mapToObj(i -> "\"" + "a".repeat(60) + "." + "b".repeat(60) + "." + i + ".example\"")
                .collect(Collectors.joining(",", "[", "]"));

        assertThat(resolve(
                                resource("AgentPolicy", "a", "{domains: {allow: " + domains + "}}"),
                                resource("AgentPolicy", "b", "{port: 8889}"))
                        .problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.reason()).isEqualTo(ProblemReason.TooLarge);
                    assertThat(problem.path()).isEqualTo("spec");
                    assertThat(problem.message()).contains("a ConfigMap holds 1048576: shorten its longest lists");
                });
    }

    @Test
    void presetsSetTheSameFieldsInEveryModeAndOnlyThoseWithoutADefault() {
        var strict = leaves(Kinds.preset("Strict"), "");
        assertThat(leaves(Kinds.preset("Balanced"), "")).isEqualTo(strict);
        assertThat(leaves(Kinds.preset("Audit"), "")).isEqualTo(strict);
        assertThat(strict).isNotEmpty().allSatisfy(path -> {
            var schema = Kinds.spec("AgentPolicy");
            for (var name : path.substring(1).split("/")) {
                schema = schema.properties().get(name);
                assertThat(schema).as(path).isNotNull();
            }
            assertThat(schema.defaultValue()).as(path).isNull();
            assertThat(Kinds.MODES.stream()
                            .map(mode -> Kinds.preset(mode).at(path))
                            .distinct())
                    .as(path + " depends on the mode")
                    .hasSizeGreaterThan(1);
        });
    }

    @Test
    void everyPresetIsAValidSpec() {
        Kinds.MODES.forEach(mode -> assertThat(
                        resolve(resource("AgentPolicy", "a", Kinds.preset(mode).toString()))
                                .problems())
                .as(mode)
                .isEmpty());
    }

    @Test
    void everyDefaultIsAValidValue() {
        Kinds.all().forEach(kind -> defaults(Kinds.spec(kind), kind));
    }

    private static void defaults(Schema schema, String path) {
        if (schema.defaultValue() != null) {
            var problems = new Problems(new ResourceId("Any", "default", "any"));
            new SchemaCheck(problems).check(schema.defaultValue(), schema, path);
            CelRules.check(schema.defaultValue(), schema, path, problems);
            assertThat(problems.list()).isEmpty();
        }
        schema.properties().forEach((name, field) -> defaults(field, path + "." + name));
    }

    private static Set<String> leaves(JsonNode node, String path) {
        if (!node.isObject()) {
            return Set.of(path);
        }
        var all = new TreeSet<String>();
        node.properties().forEach(field -> all.addAll(leaves(field.getValue(), path + "/" + field.getKey())));
        return all;
    }

    @Test
    void ofTwoPoliciesOnOnePortTheFirstByNameRunsInEveryPlace() {
        var local = resolve(resource("AgentPolicy", "b", "{}"), resource("AgentPolicy", "a", "{}"));
        assertThat(local.firewalls().keySet()).extracting(ResourceId::name).containsExactly("a");

        var inCluster = Resolver.resolve(new ResourceSet(
                List.of(
                        cluster("AgentPolicy", "one", "a", "{}"),
                        cluster("AgentPolicy", "one", "b", "{}"),
                        cluster("AgentPolicy", "two", "c", "{}")),
                Set.of(),
                "default"));
        assertThat(inCluster.firewalls().keySet())
                .extracting(ResourceId::toString)
                .containsExactlyInAnyOrder("AgentPolicy/one/a", "AgentPolicy/two/c");
    }

    @Test
    void detectorsInAClusterDisputePortsOnlyOnTheHost() {
        var spec = "networks: [203.0.113.0/24]\nthresholds: {packetsPerSecond: 1}\napi: {allowUnauthenticated: true}\n";
        var behindServices = Resolver.resolve(new ResourceSet(
                List.of(cluster("FlowDetector", "one", "a", spec), cluster("FlowDetector", "two", "b", spec)),
                Set.of(),
                "default"));
        assertThat(behindServices.problems()).isEmpty();

        var onHosts = spec + "listeners: {expose: HostPort}\n";
        var resolution = Resolver.resolve(new ResourceSet(
                List.of(cluster("FlowDetector", "one", "a", onHosts), cluster("FlowDetector", "two", "b", onHosts)),
                Set.of(),
                "default"));
        assertThat(resolution.problems())
                .extracting(Problem::path)
                .containsExactly("spec.listeners.netflow.port", "spec.listeners.sflow.port");
        assertThat(resolution.problems().getFirst().message())
                .isEqualTo(
                        "UDP port 2055 of every node is taken by FlowDetector/one/a (spec.listeners.netflow.port), which keeps it: give FlowDetector/two/b another port");
    }

    private static Resource cluster(String kind, String namespace, String name, String spec) {
        var local = resource(kind, name, spec);
        return new Resource(new ResourceId(kind, namespace, name), Map.of(), 1L, local.spec());
    }
}
