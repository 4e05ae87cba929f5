package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.Metric;
import org.jspecify.annotations.Nullable;

/**
 * Protected hosts with thresholds of their own. Immutable.
 *
 * @param name {@code global} for hosts that no group of the policy names
 * @param incoming limits on traffic towards a host
 * @param outgoing limits on traffic from a host, or null where that is not judged
 * @param mitigationPolicy name of the MitigationPolicy, or null for none
 */
public record HostGroup(
        String name,
        Limits incoming,
        @Nullable Limits outgoing,
        @Nullable String mitigationPolicy) {
    /**
     * Limits in the units of {@link Metric}: packets, bits or flows a second. Infinite where there is none.
     *
     * @param perSecond by {@link Metric#ordinal()}
     */
    public record Limits(double[] perSecond) {
        /** The limit of one metric, or {@link Double#POSITIVE_INFINITY}. */
        public double of(Metric metric) {
            return perSecond[metric.ordinal()];
        }
    }
}
