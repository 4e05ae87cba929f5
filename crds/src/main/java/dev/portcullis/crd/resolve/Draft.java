package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.codec.JsonPath;
import dev.portcullis.crd.codec.SpecMapper;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One resource on its way to a configuration: what it shows by itself. */
final class Draft {
    private final Resource resource;
    private final Problems problems;
    private final ObjectNode spec;
    private Map<String, SecretKey> secrets = Map.of();
    private String upstreamTrust = "";
    private @Nullable Object typed;

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

    Resource resource() {
        return resource;
    }

    Problems problems() {
        return problems;
    }

    /** The spec as written, and after {@link #check} with everything filled in that was left out. */
    ObjectNode spec() {
        return spec;
    }

    boolean accepted() {
        return problems.none();
    }

    /** The Secret keys that the spec refers to. */
    Set<SecretKey> secrets() {
        return Set.copyOf(secrets.values());
    }

    /** The certificates that origins may be certified by beside the public ones, as PEM. */
    String upstreamTrust() {
        return upstreamTrust;
    }

    /** The spec as a record, after a {@link #convert} without problems. */
    <T> T typed(Class<T> type) {
        return Objects.requireNonNull(type.cast(typed));
    }

    /** Checks and fills the spec, in the order that {@link Resolver} describes. */
    void check(ResourceSet set) {
        var schema = Kinds.spec(id().kind());
        if (schema == null) {
            var nearest = Nearest.to(id().kind(), Kinds.all());
            problems.add(
                    "kind",
                    ProblemReason.InvalidValue,
                    "'" + SchemaCheck.shortened(id().kind()) + "' is not a kind of portcullis.dev; "
                            + (nearest != null ? "did you mean " + nearest + "?" : "write one of " + Kinds.names()));
            return;
        }
        var written = resource.spec();
        if (written.isMissingNode() || written.isNull()) {
            problems.add("spec", ProblemReason.MissingField, "is required: write spec: " + Example.of(schema));
            return;
        }
        name();
        FieldFormats.check(id().kind(), written, problems);
        new SchemaCheck(problems).check(written, schema, "spec");
        if (id().kind().equals(Kinds.FLOW_DETECTOR)) {
            FlowNetworks.check(spec, problems);
        }
        Defaults.fillFields(spec, schema);
        CelRules.check(spec, schema, "spec", problems);
        fill(schema);
        if (problems.none()) {
            selectors();
            killSwitchScope(set.operatorNamespace());
            secrets = SecretRefs.in(spec, schema, id().namespace());
            SecretRefs.check(secrets, set.secretKeys(), problems);
            upstreamTrust = UpstreamTrustRef.read(spec, id().namespace(), set.configMaps(), problems);
        }
    }

    /** The rule on metadata.name, which stands above spec in the CRD. */
    private void name() {
        var rule = Kinds.name(id().kind());
        if (rule != null && !CelRules.holds(rule, Map.of("metadata", Map.of("name", id().name())))) {
            problems.add("metadata.name", ProblemReason.InvalidValue, rule.message());
        }
    }

    private void fill(Schema schema) {
        var preset = Kinds.preset(spec.path("mode").asText());
        if (preset != null && id().kind().equals(Kinds.AGENT_POLICY)) {
            Defaults.fillPreset(spec, preset);
        }
        Defaults.fillGroups(spec, schema);
    }

    private void selectors() {
        if (id().kind().equals(Kinds.AGENT_POLICY)) {
            Selector.check(spec.at("/agentPods/selector"), "spec.agentPods.selector", problems);
        } else if (id().kind().equals(Kinds.KILL_SWITCH)) {
            Selector.check(spec.path("policySelector"), "spec.policySelector", problems);
        }
    }

    private void killSwitchScope(String operatorNamespace) {
        if (id().kind().equals(Kinds.KILL_SWITCH)
                && spec.path("scope").asText().equals("Cluster")
                && !id().namespace().equals(operatorNamespace)) {
            problems.add(
                    "spec.scope",
                    ProblemReason.InvalidCombination,
                    "Cluster is honoured only in the operator's namespace, " + operatorNamespace
                            + ": move this resource there or write scope: Namespace");
        }
    }

    /** Makes the record. */
    void convert() {
        if (!accepted()) {
            return;
        }
        try {
            typed = SpecMapper.mapper().treeToValue(spec, Kinds.RECORDS.get(id().kind()));
        } catch (JsonMappingException e) {
            var path = JsonPath.of(e);
            problems.add(
                    path.isEmpty() ? "spec" : "spec." + path,
                    ProblemReason.InvalidValue,
                    "the value cannot be read: " + SchemaCheck.shortened(e.getOriginalMessage()));
        } catch (JsonProcessingException e) {
            problems.add("spec", ProblemReason.InvalidValue, "the spec cannot be read");
        }
    }
}
