package dev.portcullis.operator.health;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.RuntimeInfo;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Whether this replica can do its work: its watches are up, and some replica, this one or another, holds a fresh Lease. A
 * replica that is denied the Lease would otherwise wait for ever and look well.
 */
public final class OperatorHealth {
    /** A Lease that was not renewed for this long has no holder; four times its duration. */
    static final Duration STALE = Duration.ofSeconds(60);

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

    /** What is wrong, or empty. */
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
                return "lease " + leaseNamespace + "/" + lease + " has no holder";
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
