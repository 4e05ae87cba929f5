package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.detect.Attack.Direction;
import dev.portcullis.dataplane.flow.detect.Episode.Subject;
import dev.portcullis.dataplane.flow.window.HostSample;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.Metric;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is under attack, from sums, a policy and the time, and from nothing else. A host is under attack once any
 * rate is above its limit (never at it) for {@link FlowPolicy#confirmTicks} decisions in a row, until every rate has been
 * at or below its limit for {@link FlowPolicy#hysteresis}.
 *
 * <p>The sums include the current second, so a flood far above a limit uses up the window's budget (limit times length)
 * within its first second and is seen at the next tick, while no average over the window is ever overstated. Used by one
 * thread at a time.
 */
public final class Detector {
    /** Hosts above a limit followed at once; beyond it new ones wait until others end. */
    public static final int MOST_EPISODES = 16_384;

    private static final Metric[] METRICS = Metric.values();

    private final Map<Subject, Episode> episodes = new LinkedHashMap<>();
    private long refused;

    /** What one tick came to, each list in the order the attacks began. */
    public record Changes(List<Attack> started, List<Attack> ongoing, List<Attack> ended) {}

    /**
     * Takes the decision of one tick.
     *
     * @param incoming sums towards protected hosts, merged over workers
     * @param outgoing sums from protected hosts
     * @param nowMillis monotonic milliseconds; only differences count
     * @param now the time that attacks state
     */
    public Changes tick(HostSums incoming, HostSums outgoing, FlowPolicy policy, long nowMillis, Instant now) {
        var above = new HashSet<Subject>();
        judge(incoming, Direction.INCOMING, policy, above);
        judge(outgoing, Direction.OUTGOING, policy, above);
        var changes = new Changes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (var each = episodes.values().iterator(); each.hasNext(); ) {
            if (!follow(each.next(), above, incoming, outgoing, policy, nowMillis, now, changes)) {
                each.remove();
            }
        }
        return changes;
    }

    /** Hosts above a limit that could not be followed because there were too many, since the last call. */
    public long drainRefused() {
        var count = refused;
        refused = 0;
        return count;
    }

    private void judge(HostSums sums, Direction direction, FlowPolicy policy, Set<Subject> above) {
        for (var row = 0; row < sums.size(); row++) {
            var number = policy.window().networks().lookup(sums.high(row), sums.low(row));
            if (number < 0) {
                continue;
            }
            var group = policy.groups().get(number);
            var limits = limits(group, direction);
            if (limits == null) {
                continue;
            }
            var metric = exceeded(sums, row, limits);
            if (metric == null) {
                continue;
            }
            var subject = new Subject(sums.high(row), sums.low(row), direction);
            var episode = episodes.get(subject);
            if (episode == null) {
                if (episodes.size() >= MOST_EPISODES) {
                    refused++;
                    continue;
                }
                episode = new Episode(subject, group, metric, sums.rate(row, metric), limits.of(metric));
                episodes.put(subject, episode);
            }
            above.add(subject);
        }
    }

    /** One episode's part of the tick; false when it is over. */
    private static boolean follow(
            Episode episode,
            Set<Subject> above,
            HostSums incoming,
            HostSums outgoing,
            FlowPolicy policy,
            long nowMillis,
            Instant now,
            Changes changes) {
        var subject = episode.subject();
        var isAbove = above.contains(subject);
        if (!isAbove && !episode.started()) {
            return false;
        }
        var number = policy.window().networks().lookup(subject.high(), subject.low());
        if (number < 0 || limits(policy.groups().get(number), subject.direction()) == null) {
            changes.ended().add(episode.attack(now));
            return false;
        }
        var sums = subject.direction() == Direction.INCOMING ? incoming : outgoing;
        var row = sums.find(subject.high(), subject.low());
        List<HostSample> samples = row < 0 ? List.of() : sums.samples(row);
        episode.measure(policy.groups().get(number), row < 0 ? Rates.ZERO : rates(sums, row), samples);
        if (isAbove) {
            var confirmations = episode.confirm(nowMillis);
            if (!episode.started()) {
                if (confirmations >= policy.confirmTicks()) {
                    episode.start(now);
                    changes.started().add(episode.attack(null));
                }
                return true;
            }
        } else if (episode.quietMillis(nowMillis) >= policy.hysteresis().toMillis()) {
            changes.ended().add(episode.attack(now));
            return false;
        }
        changes.ongoing().add(episode.attack(null));
        return true;
    }

    private static HostGroup.@Nullable Limits limits(HostGroup group, Direction direction) {
        return direction == Direction.INCOMING ? group.incoming() : group.outgoing();
    }

    private static @Nullable Metric exceeded(HostSums sums, int row, HostGroup.Limits limits) {
        for (var metric : METRICS) {
            if (sums.rate(row, metric) > limits.of(metric)) {
                return metric;
            }
        }
        return null;
    }

    /** The first metric above its limit, or null. */
    static @Nullable Metric exceeded(Rates rates, HostGroup.Limits limits) {
        for (var metric : METRICS) {
            if (rates.of(metric) > limits.of(metric)) {
                return metric;
            }
        }
        return null;
    }

    /** The rates of one row of sums. */
    public static Rates rates(HostSums sums, int row) {
        return new Rates(
                sums.rate(row, Metric.PPS),
                sums.rate(row, Metric.MBPS),
                sums.rate(row, Metric.FLOWS_PER_SEC),
                sums.rate(row, Metric.TCP_PPS),
                sums.rate(row, Metric.TCP_MBPS),
                sums.rate(row, Metric.UDP_PPS),
                sums.rate(row, Metric.UDP_MBPS),
                sums.rate(row, Metric.ICMP_PPS),
                sums.rate(row, Metric.ICMP_MBPS),
                sums.rate(row, Metric.TCP_SYN_PPS),
                sums.rate(row, Metric.TCP_SYN_MBPS),
                sums.rate(row, Metric.FRAG_PPS),
                sums.rate(row, Metric.FRAG_MBPS));
    }
}
