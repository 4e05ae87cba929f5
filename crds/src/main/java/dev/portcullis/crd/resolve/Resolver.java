package dev.portcullis.crd.resolve;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Turns resources into the configurations that pods run, or says what is wrong with them.
 *
 * <p>Each resource goes through the same steps, all driven by the CRD's own schema: syntax of values, fields and types,
 * defaults as the API server fills them, rules across fields, presets and groups, label selectors, references to Secrets;
 * then, beside the others, ports and references to other resources. What the API server would refuse is a problem here too.
 * The other way round holds except for what one resource alone cannot show and CEL cannot say.
 *
 * <p>An unset field takes, in this order, the preset of {@code spec.mode} (AgentPolicy), then its default. A group that is
 * absent and requires nothing means all its defaults; an absent group that requires a field, or has no default in it, stays
 * absent. {@code null} means unset.
 *
 * <p>A resource with a problem is left out of everything but {@link Resolution#problems()}, a KillSwitch too: whoever applies
 * a resolution keeps what it had for a resource that has problems now. A resource does not suffer from another's problems,
 * unless it refers to it; one that disputes a port keeps it if its id comes first.
 */
public final class Resolver {
    private final Map<ResourceId, Draft> drafts = new TreeMap<>();
    private final Map<ResourceId, FirewallConfig> firewalls = new HashMap<>();
    private final Map<ResourceId, FlowConfig> flows = new HashMap<>();
    private final Map<ResourceId, Set<SecretKey>> secretRefs = new HashMap<>();

    private Resolver(ResourceSet set) {
        for (var resource : set.resources()) {
            var first = drafts.putIfAbsent(resource.id(), new Draft(resource));
            if (first != null && first.accepted()) {
                first.problems()
                        .add("metadata.name", ProblemReason.InvalidCombination, "is there twice: remove or rename one");
            }
        }
    }

    /**
     * Resolves everything in {@code resources}. Pure and thread-safe. Never throws for anything a user wrote; the result
     * depends on the content of the set and not on its order.
     */
    public static Resolution resolve(ResourceSet resources) {
        return new Resolver(resources).run(resources);
    }

    private Resolution run(ResourceSet set) {
        var ports = new PortClaims();
        for (var draft : drafts.values()) {
            draft.check(set);
            ports.claim(draft.resource(), draft.spec(), draft.problems());
        }
        drafts.values().forEach(Draft::convert);
        of(Kinds.FLOW_DETECTOR).forEach(detector -> MitigationRefs.check(detector, drafts));
        var killSwitches =
                of(Kinds.KILL_SWITCH).stream().filter(Draft::accepted).toList();
        of(Kinds.AGENT_POLICY).stream().filter(Draft::accepted).forEach(policy -> firewall(policy, killSwitches));
        of(Kinds.FLOW_DETECTOR).stream().filter(Draft::accepted).forEach(this::flow);
        return result();
    }

    private List<Draft> of(String kind) {
        return drafts.values().stream()
                .filter(draft -> draft.id().kind().equals(kind))
                .toList();
    }

    private void firewall(Draft policy, List<Draft> killSwitches) {
        var config = ConfigCodec.stamped(new FirewallConfig(
                FirewallConfig.SCHEMA_VERSION,
                policy.id().namespace(),
                policy.id().name(),
                policy.typed(AgentPolicySpec.class),
                effective(killSwitches, policy),
                policy.upstreamTrust(),
                ""));
        try {
            var unused = ConfigCodec.write(config);
            firewalls.put(policy.id(), config);
            secretRefs.put(policy.id(), policy.secrets());
        } catch (ConfigException e) {
            policy.problems().add("spec", ProblemReason.TooLarge, e.getMessage());
        }
    }

    private static List<EffectiveKillSwitch> effective(List<Draft> killSwitches, Draft policy) {
        return killSwitches.stream()
                .filter(killSwitch ->
                        killSwitch.id().namespace().equals(policy.id().namespace())
                                || killSwitch.typed(KillSwitchSpec.class).scope() == KillSwitchSpec.Scope.Cluster)
                .filter(killSwitch -> Selector.matches(
                        killSwitch.spec().path("policySelector"),
                        policy.resource().labels()))
                .map(killSwitch -> {
                    var spec = killSwitch.typed(KillSwitchSpec.class);
                    return new EffectiveKillSwitch(
                            killSwitch.id().namespace(),
                            killSwitch.id().name(),
                            spec.engaged(),
                            spec.reason(),
                            spec.drain(),
                            ConfigCodec.revision(killSwitch.spec()));
                })
                .toList();
    }

    private void flow(Draft detector) {
        var policies = new TreeMap<String, MitigationPolicySpec>();
        var secrets = new HashSet<>(detector.secrets());
        for (var name : new TreeSet<>(MitigationRefs.of(detector).values())) {
            var policy = Objects.requireNonNull(drafts.get(MitigationRefs.policy(detector, name)));
            policies.put(name, policy.typed(MitigationPolicySpec.class));
            secrets.addAll(policy.secrets());
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
            detector.problems().add("spec", ProblemReason.TooLarge, e.getMessage());
        }
    }

    private Resolution result() {
        var accepted = new HashSet<ResourceId>();
        var problems = new ArrayList<Problem>();
        for (var draft : drafts.values()) {
            if (draft.accepted()) {
                accepted.add(draft.id());
            }
            problems.addAll(draft.problems().list());
        }
        return new Resolution(firewalls, flows, accepted, secretRefs, problems);
    }
}
