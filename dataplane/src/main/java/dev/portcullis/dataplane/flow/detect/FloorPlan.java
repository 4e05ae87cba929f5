package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.Floors;
import dev.portcullis.dataplane.flow.window.Metric;
import dev.portcullis.dataplane.flow.window.PrefixTable;
import dev.portcullis.dataplane.flow.window.WindowPlan;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From when on hosts are counted exactly and sampled, so that no decision ever misses either. Pure. */
final class FloorPlan {
    /**
     * Part of a limit that a host may come to before it gets exact counters. Four workers may each see a part of a host:
     * together they are still below a quarter of it.
     */
    private static final double PROMOTED_AT = 1.0 / 16;

    private FloorPlan() {}

    static WindowPlan of(
            PrefixTable networks,
            List<HostGroup> groups,
            FlowPolicy.@Nullable CarpetPolicy carpet,
            @Nullable BaselineSettings baseline,
            int seconds,
            int fastPathFactor,
            int maxHosts,
            int sampleRecords) {
        var incoming = new Builder(groups.size(), seconds, fastPathFactor, baseline);
        var outgoing = new Builder(groups.size(), seconds, fastPathFactor, baseline);
        var totals = new Builder(groups.size(), seconds, fastPathFactor, baseline);
        var judgesOutgoing = new boolean[groups.size()];
        var summed = new boolean[groups.size()];
        for (var i = 0; i < groups.size(); i++) {
            var group = groups.get(i);
            summed[i] = group.summed();
            judgesOutgoing[i] = group.outgoing() != null;
            (group.summed() ? totals : incoming).lower(i, group.incoming());
            if (group.outgoing() != null) {
                (group.summed() ? totals : outgoing).lower(i, group.outgoing());
            }
        }
        WindowPlan.Carpet prefixes = null;
        if (carpet != null) {
            var floors = new Builder(1, seconds, fastPathFactor, null);
            floors.lower(0, carpet.limits());
            prefixes = new WindowPlan.Carpet(carpet.lengthV4(), carpet.lengthV6(), carpet.minHosts(), floors.build());
        }
        return new WindowPlan(
                networks,
                seconds,
                maxHosts,
                sampleRecords,
                incoming.build(),
                outgoing.build(),
                totals.build(),
                groups.stream().map(HostGroup::name).toList(),
                judgesOutgoing,
                summed,
                prefixes);
    }

    private static final class Builder {
        private final int seconds;
        private final int fastPathFactor;
        private final @Nullable BaselineSettings baseline;
        private final long[] sampling;
        private final long[] watch;
        private final long[] promotion;

        Builder(int groups, int seconds, int fastPathFactor, @Nullable BaselineSettings baseline) {
            this.seconds = seconds;
            this.fastPathFactor = fastPathFactor;
            this.baseline = baseline;
            sampling = new long[groups * Metric.COUNTERS];
            watch = new long[groups * Floors.SUMS];
            promotion = new long[groups * Floors.SUMS];
            Arrays.fill(sampling, Long.MAX_VALUE);
            Arrays.fill(watch, Long.MAX_VALUE);
            Arrays.setAll(promotion, i -> Floors.most(i % Floors.SUMS));
        }

        void lower(int group, HostGroup.Limits limits) {
            for (var metric : Metric.values()) {
                var limit = Math.min(limits.of(metric), learned(metric));
                if (limit == Double.POSITIVE_INFINITY) {
                    continue;
                }
                var perSecond = metric.bits() ? limit / 8 : limit;
                var at = group * Metric.COUNTERS + metric.counter();
                // A host is sampled once a second of it holds an eighth of what the window may, or half of what a
                // second may.
                sampling[at] = Math.min(sampling[at], (long) (perSecond * Math.min(seconds / 8.0, 0.5)));
                var most = perSecond * Math.min(seconds * PROMOTED_AT, fastPathFactor * 0.25);
                var sum = group * Floors.SUMS + (metric == Metric.FLOWS_PER_SEC ? 0 : metric.bits() ? 2 : 1);
                watch[sum] = Math.min(watch[sum], sampling[at]);
                promotion[sum] = (long) Math.clamp(most, 1, promotion[sum]);
            }
        }

        private double learned(Metric metric) {
            for (var i = 0; baseline != null && i < Baseline.METRICS.length; i++) {
                if (Baseline.METRICS[i] == metric) {
                    return baseline.floors()[i];
                }
            }
            return Double.POSITIVE_INFINITY;
        }

        Floors build() {
            return new Floors(sampling, watch, promotion);
        }
    }
}
