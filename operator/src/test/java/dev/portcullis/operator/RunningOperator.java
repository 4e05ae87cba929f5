package dev.portcullis.operator;

import dev.portcullis.operator.pods.PodAddresses;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.RuntimeInfo;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The operator as it runs in a cluster, in this process, and a count of what it does. */
final class RunningOperator implements AutoCloseable {
    static final String IMAGE = "portcullis:test";

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong reconciliations = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final PortcullisOperator operator;

    private RunningOperator(KubernetesClient client, OperatorSettings settings, PodAddresses addresses) {
        operator = new PortcullisOperator(
                client,
                settings,
                meters,
                new Metrics() {
                    @Override
                    public void reconciliationExecutionStarted(
                            HasMetadata resource, @Nullable Map<String, Object> metadata) {
                        reconciliations.incrementAndGet();
                    }

                    @Override
                    public void reconcileCustomResource(
                            HasMetadata resource, @Nullable RetryInfo retry, @Nullable Map<String, Object> metadata) {
                        if (retry != null) {
                            failures.incrementAndGet();
                        }
                    }
                },
                addresses,
                InstantSource.system(),
                System::nanoTime);
    }

    /** Starts an operator that looks after {@code namespace}, which is its own too. */
    static RunningOperator in(String namespace, KubernetesClient client, PodAddresses addresses) {
        return start(client, settings(namespace, Set.of(namespace)), addresses);
    }

    static RunningOperator start(KubernetesClient client, OperatorSettings settings, PodAddresses addresses) {
        var running = new RunningOperator(client, settings, addresses);
        running.operator.start();
        return running;
    }

    static OperatorSettings settings(String operatorNamespace, Set<String> watched) {
        return new OperatorSettings(IMAGE, operatorNamespace, "test", watched, false, 0, 0);
    }

    /** Which watches are up. */
    RuntimeInfo runtime() {
        return operator.runtime();
    }

    /** Reconciliations begun, retries included. */
    long reconciliations() {
        return reconciliations.get();
    }

    /** Reconciliations that were retries. */
    long failures() {
        return failures.get();
    }

    @Override
    public void close() {
        operator.close();
    }
}
