package dev.portcullis.operator.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.FirewallConfig.EffectiveKillSwitch;
import dev.portcullis.crd.resolve.Resolution;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.KillSwitchSpec.Drain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A bad edit neither stops a firewall nor releases a kill switch. */
class EffectiveFirewallTest {
    private static final ResourceId POLICY = new ResourceId("AgentPolicy", "agents", "coding");
    private static final ResourceId STOP = new ResourceId("KillSwitch", "agents", "stop");
    private static final EffectiveKillSwitch ENGAGED =
            new EffectiveKillSwitch("agents", "stop", true, "drill", Drain.Immediate, "1");

    @Test
    void anAcceptedSpecIsWhatRuns() {
        var effective = effective("{\"mode\": \"Strict\"}", List.of(ENGAGED), Set.of(), null);

        assertThat(config(effective).spec().mode()).isEqualTo(Mode.Strict);
        assertThat(effective.engaged()).containsExactly("agents/stop");
        assertThat(effective.secrets()).isEmpty();
    }

    @Test
    void aSpecWithAProblemLeavesTheLastGoodOneAndItsSecretsInForce() {
        var running = config(effective("{\"mode\": \"Strict\"}", List.of(), Set.of(), null));

        var effective = effective("{\"mode\": \"Lenient\"}", List.of(), Set.of(), running);

        assertThat(effective.problems()).isNotEmpty();
        assertThat(effective.config()).isEqualTo(running);
        assertThat(effective.secrets()).isNull();
    }

    @Test
    void aSwitchEngagedWhileTheSpecHasAProblemStopsTheLastGoodOne() {
        var running = config(effective("{\"mode\": \"Strict\"}", List.of(), Set.of(), null));

        var effective = effective("{\"mode\": \"Lenient\"}", List.of(ENGAGED), Set.of(), running);

        assertThat(effective.engaged()).containsExactly("agents/stop");
        assertThat(config(effective).spec()).isEqualTo(running.spec());
        assertThat(config(effective).revision()).isNotEqualTo(running.revision());
    }

    @Test
    void aSwitchWithAProblemStaysAsItWas() {
        var running = config(effective("{}", List.of(ENGAGED), Set.of(), null));

        assertThat(effective("{}", List.of(), Set.of(STOP), running).config()).isEqualTo(running);
        assertThat(effective("{}", List.of(), Set.of(), running).engaged()).isEmpty();
    }

    @Test
    void whatWasNeverAcceptedRunsNothing() {
        assertThat(effective("{\"mode\": \"Lenient\"}", List.of(ENGAGED), Set.of(), null)
                        .config())
                .isNull();
    }

    @Test
    void anAlteredConfigMapIsNotTakenForALastGoodOne() throws ConfigException {
        var json = ConfigCodec.write(config(effective("{}", List.of(), Set.of(), null)));

        assertThat(EffectiveFirewall.running(json)).isNotNull();
        assertThat(EffectiveFirewall.running(json.replace("Balanced", "Audit"))).isNull();
        assertThat(EffectiveFirewall.running("{")).isNull();
        assertThat(EffectiveFirewall.running(null)).isNull();
    }

    private static FirewallConfig config(EffectiveFirewall effective) {
        return Objects.requireNonNull(effective.config());
    }

    private static EffectiveFirewall effective(
            String spec,
            List<EffectiveKillSwitch> switches,
            Set<ResourceId> rejected,
            @Nullable FirewallConfig running) {
        var resolution = resolve(spec);
        return EffectiveFirewall.of(POLICY, resolution, switches, rejected, running, resolution.problemsOf(POLICY));
    }

    private static Resolution resolve(String spec) {
        try {
            var resource = new Resource(POLICY, Map.of(), 1L, new ObjectMapper().readTree(spec));
            return Resolver.resolve(new ResourceSet(List.of(resource), Set.of(), "operator"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
