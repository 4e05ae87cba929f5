package dev.portcullis.operator;

import dev.portcullis.operator.health.OperatorHealth;
import dev.portcullis.operator.health.ProbeServer;
import dev.portcullis.operator.health.ProbeServer.Answer;
import dev.portcullis.operator.pods.PodAddresses;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator. */
public final class OperatorMain {
    private static final Logger log = LoggerFactory.getLogger(OperatorMain.class);

    private OperatorMain() {}

    /** Runs until the process is told to stop. Exits 2 when the environment is wrong. */
    public static void main(String[] arguments) throws IOException {
        OperatorSettings settings;
        try {
            settings = OperatorSettings.of(System.getenv());
        } catch (IllegalArgumentException e) {
            log.error("cannot start: {}", e.getMessage());
            System.exit(2);
            return;
        }
        var clock = InstantSource.system();
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        var client = new KubernetesClientBuilder().build();
        var operator =
                new PortcullisOperator(client, settings, registry, PodAddresses.ofPodIps(), clock, System::nanoTime);
        var health = new OperatorHealth(
                operator.runtime(),
                client,
                settings.leaderElection() ? settings.operatorNamespace() : null,
                PortcullisOperator.LEASE,
                clock);
        var probes = new ProbeServer(settings.healthPort())
                .on("/healthz", () -> Answer.ofProblem(health.fatalProblem()))
                .on("/readyz", () -> Answer.ofProblem(health.problem()))
                .start();
        var metrics = new ProbeServer(settings.metricsPort())
                .on("/metrics", () -> new Answer(200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape()))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            operator.close();
            probes.close();
            metrics.close();
            client.close();
        }));
        operator.start();
        log.info(
                "operator started: probes on :{}, metrics on :{}, namespaces {}",
                probes.port(),
                metrics.port(),
                settings.watchNamespaces().isEmpty() ? "all" : settings.watchNamespaces());
    }
}
