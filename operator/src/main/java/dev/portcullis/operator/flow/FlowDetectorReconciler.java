package dev.portcullis.operator.flow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.operator.OperatorSettings;
import dev.portcullis.operator.flow.DetectorReports.DetectorReport;
import dev.portcullis.operator.monitoring.MonitoringKinds;
import dev.portcullis.operator.monitoring.MonitoringResources;
import dev.portcullis.operator.resource.Changes;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.MitigationPolicyResource;
import dev.portcullis.operator.resource.ObjectNames;
import dev.portcullis.operator.resource.ResolverInput;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.rollout.DataPlane;
import dev.portcullis.operator.rollout.Rollout;
import dev.portcullis.operator.rollout.Trouble;
import dev.portcullis.operator.secrets.SecretReferences;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.EventRecorder;
import dev.portcullis.operator.status.Reason;
import dev.portcullis.operator.status.StatusWriter;
import dev.portcullis.operator.status.Transitions;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps the collectors of each FlowDetector as its spec, and the policies it refers to, want them. */
public final class FlowDetectorReconciler implements Reconciler<FlowDetectorResource> {
    /** Time until objects that could not be made are tried again when nothing changes. */
    private static final Duration TROUBLE = Duration.ofMinutes(1);

    /** Most attacks that get an event of their own at once; the rest are counted in one. */
    private static final int MAX_EVENTS = 10;

    private final OperatorSettings settings;
    private final DataPlane<FlowDetectorResource> dataPlane;
    private final DetectorReports reports;
    private final EventRecorder events;
    private final InstantSource clock;
    private final AttackLog attacks = new AttackLog();
    private @Nullable InformerEventSource<MitigationPolicyResource, FlowDetectorResource> policies;
    private @Nullable InformerEventSource<FlowDetectorResource, FlowDetectorResource> detectors;

    public FlowDetectorReconciler(
            OperatorSettings settings,
            DataPlane<FlowDetectorResource> dataPlane,
            DetectorReports reports,
            EventRecorder events,
            InstantSource clock) {
        this.settings = settings;
        this.dataPlane = dataPlane;
        this.reports = reports;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public UpdateControl<FlowDetectorResource> reconcile(
            FlowDetectorResource detector, Context<FlowDetectorResource> context) {
        if (detector.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        var effective = resolve(detector);
        var config = effective.config();
        if (config == null) {
            report(detector, effective, null, FlowSummary.of(List.of()), null, "", List.of(), context);
            return UpdateControl.noUpdate();
        }
        var objects = new FlowResources(detector, config.spec(), settings.dataPlaneImage());
        var monitoring =
                new MonitoringResources(Role.FLOW, detector, config.spec().monitoring());
        var kinds = dataPlane.monitoring().follow(context);
        var wanted = new ArrayList<>(objects.all());
        wanted.addAll(monitoring.all(kinds));
        var outcome = dataPlane.apply(detector, effective.secrets(), objects.config(config), wanted);
        var pods = dataPlane.ask(detector, outcome.daemonSet(), config.revision());
        var summary = FlowSummary.of(pods.answers().values());
        reports.note(
                ResourceID.fromResource(detector),
                new DetectorReport(Set.copyOf(config.mitigationPolicies().keySet()), summary),
                exists(context));
        var note = MonitoringKinds.missing(monitoring.wanted(), kinds);
        var rollout = Rollout.of(outcome.daemonSet(), pods.pods(), pods.answers(), config.revision());
        report(detector, effective, rollout, summary, outcome.trouble(), note, outcome.restored(), context);
        return outcome.trouble() == null
                ? UpdateControl.noUpdate()
                : UpdateControl.<FlowDetectorResource>noUpdate().rescheduleAfter(TROUBLE);
    }

    private EffectiveFlow resolve(FlowDetectorResource detector) {
        var id = ResolverInput.id(detector);
        var resources = new ArrayList<>(Objects.requireNonNull(detectors)
                .list(other -> !ResolverInput.id(other).equals(id) && !other.isMarkedForDeletion())
                .map(ResolverInput::of)
                .toList());
        Objects.requireNonNull(policies)
                .list(id.namespace(), (Predicate<MitigationPolicyResource>) policy -> !policy.isMarkedForDeletion())
                .map(ResolverInput::of)
                .forEach(resources::add);
        resources.add(ResolverInput.of(detector));
        var resolution = Resolver.resolve(
                new ResourceSet(resources, dataPlane.secrets().keys(id.namespace()), settings.operatorNamespace()));
        var problems = new ArrayList<Problem>(ObjectNames.problems(id));
        problems.addAll(resolution.problemsOf(id));
        return EffectiveFlow.of(id, resolution, dataPlane.running(detector), problems);
    }

    private void report(
            FlowDetectorResource detector,
            EffectiveFlow effective,
            @Nullable Rollout rollout,
            FlowSummary summary,
            @Nullable Trouble trouble,
            String note,
            List<String> restored,
            Context<FlowDetectorResource> context) {
        var before = detector.getStatus();
        var status = FlowStatus.of(detector, effective, rollout, summary, trouble, note, clock);
        if (StatusWriter.write(detector, status, FlowDetectorResource::new, context)) {
            announce(detector, new Transitions(before == null ? null : before.conditions(), status.conditions()));
        }
        if (summary.reporting() > 0) {
            announce(
                    detector,
                    attacks.note(ResourceID.fromResource(detector), before, summary.attacks(), exists(context)));
        }
        restored.forEach(object ->
                events.record(detector, Reason.ObjectRestored, object + " had been changed by hand and was put back"));
    }

    private void announce(FlowDetectorResource detector, Transitions transitions) {
        if (transitions.becameTrue(ConditionType.Accepted)) {
            events.record(detector, Reason.SpecAccepted, transitions.message(ConditionType.Accepted));
        }
        if (transitions.isFalseAnew(ConditionType.Accepted)) {
            events.record(detector, Reason.SpecRejected, transitions.message(ConditionType.Accepted));
        }
        if (transitions.becameTrue(ConditionType.Ready)) {
            events.record(detector, Reason.RolloutDone, transitions.message(ConditionType.Ready));
        }
    }

    private void announce(FlowDetectorResource detector, AttackLog.News news) {
        news.started().stream()
                .limit(MAX_EVENTS)
                .forEach(attack -> events.record(
                        detector,
                        Reason.AttackStarted,
                        attack.vector() + " " + attack.direction() + " " + attack.target() + ": " + attack.pps()
                                + " packets/s, " + attack.bps() + " bit/s"));
        if (news.started().size() > MAX_EVENTS) {
            events.record(
                    detector, Reason.AttackStarted, "and " + (news.started().size() - MAX_EVENTS) + " more attacks");
        }
        news.ended().stream()
                .limit(MAX_EVENTS)
                .forEach(attack -> events.record(
                        detector,
                        Reason.AttackEnded,
                        attack.vector() + " " + attack.direction() + " " + attack.target()));
        if (news.ended().size() > MAX_EVENTS) {
            events.record(detector, Reason.AttackEnded, "and " + (news.ended().size() - MAX_EVENTS) + " more attacks");
        }
    }

    private static Predicate<ResourceID> exists(Context<FlowDetectorResource> context) {
        return id -> context.getPrimaryCache().get(id).isPresent();
    }

    @Override
    public List<EventSource<?, FlowDetectorResource>> prepareEventSources(
            EventSourceContext<FlowDetectorResource> context) {
        policies = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(MitigationPolicyResource.class, FlowDetectorResource.class)
                        .withName("mitigation-policies")
                        .withOnUpdateFilter((now, before) -> Changes.matter(before, now))
                        .withSecondaryToPrimaryMapper(policy -> detectors(
                                context,
                                detector -> sameNamespace(policy.getMetadata().getNamespace(), detector)))
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        // Detectors on host ports dispute them: what one claims or gives up can matter to all others.
        detectors = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(FlowDetectorResource.class, FlowDetectorResource.class)
                        .withName("siblings")
                        .withOnUpdateFilter((now, before) -> Changes.matter(before, now))
                        .withSecondaryToPrimaryMapper(one -> detectors(
                                context, other -> !ResourceID.fromResource(one).equals(ResourceID.fromResource(other))))
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        var sources = new ArrayList<>(dataPlane.sources(context, secret -> usersOf(secret, context)));
        sources.add(policies);
        sources.add(detectors);
        return sources;
    }

    /** A Secret matters to the detectors that refer to it, and to all of its namespace where a policy does. */
    private Set<ResourceID> usersOf(Secret secret, EventSourceContext<FlowDetectorResource> context) {
        var namespace = secret.getMetadata().getNamespace();
        var throughPolicy = Objects.requireNonNull(policies)
                .list(namespace, (Predicate<MitigationPolicyResource>) policy -> refersTo(policy, secret))
                .findAny()
                .isPresent();
        return detectors(
                context,
                detector -> sameNamespace(namespace, detector) && (throughPolicy || refersTo(detector, secret)));
    }

    private static boolean refersTo(CustomResource<JsonNode, ?> resource, Secret secret) {
        var namespace = secret.getMetadata().getNamespace();
        return resource.getSpec() != null
                && SecretReferences.in(resource.getSpec(), namespace).stream().anyMatch(key -> key.secret()
                        .equals(secret.getMetadata().getName()));
    }

    private static boolean sameNamespace(String namespace, FlowDetectorResource detector) {
        return namespace.equals(detector.getMetadata().getNamespace());
    }

    private static Set<ResourceID> detectors(
            EventSourceContext<FlowDetectorResource> context, Predicate<FlowDetectorResource> which) {
        return context.getPrimaryCache()
                .list(which)
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
