package dev.portcullis.operator.killswitch;

import dev.portcullis.crd.resolve.FirewallConfig.EffectiveKillSwitch;
import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.crd.v1alpha1.KillSwitchStatus;
import dev.portcullis.operator.OperatorSettings;
import dev.portcullis.operator.metrics.OperatorMetrics;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.Changes;
import dev.portcullis.operator.resource.KillSwitchResource;
import dev.portcullis.operator.resource.ResolverInput;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.Conditions;
import dev.portcullis.operator.status.EventRecorder;
import dev.portcullis.operator.status.Reason;
import dev.portcullis.operator.status.StatusWriter;
import dev.portcullis.operator.status.Transitions;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says how far each KillSwitch has reached. What a switch does, the AgentPolicies do: each resolves the switches that
 * select it into its configuration.
 */
public final class KillSwitchReconciler implements Reconciler<KillSwitchResource> {
    private final OperatorSettings settings;
    private final Acknowledgements acknowledgements;
    private final EventRecorder events;
    private final OperatorMetrics metrics;
    private final InstantSource clock;
    private @Nullable InformerEventSource<AgentPolicyResource, KillSwitchResource> policies;

    public KillSwitchReconciler(
            OperatorSettings settings,
            Acknowledgements acknowledgements,
            EventRecorder events,
            OperatorMetrics metrics,
            InstantSource clock) {
        this.settings = settings;
        this.acknowledgements = acknowledgements;
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public UpdateControl<KillSwitchResource> reconcile(
            KillSwitchResource killSwitch, Context<KillSwitchResource> context) {
        var id = ResourceID.fromResource(killSwitch);
        var problems = problems(killSwitch);
        var selected = problems.isEmpty() ? selected(killSwitch) : Map.<ResourceID, String>of();
        var tally = tally(id, selected);
        var took = tally == null
                ? null
                : Duration.ofNanos(tally.lastAtNanos() - acknowledgements.firstSeen(id, revision(selected)));
        var before = killSwitch.getStatus();
        var status = KillSwitchReport.of(
                killSwitch,
                problems,
                selected.size(),
                tally,
                tally == null || tally.acknowledged() == 0 ? null : took,
                clock);
        if (StatusWriter.write(killSwitch, status, KillSwitchResource::new, context)) {
            announce(killSwitch, before, status);
        }
        return UpdateControl.noUpdate();
    }

    private List<Problem> problems(KillSwitchResource killSwitch) {
        return Resolver.resolve(
                        new ResourceSet(List.of(ResolverInput.of(killSwitch)), Set.of(), settings.operatorNamespace()))
                .problems();
    }

    /** The policies it selects, each with the revision of the switch that its pods should run: the same for all. */
    private Map<ResourceID, String> selected(KillSwitchResource killSwitch) {
        var input = List.of(ResolverInput.of(killSwitch));
        var revisions = new HashMap<ResourceID, String>();
        Objects.requireNonNull(policies)
                .list(policy -> !policy.isMarkedForDeletion())
                .forEach(policy -> revision(KillSwitchSelection.of(policy, input, settings.operatorNamespace()))
                        .ifPresent(revision -> revisions.put(ResourceID.fromResource(policy), revision)));
        return revisions;
    }

    private static Optional<String> revision(KillSwitchSelection selection) {
        return selection.switches().stream().map(EffectiveKillSwitch::revision).findFirst();
    }

    private static String revision(Map<ResourceID, String> selected) {
        return selected.values().iterator().next();
    }

    private Acknowledgements.@Nullable Tally tally(ResourceID id, Map<ResourceID, String> selected) {
        return selected.isEmpty() ? null : acknowledgements.tally(id, revision(selected), selected.keySet());
    }

    private void announce(KillSwitchResource killSwitch, @Nullable KillSwitchStatus before, KillSwitchStatus status) {
        var transitions = new Transitions(before == null ? null : before.conditions(), status.conditions());
        var wasEngaged = before != null && before.engagedAt() != null;
        var isEngaged = status.engagedAt() != null;
        if (transitions.isFalseAnew(ConditionType.Accepted)) {
            events.record(killSwitch, Reason.SpecRejected, transitions.message(ConditionType.Accepted));
        } else if (transitions.becameTrue(ConditionType.Accepted)) {
            events.record(killSwitch, Reason.SpecAccepted, transitions.message(ConditionType.Accepted));
        }
        if (isEngaged && !wasEngaged) {
            events.record(
                    killSwitch,
                    Reason.KillSwitchEngaged,
                    "engaged by " + LastEditor.of(killSwitch, "engaged") + why(killSwitch));
        } else if (wasEngaged && !isEngaged) {
            events.record(killSwitch, Reason.KillSwitchReleased, "released by " + LastEditor.of(killSwitch, "engaged"));
        }
        if (newlyEnforced(before, status, transitions)) {
            var millis = status.acknowledgedAfterMillis();
            events.record(
                    killSwitch,
                    Reason.KillSwitchEnforced,
                    transitions.message(ConditionType.Enforced) + (millis == null ? "" : ", after " + millis + " ms"));
            if (millis != null) {
                metrics.acknowledged(Duration.ofMillis(millis));
            }
        }
    }

    /** A fast fleet acknowledges before anybody reported that it had not, so the generation counts too. */
    private static boolean newlyEnforced(
            @Nullable KillSwitchStatus before, KillSwitchStatus status, Transitions transitions) {
        return transitions.becameTrue(ConditionType.Enforced)
                || (before != null
                        && Conditions.isTrue(status.conditions(), ConditionType.Enforced)
                        && !Objects.equals(before.observedGeneration(), status.observedGeneration()));
    }

    private static String why(KillSwitchResource killSwitch) {
        var reason = killSwitch.getSpec().path("reason").asText("");
        return reason.isEmpty() ? "" : ": " + reason;
    }

    @Override
    public List<EventSource<?, KillSwitchResource>> prepareEventSources(
            EventSourceContext<KillSwitchResource> context) {
        policies = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(AgentPolicyResource.class, KillSwitchResource.class)
                        .withName("agent-policies")
                        .withOnUpdateFilter((now, before) -> Changes.matter(before, now))
                        .withSecondaryToPrimaryMapper(
                                policy -> inReachOf(policy.getMetadata().getNamespace(), context))
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        var answers = new SimpleInboundEventSource<KillSwitchResource>("acknowledgements");
        acknowledgements.listen(policy -> {
            acknowledgements.retainSwitches(context.getPrimaryCache().keys().collect(Collectors.toSet()));
            inReachOf(policy.getNamespace().orElseThrow(), context).forEach(answers::propagateEvent);
        });
        return List.of(policies, answers);
    }

    private Set<ResourceID> inReachOf(String namespace, EventSourceContext<KillSwitchResource> context) {
        return context.getPrimaryCache()
                .list(one -> namespace.equals(one.getMetadata().getNamespace())
                        || settings.operatorNamespace().equals(one.getMetadata().getNamespace()))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
