package dev.portcullis.dataplane.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.dataplane.flow.mitigate.MitigationRules;
import dev.portcullis.dataplane.flow.mitigate.Protection;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Configurations for tests, made by the Resolver from YAML as users write it. */
public final class FlowConfigs {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Map<String, Protection> KNOWN = new ConcurrentHashMap<>();

    /** Keys of the Secret {@code api} that configurations may refer to. */
    private static final Set<ResourceSet.SecretKey> SECRETS = Set.of(
            new ResourceSet.SecretKey("default", "api", "viewer"),
            new ResourceSet.SecretKey("default", "api", "operator"),
            new ResourceSet.SecretKey("default", "api", "twin"),
            new ResourceSet.SecretKey("default", "api", "short"));

    private FlowConfigs() {}

    /** The configuration of detector {@code edge} with {@code policies} by name. */
    public static FlowConfig of(String detector, Map<String, String> policies) {
        var resources = new ArrayList<Resource>();
        resources.add(resource("FlowDetector", "edge", detector));
        policies.forEach((name, spec) -> resources.add(resource("MitigationPolicy", name, withRouter(spec))));
        var resolution = Resolver.resolve(new ResourceSet(resources, SECRETS, "default"));
        if (!resolution.problems().isEmpty()) {
            throw new AssertionError(resolution.problems());
        }
        return resolution.flows().values().iterator().next();
    }

    /** What mitigation goes by, under detector networks 203.0.113.0/24 and 2001:db8::/64 and the one policy {@code edge}. */
    public static Protection protection(String policy) {
        return protection(
                "{networks: [203.0.113.0/24, '2001:db8::/64'], thresholds: {packetsPerSecond: 80k},"
                        + " mitigationPolicyRef: {name: edge}, api: {allowUnauthenticated: true}}",
                Map.of("edge", policy));
    }

    /** What mitigation goes by. */
    public static Protection protection(String detector, Map<String, String> policies) {
        // Resolving reads the schemas each time: too slow for tests that go through many configurations.
        return KNOWN.computeIfAbsent(detector + policies, unseen -> Protection.compile(of(detector, policies)));
    }

    /** The rules of policy {@code edge}. */
    public static MitigationRules rules(Protection protection) {
        return Objects.requireNonNull(protection.policies().get("edge"));
    }

    /** A policy that announces must name a router; most tests do not care which. */
    private static String withRouter(String policy) {
        return policy.contains("dryRun: false") && !policy.contains("bgp:")
                ? policy.substring(0, policy.lastIndexOf('}'))
                        + ", bgp: {localAsn: 65001, routerId: 192.0.2.10, neighbors: [{name: edge-1, address: 192.0.2.254, remoteAsn: 65000}]}}"
                : policy;
    }

    private static Resource resource(String kind, String name, String spec) {
        try {
            return new Resource(new ResourceId(kind, "default", name), Map.of(), null, YAML.readTree(spec));
        } catch (JsonProcessingException notYaml) {
            throw new AssertionError(spec, notYaml);
        }
    }
}
