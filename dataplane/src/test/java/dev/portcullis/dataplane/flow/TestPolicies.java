package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.ListenersSpec;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Policies as users write them, resolved as users' are, with ports of the system's choice. */
public final class TestPolicies {
    /** The detector of the quick start, with a short hysteresis. */
    public static final String SAMPLE = """
            networks: ["198.51.100.0/24", "2001:db8:100::/48"]
            thresholds:
              packetsPerSecond: 80k
              bitsPerSecond: 1G
              flowsPerSecond: 35k
              tcpSyn: {packetsPerSecond: 20k}
            hysteresis: 1s
            api: {allowUnauthenticated: true}
            """;

    private TestPolicies() {}

    /** The policy of a FlowDetector whose spec is {@code yaml}. */
    public static FlowPolicy policy(String yaml) {
        return FlowPolicy.compile(config(yaml));
    }

    /** {@link #SAMPLE} with the fields of {@code yaml} in place of its own. */
    public static FlowPolicy sampleWith(String yaml) {
        var spec = (ObjectNode) read(SAMPLE);
        spec.setAll((ObjectNode) read(yaml));
        return policy(spec.toString());
    }

    /** The resolved configuration of a FlowDetector whose spec is {@code yaml}. */
    public static FlowConfig config(String yaml) {
        var id = new ResourceId("FlowDetector", "default", "test");
        var resolution = Resolver.resolve(
                new ResourceSet(List.of(new Resource(id, Map.of(), null, read(yaml))), Set.of(), "default"));
        assertThat(resolution.problems()).isEmpty();
        return onAnyPort(Objects.requireNonNull(resolution.flows().get(id)));
    }

    /** The same on ports of the system's choice. */
    public static FlowConfig onAnyPort(FlowConfig config) {
        return new FlowConfig(
                config.schemaVersion(),
                config.namespace(),
                config.name(),
                anyPort(config.spec()),
                config.mitigationPolicies(),
                config.revision());
    }

    private static FlowDetectorSpec anyPort(FlowDetectorSpec spec) {
        return new FlowDetectorSpec(
                new ListenersSpec(
                        new ListenersSpec.NetFlow(0),
                        new ListenersSpec.IpfixTcp(
                                0,
                                spec.listeners().ipfixTcp().enabled(),
                                spec.listeners().ipfixTcp().tlsSecretRef(),
                                spec.listeners().ipfixTcp().clientCaSecretRef()),
                        new ListenersSpec.SFlow(0),
                        spec.listeners().expose()),
                spec.exporters(),
                spec.sampling(),
                spec.networks(),
                spec.window(),
                spec.thresholds(),
                spec.thresholdsOutgoing(),
                spec.hysteresis(),
                spec.hostGroups(),
                spec.carpetBombing(),
                spec.baseline(),
                spec.samples(),
                spec.maxTrackedHosts(),
                spec.mitigationPolicyRef(),
                new FlowDetectorSpec.Api(0, spec.api().tokens(), spec.api().allowUnauthenticated()),
                spec.monitoring(),
                spec.template());
    }

    private static JsonNode read(String yaml) {
        try {
            return new YAMLMapper().readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
