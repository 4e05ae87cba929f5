package dev.portcullis.operator.health;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.RuntimeInfo;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this replica can do its work: its watches are up, and some replica, this one or another, holds a fresh Lease. A
 * replica that is denied the Lease would otherwise wait for ever and look well.
 *
 * <p>Being started again helps against watches that died, and not against an API server that is away: then a replica is not
 * ready, but alive, and goes on the moment it is back.
 */
public final class OperatorHealth {
    /** A Lease that was not renewed for this long has no holder; four times its duration. */
    static final Duration STALE = Duration.ofSeconds(60);

    /** Time the API server has to answer before it counts as away; probes wait a little longer. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final RuntimeInfo runtime;
    private final KubernetesClient client;
    private final @Nullable String leaseNamespace;
    private final String lease;
    private final InstantSource clock;

    /** @param leaseNamespace null where there is no leader election */
    public OperatorHealth(
            RuntimeInfo runtime,
            KubernetesClient client,
            @Nullable String leaseNamespace,
            String lease,
            InstantSource clock) {
        this.runtime = runtime;
        this.client = client;
        this.leaseNamespace = leaseNamespace;
        this.lease = lease;
        this.clock = clock;
    }

    /** Why this replica should be started again, or empty. */
    public String fatalProblem() {
        var problem = problem();
        return problem.isEmpty() || isApiServerAway() ? "" : problem;
    }

    private boolean isApiServerAway() {
        try {
            return !ask(client::getKubernetesVersion).isPresent();
        } catch (KubernetesClientException refused) {
            return refused.getCode() == 0;
        }
    }

    /** What {@code question} gives, or empty when the API server does not answer in time. */
    private static <T> Optional<T> ask(Supplier<T> question) {
        var answer = new CompletableFuture<T>();
        // Not waited for: the client goes on trying for longer than a probe has.
        Thread.startVirtualThread(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return Optional.ofNullable(answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KubernetesClientException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Why this replica cannot do its work now, or empty. */
    public String problem() {
        if (!runtime.isStarted()) {
            return "the operator has not started";
        }
        if (!runtime.allEventSourcesAreHealthy()) {
            return "not watching: " + runtime.unhealthyEventSources();
        }
        return leaseNamespace == null ? "" : leaseProblem();
    }

    private String leaseProblem() {
        try {
            var found =
                    client.leases().inNamespace(leaseNamespace).withName(lease).get();
            var renewed = found == null || found.getSpec() == null
                    ? null
                    : found.getSpec().getRenewTime();
            if (renewed == null) {
                return "lease " + leaseNamespace + "/" + lease + " has no holder, or cannot be read";
            }
            var age = Duration.between(renewed.toInstant(), clock.instant());
            return age.compareTo(STALE) <= 0
                    ? ""
                    : "lease " + leaseNamespace + "/" + lease + " was last renewed " + age.toSeconds() + " s ago";
        } catch (KubernetesClientException e) {
            return "lease " + leaseNamespace + "/" + lease + " cannot be read: " + e.getMessage();
        }
    }
}
