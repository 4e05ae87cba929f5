package dev.portcullis.operator.firewall;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.operator.OperatorSettings;
import dev.portcullis.operator.killswitch.Acknowledgements;
import dev.portcullis.operator.killswitch.KillSwitchSelection;
import dev.portcullis.operator.monitoring.MonitoringKinds;
import dev.portcullis.operator.monitoring.MonitoringResources;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.Changes;
import dev.portcullis.operator.resource.KillSwitchResource;
import dev.portcullis.operator.resource.ObjectNames;
import dev.portcullis.operator.resource.ResolverInput;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.rollout.DataPlane;
import dev.portcullis.operator.rollout.Rollout;
import dev.portcullis.operator.rollout.Trouble;
import dev.portcullis.operator.secrets.ConfigMapValues;
import dev.portcullis.operator.secrets.InterceptionAuthority;
import dev.portcullis.operator.secrets.PublishedCertificate;
import dev.portcullis.operator.secrets.SecretReferences;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.EventRecorder;
import dev.portcullis.operator.status.Reason;
import dev.portcullis.operator.status.StatusWriter;
import dev.portcullis.operator.status.Transitions;
import io.fabric8.kubernetes.api.model.Secret;
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
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps the proxies of each AgentPolicy as its spec, and the kill switches that select it, want them. */
public final class AgentPolicyReconciler implements Reconciler<AgentPolicyResource> {
    /** Time until objects that could not be made are tried again when nothing changes. */
    private static final Duration TROUBLE = Duration.ofMinutes(1);

    private final OperatorSettings settings;
    private final DataPlane<AgentPolicyResource> dataPlane;
    private final InterceptionAuthority authorities;
    private final ConfigMapValues<AgentPolicyResource> configMaps;
    private final Acknowledgements acknowledgements;
    private final EventRecorder events;
    private final InstantSource clock;
    private @Nullable InformerEventSource<KillSwitchResource, AgentPolicyResource> killSwitches;
    private @Nullable InformerEventSource<AgentPolicyResource, AgentPolicyResource> policies;

    public AgentPolicyReconciler(
            OperatorSettings settings,
            DataPlane<AgentPolicyResource> dataPlane,
            InterceptionAuthority authorities,
            ConfigMapValues<AgentPolicyResource> configMaps,
            Acknowledgements acknowledgements,
            EventRecorder events,
            InstantSource clock) {
        this.settings = settings;
        this.dataPlane = dataPlane;
        this.authorities = authorities;
        this.configMaps = configMaps;
        this.acknowledgements = acknowledgements;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public UpdateControl<AgentPolicyResource> reconcile(
            AgentPolicyResource policy, Context<AgentPolicyResource> context) {
        if (policy.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        var effective = resolve(policy);
        var config = effective.config();
        if (config == null) {
            report(policy, effective, null, null, "", List.of(), context);
            return UpdateControl.noUpdate();
        }
        var objects = new FirewallResources(policy, config.spec(), settings.dataPlaneImage());
        var monitoring =
                new MonitoringResources(Role.FIREWALL, policy, config.spec().monitoring());
        var kinds = dataPlane.monitoring().follow(context);
        var wanted = new ArrayList<>(objects.all());
        wanted.addAll(monitoring.all(kinds));
        var authority = dataPlane.secrets().get(config.namespace(), config.authoritySecret());
        if (config.spec().tlsInterception() != null
                && config.spec().tlsInterception().enabled()) {
            wanted.add(PublishedCertificate.wanted(policy, config.authoritySecret(), authority));
        }
        var outcome = dataPlane.apply(
                policy,
                effective.secretsAnd(InterceptionAuthority.keys(config)),
                objects.config(config),
                wanted,
                Set.of(InterceptionAuthority.name(config.name())),
                () -> authorities.ensure(policy, config, authority));
        var pods = dataPlane.ask(policy, outcome.daemonSet(), config.revision());
        acknowledgements.note(
                ResourceID.fromResource(policy), pods.pods(), pods.answers(), other -> context.getPrimaryCache()
                        .get(other)
                        .isPresent());
        var note = MonitoringKinds.missing(monitoring.wanted(), kinds);
        var rollout = Rollout.of(outcome.daemonSet(), pods.pods(), pods.answers(), config.revision());
        report(policy, effective, rollout, outcome.trouble(), note, outcome.restored(), context);
        return outcome.trouble() == null
                ? UpdateControl.noUpdate()
                : UpdateControl.<AgentPolicyResource>noUpdate().rescheduleAfter(TROUBLE);
    }

    private EffectiveFirewall resolve(AgentPolicyResource policy) {
        var id = ResolverInput.id(policy);
        var namespace = id.namespace();
        var resources = new ArrayList<>(siblings(policy));
        resources.add(ResolverInput.of(policy));
        var resolution = Resolver.resolve(new ResourceSet(
                resources,
                dataPlane.secrets().keys(namespace),
                configMaps.of(policy.getSpec(), namespace),
                settings.operatorNamespace()));
        var problems = new ArrayList<Problem>(ObjectNames.problems(id));
        problems.addAll(resolution.problemsOf(id));
        var selection = KillSwitchSelection.of(policy, killSwitchesFor(namespace), settings.operatorNamespace());
        selection
                .switches()
                .forEach(
                        one -> acknowledgements.firstSeen(new ResourceID(one.name(), one.namespace()), one.revision()));
        return EffectiveFirewall.of(
                id,
                resolution,
                selection.switches(),
                selection.problems().stream().map(Problem::resource).collect(Collectors.toSet()),
                EffectiveFirewall.running(dataPlane.running(policy)),
                problems);
    }

    private List<Resource> siblings(AgentPolicyResource policy) {
        var name = policy.getMetadata().getName();
        return Objects.requireNonNull(policies)
                .list(policy.getMetadata().getNamespace(), (Predicate<AgentPolicyResource>)
                        other -> !other.getMetadata().getName().equals(name) && !other.isMarkedForDeletion())
                .map(ResolverInput::of)
                .toList();
    }

    private List<Resource> killSwitchesFor(String namespace) {
        var namespaces = new HashSet<>(List.of(namespace, settings.operatorNamespace()));
        return Objects.requireNonNull(killSwitches)
                .list(one -> namespaces.contains(one.getMetadata().getNamespace()))
                .map(ResolverInput::of)
                .toList();
    }

    private void report(
            AgentPolicyResource policy,
            EffectiveFirewall effective,
            @Nullable Rollout rollout,
            @Nullable Trouble trouble,
            String note,
            List<String> restored,
            Context<AgentPolicyResource> context) {
        var before = policy.getStatus() == null ? null : policy.getStatus().conditions();
        var status = FirewallStatus.of(policy, effective, rollout, trouble, note, clock);
        if (StatusWriter.write(policy, status, AgentPolicyResource::new, context)) {
            announce(policy, new Transitions(before, status.conditions()));
        }
        restored.forEach(object ->
                events.record(policy, Reason.ObjectRestored, object + " had been changed by hand and was put back"));
    }

    private void announce(AgentPolicyResource policy, Transitions transitions) {
        if (transitions.becameTrue(ConditionType.Accepted)) {
            events.record(policy, Reason.SpecAccepted, transitions.message(ConditionType.Accepted));
        }
        if (transitions.isFalseAnew(ConditionType.Accepted)) {
            events.record(policy, Reason.SpecRejected, transitions.message(ConditionType.Accepted));
        }
        if (transitions.becameTrue(ConditionType.Ready)) {
            events.record(policy, Reason.RolloutDone, transitions.message(ConditionType.Ready));
        }
        if (transitions.becameTrue(ConditionType.KillSwitchEngaged)) {
            events.record(policy, Reason.KillSwitchEngaged, transitions.message(ConditionType.KillSwitchEngaged));
        }
        if (transitions.ceasedToBeTrue(ConditionType.KillSwitchEngaged)) {
            events.record(policy, Reason.KillSwitchReleased, transitions.message(ConditionType.KillSwitchEngaged));
        }
    }

    @Override
    public List<EventSource<?, AgentPolicyResource>> prepareEventSources(
            EventSourceContext<AgentPolicyResource> context) {
        killSwitches = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(KillSwitchResource.class, AgentPolicyResource.class)
                        .withName("kill-switches")
                        .withOnUpdateFilter((now, before) -> Changes.matter(before, now))
                        .withSecondaryToPrimaryMapper(one -> inReachOf(one, context))
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        // Policies of a namespace dispute its ports: what one claims or gives up can matter to all others.
        policies = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(AgentPolicyResource.class, AgentPolicyResource.class)
                        .withName("siblings")
                        .withOnUpdateFilter((now, before) -> Changes.matter(before, now))
                        .withSecondaryToPrimaryMapper(one -> policies(context, other -> sameNamespace(one, other)))
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
        var sources = new ArrayList<>(dataPlane.sources(context, secret -> usersOf(secret, context)));
        sources.addAll(configMaps.sources(
                context,
                AgentPolicyResource.class,
                configMap -> policies(
                        context,
                        policy -> configMap
                                        .getMetadata()
                                        .getNamespace()
                                        .equals(policy.getMetadata().getNamespace())
                                && ConfigMapValues.refersTo(
                                        policy.getSpec(),
                                        configMap.getMetadata().getName()))));
        sources.add(killSwitches);
        sources.add(policies);
        return sources;
    }

    private Set<ResourceID> inReachOf(KillSwitchResource one, EventSourceContext<AgentPolicyResource> context) {
        var namespace = one.getMetadata().getNamespace();
        return policies(
                context,
                policy -> namespace.equals(settings.operatorNamespace())
                        || namespace.equals(policy.getMetadata().getNamespace()));
    }

    private static Set<ResourceID> usersOf(Secret secret, EventSourceContext<AgentPolicyResource> context) {
        var namespace = secret.getMetadata().getNamespace();
        return policies(
                context,
                policy -> namespace.equals(policy.getMetadata().getNamespace())
                        && policy.getSpec() != null
                        && SecretReferences.in(policy.getSpec(), namespace).stream()
                                .anyMatch(key ->
                                        key.secret().equals(secret.getMetadata().getName())));
    }

    private static boolean sameNamespace(AgentPolicyResource one, AgentPolicyResource other) {
        return one.getMetadata().getNamespace().equals(other.getMetadata().getNamespace())
                && !one.getMetadata().getName().equals(other.getMetadata().getName());
    }

    private static Set<ResourceID> policies(
            EventSourceContext<AgentPolicyResource> context, Predicate<AgentPolicyResource> which) {
        return context.getPrimaryCache()
                .list(which)
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
