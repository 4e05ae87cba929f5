package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.codec.JsonPath;
import java.util.Map;
import java.util.TreeMap;

/** The MitigationPolicies that a FlowDetector and its host groups refer to. */
final class MitigationRefs {
    private MitigationRefs() {}

    /** Names by the path of the reference. */
    static Map<String, String> of(Draft detector) {
        var refs = new TreeMap<String, String>();
        add(detector.spec(), "spec", refs);
        var groups = detector.spec().path("hostGroups");
        for (var i = 0; i < groups.size(); i++) {
            add(groups.path(i), JsonPath.item("spec.hostGroups", i), refs);
        }
        return refs;
    }

    private static void add(JsonNode holder, String path, Map<String, String> refs) {
        var name = holder.path("mitigationPolicyRef").path("name");
        if (name.isTextual()) {
            refs.put(path + ".mitigationPolicyRef.name", name.textValue());
        }
    }

    static ResourceId policy(Draft detector, String name) {
        return new ResourceId(Kinds.MITIGATION_POLICY, detector.id().namespace(), name);
    }

    /** Reports references to policies that do not exist or are not accepted. */
    static void check(Draft detector, Map<ResourceId, Draft> all) {
        of(detector).forEach((path, name) -> {
            var policy = all.get(policy(detector, name));
            if (policy == null) {
                detector.problems().add(path, ProblemReason.ReferenceNotFound, missing(detector, name, all));
            } else if (!policy.accepted()) {
                var first = policy.problems().list().getFirst();
                detector.problems()
                        .add(
                                path,
                                ProblemReason.ReferenceNotFound,
                                "MitigationPolicy '" + name + "' is not accepted: " + first.path() + ": "
                                        + first.message());
            }
        });
    }

    private static String missing(Draft detector, String name, Map<ResourceId, Draft> all) {
        var namespace = detector.id().namespace();
        var nearest = Nearest.to(
                name,
                all.keySet().stream()
                        .filter(id -> id.kind().equals(Kinds.MITIGATION_POLICY)
                                && id.namespace().equals(namespace))
                        .map(ResourceId::name)
                        .toList());
        return "there is no MitigationPolicy '" + SchemaCheck.shortened(name) + "' in namespace " + namespace
                + (nearest == null ? ": create it or remove the reference" : "; did you mean '" + nearest + "'?");
    }
}
