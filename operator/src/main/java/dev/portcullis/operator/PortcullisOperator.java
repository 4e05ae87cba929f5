package dev.portcullis.operator;

import dev.portcullis.operator.apply.ServerSideApply;
import dev.portcullis.operator.firewall.AgentPolicyReconciler;
import dev.portcullis.operator.flow.DetectorReports;
import dev.portcullis.operator.flow.FlowDetectorReconciler;
import dev.portcullis.operator.killswitch.Acknowledgements;
import dev.portcullis.operator.killswitch.KillSwitchReconciler;
import dev.portcullis.operator.metrics.OperatorMetrics;
import dev.portcullis.operator.mitigation.MitigationPolicyReconciler;
import dev.portcullis.operator.pods.PodAddresses;
import dev.portcullis.operator.pods.PodStatusReader;
import dev.portcullis.operator.pods.PodSurveys;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.Changes;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.rollout.DataPlane;
import dev.portcullis.operator.secrets.ConfigMapValues;
import dev.portcullis.operator.secrets.InterceptionAuthority;
import dev.portcullis.operator.status.EventRecorder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RuntimeInfo;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** The four controllers and what they share, wired by hand. */
public final class PortcullisOperator implements AutoCloseable {
    /** Name of the Lease. */
    public static final String LEASE = "portcullis-operator";
    /** How often collectors are asked for their attacks, bans and peers while nothing is pending. */
    static final Duration FLOW_STATUS_EVERY = Duration.ofSeconds(10);

    private final Operator operator;
    private final PodStatusReader reader;
    private final PodSurveys proxies;
    private final PodSurveys collectors;

    /**
     * @param addresses where pods answer
     * @param clock for status times and events
     * @param nanoTime for measuring
     */
    public PortcullisOperator(
            KubernetesClient client,
            OperatorSettings settings,
            MeterRegistry registry,
            PodAddresses addresses,
            InstantSource clock,
            LongSupplier nanoTime) {
        this(
                client,
                settings,
                registry,
                MicrometerMetrics.withoutPerResourceMetrics(registry),
                addresses,
                clock,
                nanoTime);
    }

    PortcullisOperator(
            KubernetesClient client,
            OperatorSettings settings,
            MeterRegistry registry,
            Metrics sdkMetrics,
            PodAddresses addresses,
            InstantSource clock,
            LongSupplier nanoTime) {
        var metrics = new OperatorMetrics(registry);
        var events = new EventRecorder(client, clock);
        var apply = new ServerSideApply(client, metrics);
        var acknowledgements = new Acknowledgements(nanoTime);
        var reports = new DetectorReports();
        reader = new PodStatusReader(metrics);
        proxies = new PodSurveys(reader, addresses, PodSurveys.Pace.untilSettled(), nanoTime);
        collectors = new PodSurveys(reader, addresses, PodSurveys.Pace.always(FLOW_STATUS_EVERY), nanoTime);
        var firewalls = new DataPlane<>(Role.FIREWALL, AgentPolicyResource.class, apply, proxies, client);
        var flows = new DataPlane<>(Role.FLOW, FlowDetectorResource.class, apply, collectors, client);

        operator = new Operator(overrider -> configure(overrider, client, settings, sdkMetrics));
        register(
                new AgentPolicyReconciler(
                        settings,
                        firewalls,
                        new InterceptionAuthority(client, events, clock),
                        new ConfigMapValues<>(client),
                        acknowledgements,
                        events,
                        clock),
                settings);
        register(new KillSwitchReconciler(settings, acknowledgements, events, metrics, clock), settings);
        register(new FlowDetectorReconciler(settings, flows, reports, events, clock), settings);
        register(new MitigationPolicyReconciler(settings, reports, events, clock), settings);
    }

    private static void configure(
            ConfigurationServiceOverrider overrider,
            KubernetesClient client,
            OperatorSettings settings,
            Metrics sdkMetrics) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withUseSSAToPatchPrimaryResource(true)
                .withStopOnInformerErrorDuringStartup(true)
                .withReconciliationTerminationTimeout(Duration.ofSeconds(10))
                .withMetrics(sdkMetrics);
        if (settings.leaderElection()) {
            overrider.withLeaderElectionConfiguration(
                    LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                            .withLeaseNamespace(settings.operatorNamespace())
                            .withIdentity(settings.identity())
                            .build());
        }
    }

    private <R extends CustomResource<?, ?>> void register(Reconciler<R> reconciler, OperatorSettings settings) {
        operator.register(reconciler, (ControllerConfigurationOverrider<R> controller) -> {
            controller
                    .withFieldManager(ServerSideApply.FIELD_MANAGER)
                    // Labels matter to selectors, and do not move the generation.
                    .withGenerationAware(false)
                    .withOnUpdateFilter((now, before) -> Changes.matter(before, now))
                    .withRetry(new GenericRetry()
                            .setInitialInterval(200)
                            .setIntervalMultiplier(2)
                            .setMaxInterval(30_000)
                            .withoutMaxAttempts());
            if (settings.watchNamespaces().isEmpty()) {
                controller.watchingAllNamespaces();
            } else {
                controller.settingNamespaces(settings.watchNamespaces());
            }
        });
    }

    /** Starts watching, and acting once this replica leads. Returns when the caches are filled. */
    public void start() {
        operator.start();
    }

    /** Which watches are up. */
    public RuntimeInfo runtime() {
        return operator.getRuntimeInfo();
    }

    /** Gives up the Lease, lets running reconciliations end, and stops. */
    @Override
    public void close() {
        operator.stop();
        proxies.close();
        collectors.close();
        reader.close();
    }
}
