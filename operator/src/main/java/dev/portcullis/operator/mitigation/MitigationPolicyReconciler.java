package dev.portcullis.operator.mitigation;

import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus.Peer;
import dev.portcullis.operator.OperatorSettings;
import dev.portcullis.operator.flow.DetectorReports;
import dev.portcullis.operator.flow.FlowSummary;
import dev.portcullis.operator.resource.MitigationPolicyResource;
import dev.portcullis.operator.resource.ResolverInput;
import dev.portcullis.operator.secrets.SecretKeys;
import dev.portcullis.operator.secrets.SecretReferences;
import dev.portcullis.operator.status.ConditionType;
import dev.portcullis.operator.status.EventRecorder;
import dev.portcullis.operator.status.Reason;
import dev.portcullis.operator.status.StatusWriter;
import dev.portcullis.operator.status.Transitions;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what each MitigationPolicy does at present. What it is for, the FlowDetectors that refer to it do. */
public final class MitigationPolicyReconciler implements Reconciler<MitigationPolicyResource> {
    private final OperatorSettings settings;
    private final DetectorReports reports;
    private final EventRecorder events;
    private final InstantSource clock;
    private final SecretKeys<MitigationPolicyResource> secrets = new SecretKeys<>();

    public MitigationPolicyReconciler(
            OperatorSettings settings, DetectorReports reports, EventRecorder events, InstantSource clock) {
        this.settings = settings;
        this.reports = reports;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public UpdateControl<MitigationPolicyResource> reconcile(
            MitigationPolicyResource policy, Context<MitigationPolicyResource> context) {
        var namespace = policy.getMetadata().getNamespace();
        var problems = Resolver.resolve(new ResourceSet(
                        List.of(ResolverInput.of(policy)), secrets.keys(namespace), settings.operatorNamespace()))
                .problems();
        var before = policy.getStatus();
        var status = MitigationReport.of(policy, problems, reports.using(ResourceID.fromResource(policy)), clock);
        if (StatusWriter.write(policy, status, MitigationPolicyResource::new, context)) {
            announce(policy, before, status);
        }
        return UpdateControl.noUpdate();
    }

    private void announce(
            MitigationPolicyResource policy, @Nullable MitigationPolicyStatus before, MitigationPolicyStatus status) {
        var transitions = new Transitions(before == null ? null : before.conditions(), status.conditions());
        if (transitions.becameTrue(ConditionType.Accepted)) {
            events.record(policy, Reason.SpecAccepted, transitions.message(ConditionType.Accepted));
        }
        if (transitions.isFalseAnew(ConditionType.Accepted)) {
            events.record(policy, Reason.SpecRejected, transitions.message(ConditionType.Accepted));
        }
        bans(policy, before == null ? null : before.bans(), status.bans());
        peers(policy, before == null ? null : before.peers(), status.peers());
    }

    private void bans(
            MitigationPolicyResource policy,
            MitigationPolicyStatus.@Nullable Bans before,
            MitigationPolicyStatus.@Nullable Bans now) {
        if (now == null) {
            return;
        }
        var active = before == null ? 0 : before.active();
        var change = active + " -> " + now.active() + " in force";
        if (now.active() > active) {
            events.record(policy, Reason.BanAnnounced, change);
        } else if (now.active() < active) {
            events.record(policy, Reason.BanWithdrawn, change);
        }
        if (before != null && now.rejected() > before.rejected()) {
            events.record(policy, Reason.BanRejected, now.rejected() - before.rejected() + " refused by a safety rule");
        }
    }

    private void peers(MitigationPolicyResource policy, @Nullable List<Peer> before, @Nullable List<Peer> now) {
        var wereUp = established(before);
        var areUp = established(now);
        for (var name : areUp) {
            if (!wereUp.contains(name)) {
                events.record(policy, Reason.PeerUp, name + " is established");
            }
        }
        for (var name : wereUp) {
            if (!areUp.contains(name)) {
                events.record(policy, Reason.PeerDown, name + " is not established any more");
            }
        }
    }

    private static List<String> established(@Nullable List<Peer> peers) {
        return peers == null
                ? List.of()
                : peers.stream()
                        .filter(FlowSummary::isEstablished)
                        .map(Peer::name)
                        .distinct()
                        .toList();
    }

    @Override
    public List<EventSource<?, MitigationPolicyResource>> prepareEventSources(
            EventSourceContext<MitigationPolicyResource> context) {
        var said = new SimpleInboundEventSource<MitigationPolicyResource>("detector-reports");
        reports.listen(said::propagateEvent);
        var sources = new ArrayList<EventSource<?, MitigationPolicyResource>>();
        sources.add(said);
        sources.addAll(secrets.sources(context, MitigationPolicyResource.class, secret -> usersOf(secret, context)));
        return sources;
    }

    private static Set<ResourceID> usersOf(Secret secret, EventSourceContext<MitigationPolicyResource> context) {
        var namespace = secret.getMetadata().getNamespace();
        return context.getPrimaryCache()
                .list(policy -> namespace.equals(policy.getMetadata().getNamespace())
                        && policy.getSpec() != null
                        && SecretReferences.in(policy.getSpec(), namespace).stream()
                                .anyMatch(key ->
                                        key.secret().equals(secret.getMetadata().getName())))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
