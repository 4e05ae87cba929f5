package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * From when on a host may matter, by group. Immutable.
 *
 * @param sampling for each group and counter, in the order of {@link Metric#counter()}, how much of it in one second makes a
 *     host worth sampling; {@link Long#MAX_VALUE} where there is no limit
 * @param watch for each group the least of {@code sampling}'s flows, of its packets and of its bytes, of whatever class: a host
 *     below all three is below every one
 * @param promotion for each group flows, packets and bytes that a host without exact counters may have in twice the window
 *     while it is certain to be below every limit; at most what {@link #most} says
 */
public record Floors(long[] sampling, long[] watch, long[] promotion) {
    /** Sums by group: flows, packets, bytes. They are the first three counters as well. */
    public static final int SUMS = 3;

    /** The highest {@link #promotion} for one of the sums. */
    public static long most(int sum) {
        return sum == 2 ? Light.MOST_BYTES : Light.MOST;
    }

    /**
     * What one of so many workers goes by, each of which may see no more than its part of a host: of what more than two see, less
     * makes it worth sampling, or none would sample what together is above a limit.
     */
    Floors ofWorkers(int workers) {
        if (workers <= 2) {
            return this;
        }
        return new Floors(divided(sampling, workers), divided(watch, workers), promotion);
    }

    private static long[] divided(long[] floors, int workers) {
        return Arrays.stream(floors)
                .map(floor -> floor == Long.MAX_VALUE ? floor : floor * 2 / workers)
                .toArray();
    }

    boolean mayMatter(long flows, long packets, long bytes, int group) {
        var at = group * SUMS;
        return packets >= promotion[at + 1] || bytes >= promotion[at + 2] || flows >= promotion[at];
    }

    /** Whether one second's counters, which begin one after {@code at}, are above any floor. */
    boolean worthSampling(long[] bucket, int at, long second, int group) {
        var sums = group * SUMS;
        if (bucket[at] != second
                || bucket[at + 1] <= watch[sums]
                        && bucket[at + 2] <= watch[sums + 1]
                        && bucket[at + 3] <= watch[sums + 2]) {
            return false;
        }
        var floor = group * Metric.COUNTERS;
        for (var counter = 0; counter < Metric.COUNTERS; counter++) {
            if (bucket[at + 1 + counter] > sampling[floor + counter]) {
                return true;
            }
        }
        return false;
    }

    /** The same of what long flows go on with each second; they are records too few to tell by any one second. */
    boolean worthSampling(float @Nullable [] going, int group) {
        var floor = group * Metric.COUNTERS;
        for (var counter = 0; going != null && counter < Metric.COUNTERS; counter++) {
            if (going[1 + counter] > sampling[floor + counter]) {
                return true;
            }
        }
        return false;
    }
}
