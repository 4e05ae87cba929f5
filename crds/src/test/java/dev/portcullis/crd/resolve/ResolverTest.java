package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
}
