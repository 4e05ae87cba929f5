package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.codec.JsonPath;
import dev.portcullis.crd.codec.SpecMapper;
import dev.portcullis.crd.resolve.FirewallConfig.EffectiveKillSwitch;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.KillSwitchSpec;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns resources into the configurations that pods run, or says what is wrong with them.
 *
 * <p>Each resource goes through the same steps, all driven by the CRD's own schema: fields and types, syntax of values,
 * defaults as the API server fills them, rules across fields, references to Secrets and other resources, ports. What the
 * API server would refuse is a problem here too, and the other way round except for what one resource alone cannot show.
 *
 * <p>An unset field takes, in this order, the preset of {@code spec.mode} (AgentPolicy), then its default. A group that is
 * absent and requires nothing means all its defaults; an absent group that requires a field stays absent.
 *
 * <p>A resource with a problem is left out of everything but {@link Resolution#problems()}, a KillSwitch too: whoever applies
 * a resolution keeps what it had for a resource that has problems now. A resource does not suffer from another's problems,
 * unless it refers to it.
 */
public final class Resolver {
    private Resolver() {}

    /**
     * Resolves everything in {@code resources}. Pure and thread-safe. Never throws for anything a user wrote; the result
     * depends on the content of the set and not on its order.
     */
    public static Resolution resolve(ResourceSet resources) {
        return new Run(resources).resolve();
    }

    /** One resource on its way. */
    private static final class Draft {
        final Resource resource;
        final Problems problems;
        final ObjectNode spec;
        Map<String, SecretKey> secrets = Map.of();

        @Nullable
        Object typed;

        Draft(Resource resource) {
            this.resource = resource;
            this.problems = new Problems(resource.id());
            this.spec = resource.spec() instanceof ObjectNode object
                    ? object.deepCopy()
                    : SpecMapper.mapper().createObjectNode();
        }

        ResourceId id() {
            return resource.id();
        }

        boolean accepted() {
            return problems.none();
        }

        <T> T typed(Class<T> type) {
            return java.util.Objects.requireNonNull(type.cast(typed));
        }
    }

    private static final class Run {
        private final ResourceSet set;
        private final List<Draft> drafts;
        private final Map<ResourceId, Draft> byId = new TreeMap<>();
        private final Map<ResourceId, FirewallConfig> firewalls = new HashMap<>();
        private final Map<ResourceId, FlowConfig> flows = new HashMap<>();
        private final Map<ResourceId, Set<SecretKey>> secretRefs = new HashMap<>();

        Run(ResourceSet set) {
            this.set = set;
            for (var resource : set.resources()) {
                var first = byId.putIfAbsent(resource.id(), new Draft(resource));
                if (first != null && first.problems.none()) {
                    first.problems.add(
                            "metadata.name", ProblemReason.InvalidCombination, "is there twice: remove or rename one");
                }
            }
            this.drafts = List.copyOf(byId.values());
        }

        Resolution resolve() {
            var ports = new PortClaims();
            for (var draft : drafts) {
                alone(draft);
                ports.claim(draft.resource, draft.spec, draft.problems);
            }
            of(Kinds.FLOW_DETECTOR).forEach(this::references);
            drafts.forEach(this::convert);
            of(Kinds.AGENT_POLICY).forEach(this::firewall);
            of(Kinds.FLOW_DETECTOR).forEach(this::flow);
            return result();
        }

        private List<Draft> of(String kind) {
            return drafts.stream()
                    .filter(draft -> draft.id().kind().equals(kind))
                    .toList();
        }

        /** Everything that one resource shows by itself. */
        private void alone(Draft draft) {
            var kind = draft.id().kind();
            var problems = draft.problems;
            var schema = Kinds.SPECS.get(kind);
            if (schema == null) {
                var nearest = Nearest.to(kind, Kinds.SPECS.keySet());
                problems.add(
                        "kind",
                        ProblemReason.InvalidValue,
                        "'" + SchemaCheck.shortened(kind) + "' is not a kind of portcullis.dev; "
                                + (nearest != null ? "did you mean " + nearest + "?" : "write " + Kinds.names()));
                return;
            }
            var written = draft.resource.spec();
            if (written.isMissingNode() || written.isNull()) {
                problems.add("spec", ProblemReason.MissingField, "is required: write spec: " + Example.of(schema));
                return;
            }
            FieldFormats.check(kind, written, problems);
            new SchemaCheck(problems).check(written, schema, "spec");
            if (problems.none()) {
                Defaults.fillFields(draft.spec, schema);
            }
            if (problems.none()) {
                fill(draft, schema);
            }
            selectors(draft);
            if (kind.equals(Kinds.FLOW_DETECTOR)) {
                FlowNetworks.check(draft.spec, problems);
            }
            killSwitchScope(draft);
            draft.secrets = SecretRefs.in(draft.spec, schema, draft.id().namespace());
            if (problems.none()) {
                SecretRefs.check(draft.secrets, set.secretKeys(), problems);
            }
        }

        private static void fill(Draft draft, Schema schema) {
            var preset = Kinds.PRESETS.get(draft.spec.path("mode").asText());
            if (preset != null && draft.id().kind().equals(Kinds.AGENT_POLICY)) {
                Defaults.fillPreset(draft.spec, preset);
            }
            Defaults.fillGroups(draft.spec, schema);
        }

        private static void selectors(Draft draft) {
            if (!draft.problems.none()) {
                return;
            }
            if (draft.id().kind().equals(Kinds.AGENT_POLICY)) {
                Selector.check(draft.spec.at("/agentPods/selector"), "spec.agentPods.selector", draft.problems);
            } else if (draft.id().kind().equals(Kinds.KILL_SWITCH)) {
                Selector.check(draft.spec.path("policySelector"), "spec.policySelector", draft.problems);
            }
        }

        private void killSwitchScope(Draft draft) {
            if (draft.id().kind().equals(Kinds.KILL_SWITCH)
                    && draft.spec.path("scope").asText().equals("Cluster")
                    && !draft.id().namespace().equals(set.operatorNamespace())) {
                draft.problems.add(
                        "spec.scope",
                        ProblemReason.InvalidCombination,
                        "Cluster is honoured only in the operator's namespace, " + set.operatorNamespace()
                                + ": move this resource there or write scope: Namespace");
            }
        }

        /** The MitigationPolicies that a FlowDetector names. */
        private void references(Draft detector) {
            policyRefs(detector).forEach((path, name) -> {
                var policy = byId.get(policyId(detector, name));
                if (policy == null) {
                    var known = byId.keySet().stream()
                            .filter(id -> id.kind().equals(Kinds.MITIGATION_POLICY)
                                    && id.namespace().equals(detector.id().namespace()))
                            .map(ResourceId::name)
                            .toList();
                    var nearest = Nearest.to(name, known);
                    detector.problems.add(
                            path,
                            ProblemReason.ReferenceNotFound,
                            "there is no MitigationPolicy '" + SchemaCheck.shortened(name) + "' in namespace "
                                    + detector.id().namespace()
                                    + (nearest == null
                                            ? ": create it or remove the reference"
                                            : "; did you mean '" + nearest + "'?"));
                } else if (!policy.accepted()) {
                    var first = policy.problems.list().getFirst();
                    detector.problems.add(
                            path,
                            ProblemReason.ReferenceNotFound,
                            "MitigationPolicy '" + name + "' is not accepted: " + first.path() + ": "
                                    + first.message());
                }
            });
        }

        private static ResourceId policyId(Draft detector, String name) {
            return new ResourceId(Kinds.MITIGATION_POLICY, detector.id().namespace(), name);
        }

        private static Map<String, String> policyRefs(Draft detector) {
            var refs = new TreeMap<String, String>();
            ref(detector.spec, "spec", refs);
            var groups = detector.spec.path("hostGroups");
            for (var i = 0; i < groups.size(); i++) {
                ref(groups.get(i), JsonPath.item("spec.hostGroups", i), refs);
            }
            return refs;
        }

        private static void ref(JsonNode holder, String path, Map<String, String> refs) {
            var name = holder.path("mitigationPolicyRef").path("name");
            if (name.isTextual()) {
                refs.put(path + ".mitigationPolicyRef.name", name.textValue());
            }
        }

        private void convert(Draft draft) {
            var type =
                    switch (draft.id().kind()) {
                        case Kinds.AGENT_POLICY -> AgentPolicySpec.class;
                        case Kinds.KILL_SWITCH -> KillSwitchSpec.class;
                        case Kinds.FLOW_DETECTOR -> FlowDetectorSpec.class;
                        default -> MitigationPolicySpec.class;
                    };
            if (!draft.accepted()) {
                return;
            }
            try {
                draft.typed = SpecMapper.mapper().treeToValue(draft.spec, type);
            } catch (JsonMappingException e) {
                var path = JsonPath.of(e);
                draft.problems.add(
                        path.isEmpty() ? "spec" : "spec." + path,
                        ProblemReason.InvalidValue,
                        "the value cannot be read: " + SchemaCheck.shortened(e.getOriginalMessage()));
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                draft.problems.add("spec", ProblemReason.InvalidValue, "the spec cannot be read");
            }
        }

        private void firewall(Draft policy) {
            if (!policy.accepted()) {
                return;
            }
            var config = ConfigCodec.stamped(new FirewallConfig(
                    FirewallConfig.SCHEMA_VERSION,
                    policy.id().namespace(),
                    policy.id().name(),
                    policy.typed(AgentPolicySpec.class),
                    killSwitches(policy),
                    ""));
            try {
                var unused = ConfigCodec.write(config);
                firewalls.put(policy.id(), config);
                secretRefs.put(policy.id(), new HashSet<>(policy.secrets.values()));
            } catch (ConfigException e) {
                policy.problems.add("spec", ProblemReason.TooLarge, e.getMessage());
            }
        }

        private List<EffectiveKillSwitch> killSwitches(Draft policy) {
            return of(Kinds.KILL_SWITCH).stream()
                    .filter(Draft::accepted)
                    .filter(killSwitch ->
                            killSwitch.id().namespace().equals(policy.id().namespace())
                                    || killSwitch.typed(KillSwitchSpec.class).scope() == KillSwitchSpec.Scope.Cluster)
                    .filter(killSwitch ->
                            Selector.matches(killSwitch.spec.path("policySelector"), policy.resource.labels()))
                    .map(killSwitch -> {
                        var spec = killSwitch.typed(KillSwitchSpec.class);
                        return new EffectiveKillSwitch(
                                killSwitch.id().namespace(),
                                killSwitch.id().name(),
                                spec.engaged(),
                                spec.reason(),
                                spec.drain(),
                                ConfigCodec.revision(killSwitch.spec));
                    })
                    .toList();
        }

        private void flow(Draft detector) {
            if (!detector.accepted()) {
                return;
            }
            var policies = new TreeMap<String, MitigationPolicySpec>();
            var secrets = new HashSet<>(detector.secrets.values());
            for (var name : new TreeSet<>(policyRefs(detector).values())) {
                var policy = java.util.Objects.requireNonNull(byId.get(policyId(detector, name)));
                policies.put(name, policy.typed(MitigationPolicySpec.class));
                secrets.addAll(policy.secrets.values());
            }
            var config = ConfigCodec.stamped(new FlowConfig(
                    FlowConfig.SCHEMA_VERSION,
                    detector.id().namespace(),
                    detector.id().name(),
                    detector.typed(FlowDetectorSpec.class),
                    policies,
                    ""));
            try {
                var unused = ConfigCodec.write(config);
                flows.put(detector.id(), config);
                secretRefs.put(detector.id(), secrets);
            } catch (ConfigException e) {
                detector.problems.add("spec", ProblemReason.TooLarge, e.getMessage());
            }
        }

        private Resolution result() {
            var accepted = new HashSet<ResourceId>();
            var problems = new ArrayList<Problem>();
            for (var draft : drafts) {
                if (draft.accepted()) {
                    accepted.add(draft.id());
                }
                problems.addAll(draft.problems.list());
            }
            return new Resolution(firewalls, flows, accepted, secretRefs, problems);
        }
    }
}
