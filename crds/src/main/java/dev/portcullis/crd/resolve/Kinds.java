package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.codec.PackagedYaml;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.KillSwitchSpec;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of the four kinds, each read from the CRD file that clusters get too, once, when it is first asked for: most
 * processes need one or two of them, and reading all takes a tenth of a second.
 */
final class Kinds {
    static final String AGENT_POLICY = "AgentPolicy";
    static final String KILL_SWITCH = "KillSwitch";
    static final String FLOW_DETECTOR = "FlowDetector";
    static final String MITIGATION_POLICY = "MitigationPolicy";

    private static final Map<String, String> PLURALS = Map.of(
            AGENT_POLICY, "agentpolicies",
            KILL_SWITCH, "killswitches",
            FLOW_DETECTOR, "flowdetectors",
            MITIGATION_POLICY, "mitigationpolicies");

    /** The modes of a policy that have presets. */
    static final Set<String> MODES = Set.of("Strict", "Balanced", "Audit");

    /** The record of {@code spec} by kind. */
    static final Map<String, Class<?>> RECORDS = Map.of(
            AGENT_POLICY, AgentPolicySpec.class,
            KILL_SWITCH, KillSwitchSpec.class,
            FLOW_DETECTOR, FlowDetectorSpec.class,
            MITIGATION_POLICY, MitigationPolicySpec.class);

    private static final Map<String, Kind> READ = new ConcurrentHashMap<>();
    private static final Map<String, JsonNode> PRESETS = new ConcurrentHashMap<>();

    /**
     * One kind.
     *
     * @param spec schema of {@code spec}
     * @param name the rule on {@code metadata.name}, null for kinds without one
     */
    private record Kind(Schema spec, Schema.@Nullable Rule name) {}

    private Kinds() {}

    /** The four kinds. */
    static Set<String> all() {
        return PLURALS.keySet();
    }

    /** The four kinds, for messages. */
    static String names() {
        return String.join(", ", all().stream().sorted().toList());
    }

    /** Schema of {@code spec} of {@code kind}, null where there is no such kind. */
    static @Nullable Schema spec(String kind) {
        var known = kind(kind);
        return known == null ? null : known.spec();
    }

    /** The rule on {@code metadata.name}, null where {@code kind} has none. */
    static Schema.@Nullable Rule name(String kind) {
        var known = kind(kind);
        return known == null ? null : known.name();
    }

    /** Fields that {@code mode} sets where the user does not, null where there is no such mode. */
    static @Nullable JsonNode preset(String mode) {
        return MODES.contains(mode)
                ? PRESETS.computeIfAbsent(
                        mode,
                        known ->
                                yaml("/dev/portcullis/crd/resolve/presets/" + known.toLowerCase(Locale.ROOT) + ".yaml"))
                : null;
    }

    private static @Nullable Kind kind(String kind) {
        var plural = PLURALS.get(kind);
        return plural == null ? null : READ.computeIfAbsent(kind, known -> read(plural));
    }

    private static Kind read(String plural) {
        var root = yaml("/dev/portcullis/crd/yaml/" + plural + ".portcullis.dev-v1.yml")
                .at("/spec/versions/0/schema/openAPIV3Schema");
        var name = root.at("/x-kubernetes-validations/0");
        return new Kind(Schema.of(root.at("/properties/spec")), name.isMissingNode() ? null : Schema.Rule.of(name));
    }

    private static JsonNode yaml(String resource) {
        try {
            var tree = PackagedYaml.read(Kinds.class, resource);
            if (tree == null) {
                throw new IllegalStateException(resource + " is missing from the jar");
            }
            return tree;
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " in the jar cannot be read", e);
        }
    }
}
