package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.Metric;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Protected hosts with thresholds of their own. Immutable.
 *
 * @param name {@code global} for hosts that no group of the policy names
 * @param incoming limits on traffic towards a host
 * @param outgoing limits on traffic from a host, or null where that is not judged
 * @param mitigationPolicy name of the MitigationPolicy, or null for none
 * @param summed true where the limits are on the sum of all hosts of the group, and no single one is judged
 * @param prefix the group's first prefix, which stands for it where an address is wanted; null for {@code global}
 */
public record HostGroup(
        String name,
        Limits incoming,
        @Nullable Limits outgoing,
        @Nullable String mitigationPolicy,
        boolean summed,
        @Nullable String prefix) {
    /** The limits on traffic of one direction, or null where that is not judged. */
    @Nullable
    Limits limits(Attack.Direction direction) {
        return direction == Attack.Direction.INCOMING ? incoming : outgoing;
    }

    /**
     * Limits in the units of {@link Metric}: packets, bits or flows a second. Infinite where there is none.
     *
     * @param perSecond by {@link Metric#ordinal()}
     * @param window by {@link Metric#counter()}, packets, bytes or flows that are the most the window may hold
     * @param burst the same for one second alone
     */
    public record Limits(double[] perSecond, long[] window, long[] burst) {
        /** The counters that {@code perSecond} comes to, in a window of so many seconds. */
        static Limits of(double[] perSecond, int seconds, int fastPathFactor) {
            var window = new long[Metric.COUNTERS];
            var burst = new long[Metric.COUNTERS];
            Arrays.fill(window, Long.MAX_VALUE);
            Arrays.fill(burst, Long.MAX_VALUE);
            for (var metric : Metric.values()) {
                var limit = perSecond[metric.ordinal()] / (metric.bits() ? 8 : 1);
                if (limit < Double.POSITIVE_INFINITY) {
                    window[metric.counter()] = (long) (limit * seconds);
                    burst[metric.counter()] = (long) (limit * fastPathFactor);
                }
            }
            return new Limits(perSecond, window, burst);
        }

        /** The limit of one metric, or {@link Double#POSITIVE_INFINITY}. */
        public double of(Metric metric) {
            return perSecond[metric.ordinal()];
        }
    }
}
