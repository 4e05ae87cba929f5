package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.KillSwitchSpec;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The schemas of the four kinds, read once from the CRD files that clusters get too. */
final class Kinds {
    static final String AGENT_POLICY = "AgentPolicy";
    static final String KILL_SWITCH = "KillSwitch";
    static final String FLOW_DETECTOR = "FlowDetector";
    static final String MITIGATION_POLICY = "MitigationPolicy";

    /** Schema of {@code spec} by kind. */
    static final Map<String, Schema> SPECS = Map.of(
            AGENT_POLICY, spec("agentpolicies"),
            KILL_SWITCH, spec("killswitches"),
            FLOW_DETECTOR, spec("flowdetectors"),
            MITIGATION_POLICY, spec("mitigationpolicies"));

    /** The record of {@code spec} by kind. */
    static final Map<String, Class<?>> RECORDS = Map.of(
            AGENT_POLICY, AgentPolicySpec.class,
            KILL_SWITCH, KillSwitchSpec.class,
            FLOW_DETECTOR, FlowDetectorSpec.class,
            MITIGATION_POLICY, MitigationPolicySpec.class);

    /** The rule on {@code metadata.name}, of the kinds that have one. */
    static final Map<String, Schema.Rule> NAMES = Map.of(
            AGENT_POLICY, nameRule("agentpolicies"),
            FLOW_DETECTOR, nameRule("flowdetectors"));

    /** Fields that {@code mode} sets where the user does not, by mode. */
    static final Map<String, JsonNode> PRESETS = presets();

    private Kinds() {}

    /** The four kinds, for messages. */
    static String names() {
        return String.join(", ", SPECS.keySet().stream().sorted().toList());
    }

    private static Schema spec(String plural) {
        return Schema.of(root(plural).at("/properties/spec"));
    }

    private static Schema.Rule nameRule(String plural) {
        return Schema.Rule.of(root(plural).at("/x-kubernetes-validations/0"));
    }

    private static JsonNode root(String plural) {
        return yaml("/dev/portcullis/crd/yaml/" + plural + ".portcullis.dev-v1.yml")
                .at("/spec/versions/0/schema/openAPIV3Schema");
    }

    private static Map<String, JsonNode> presets() {
        var presets = new TreeMap<String, JsonNode>();
        for (var mode : new String[] {"Strict", "Balanced", "Audit"}) {
            presets.put(mode, yaml("/dev/portcullis/crd/resolve/presets/" + mode.toLowerCase(Locale.ROOT) + ".yaml"));
        }
        return presets;
    }

    private static JsonNode yaml(String resource) {
        try (var in = Kinds.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from the jar");
            }
            return new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " in the jar cannot be read", e);
        }
    }
}
