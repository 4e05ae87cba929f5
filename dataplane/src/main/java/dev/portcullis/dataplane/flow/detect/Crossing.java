package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.detect.Attack.Basis;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.Metric;
import org.jspecify.annotations.Nullable;

/**
 * A rate above its limit, both in packets, bits or flows a second. Immutable.
 *
 * @param limit what it was measured against: {@code fastPathFactor} times the threshold where one second alone is above that
 */
record Crossing(Metric metric, double rate, double limit, Basis basis) {
    private static final Metric[] METRICS = Metric.values();

    /** The first limit that a row is above, in the order of {@link Metric}, or null. Never at a limit. */
    static @Nullable Crossing of(HostSums sums, int row, HostGroup.Limits limits) {
        return of(sums, row, limits, Spread.WHOLE);
    }

    /** The same of the part of a row's traffic that {@code spread} says. */
    static @Nullable Crossing of(HostSums sums, int row, HostGroup.Limits limits, Spread spread) {
        for (var metric : METRICS) {
            var part = spread.part(metric);
            if (sums.sum(row, metric.counter()) * part > limits.window()[metric.counter()]) {
                return new Crossing(metric, sums.rate(row, metric) * part, limits.of(metric), Basis.CONFIGURED);
            }
        }
        for (var metric : METRICS) {
            var second = sums.secondAlone(row, metric.counter()) * spread.part(metric);
            if (second > limits.burst()[metric.counter()]) {
                return new Crossing(metric, metric.bits() ? second * 8 : second, limits.of(metric), Basis.CONFIGURED);
            }
        }
        return null;
    }

    /** The same against what is usual. */
    static @Nullable Crossing of(HostSums sums, int row, Baselines.Tightened tightened) {
        for (var i = 0; i < Baseline.METRICS.length; i++) {
            var metric = Baseline.METRICS[i];
            var rate = sums.rate(row, metric);
            if (rate > tightened.limits()[i]) {
                return new Crossing(
                        metric,
                        rate,
                        tightened.limits()[i],
                        new Basis("baseline", metric.inOwnUnit(tightened.normal()[i])));
            }
        }
        return null;
    }
}
