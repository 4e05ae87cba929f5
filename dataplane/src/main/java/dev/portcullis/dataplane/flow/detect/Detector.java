package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.detect.Attack.Direction;
import dev.portcullis.dataplane.flow.detect.Attack.Scope;
import dev.portcullis.dataplane.flow.detect.Episode.Subject;
import dev.portcullis.dataplane.flow.window.HostSample;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.Metric;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is under attack, from sums, a policy and the time, and from nothing else. A target is under attack once any
 * rate has been above its limit (never at it) for {@link FlowPolicy#confirmTicks} decisions, until every rate has been at or
 * below its limit for {@link FlowPolicy#hysteresis}.
 *
 * <p>The sums include the current second, so a flood far above a limit uses up the window's budget (limit times length)
 * within its first second and is seen then, while no average over the window is ever overstated. Used by one thread at a
 * time.
 */
public final class Detector {
    /** Targets above a limit followed at once; beyond it new ones wait until others end. */
    public static final int MOST_EPISODES = 16_384;

    private final Map<Subject, Episode> episodes = new LinkedHashMap<>();
    private final Set<Subject> passedOver = new HashSet<>();
    private final Baselines baselines = new Baselines();
    private final Supplier<String> ids;
    private long tickMillis = -1;
    private long refused;

    /** What one tick came to, each list in the order the attacks began; {@code updated} is part of {@code ongoing}. */
    public record Changes(List<Attack> started, List<Attack> ongoing, List<Attack> updated, List<Attack> ended) {}

    /** A detector that knows of no attack; ids are random. */
    public Detector() {
        this(() -> UUID.randomUUID().toString());
    }

    /** The same with ids from {@code ids}. */
    public Detector(Supplier<String> ids) {
        this.ids = ids;
    }

    /**
     * Takes the decision of one tick.
     *
     * @param sums merged over workers
     * @param nowMillis monotonic milliseconds; only differences count
     * @param now the time that attacks state
     */
    public Changes tick(WindowSums sums, FlowPolicy policy, long nowMillis, Instant now) {
        var above = new HashSet<Subject>();
        passedOver.clear();
        judgeHosts(sums.incoming(), Direction.INCOMING, policy, now, above);
        judgeHosts(sums.outgoing(), Direction.OUTGOING, policy, now, above);
        judgeGroups(sums.totals(), Direction.INCOMING, policy, now, above);
        judgeGroups(sums.totalsOutgoing(), Direction.OUTGOING, policy, now, above);
        judgePrefixes(sums.prefixes(), policy, above);
        var changes = new Changes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (var each = episodes.values().iterator(); each.hasNext(); ) {
            if (!follow(each.next(), above, sums, policy, nowMillis, now, changes)) {
                each.remove();
            }
        }
        learn(sums, policy, nowMillis, now);
        return changes;
    }

    /**
     * True where a target that is not followed yet is above a limit in {@code sums}, which may be of a part of the hosts and
     * need no samples: a reason to decide at once and not at the next tick.
     */
    public boolean urgent(WindowSums sums, FlowPolicy policy) {
        return episodes.size() < MOST_EPISODES && Urgency.of(sums, policy, this::couldStart);
    }

    /** False for what is followed, and for what the latest decision has looked at and passed over: another would do the same. */
    private boolean couldStart(Subject subject) {
        return !episodes.containsKey(subject) && !passedOver.contains(subject);
    }

    /** Targets above a limit that could not be followed because there were too many, since the last call. */
    public long drainRefused() {
        var count = refused;
        refused = 0;
        return count;
    }

    /** Targets not learned because there were too many, since the last call. */
    public long drainRefusedBaselines() {
        return baselines.drainRefused();
    }

    /** Packets a second that are usual towards {@code host}, 0 where that is not known. */
    public double normalPackets(InetAddress host, FlowPolicy policy, Instant now) {
        var settings = policy.baseline();
        var subject = new Subject(Scope.HOST, IpBits.high(host), IpBits.low(host), Direction.INCOMING);
        return settings == null ? 0 : baselines.normalPackets(subject, settings, now);
    }

    /** Targets of which it is known what is usual. */
    public int baselines() {
        return baselines.size();
    }

    /** Writes what has been learned. */
    public void writeBaselines(DataOutput out) throws IOException {
        baselines.write(out);
    }

    /**
     * Takes over what was learned.
     *
     * @throws IOException when it is damaged or of another version; nothing is taken over then
     */
    public void readBaselines(DataInput in) throws IOException {
        baselines.read(in);
    }

    private void judgeHosts(HostSums sums, Direction direction, FlowPolicy policy, Instant now, Set<Subject> above) {
        for (var row = 0; row < sums.size(); row++) {
            judgeHost(sums, row, direction, policy, now, above);
        }
    }

    // By itself, so that it is compiled soon: a loop that is entered once a second is not.
    private void judgeHost(
            HostSums sums, int row, Direction direction, FlowPolicy policy, Instant now, Set<Subject> above) {
        var group = policy.hostGroup(sums.high(row), sums.low(row));
        if (group != null) {
            judge(Scope.HOST, sums, row, direction, group, policy, now, above);
        }
    }

    private void judgeGroups(HostSums sums, Direction direction, FlowPolicy policy, Instant now, Set<Subject> above) {
        for (var row = 0; row < sums.size(); row++) {
            var group = policy.summedGroup(sums.low(row));
            if (group != null) {
                judge(Scope.GROUP, sums, row, direction, group, policy, now, above);
            }
        }
    }

    private void judge(
            Scope scope,
            HostSums sums,
            int row,
            Direction direction,
            HostGroup group,
            FlowPolicy policy,
            Instant now,
            Set<Subject> above) {
        var limits = group.limits(direction);
        if (limits == null) {
            return;
        }
        var crossing = Crossing.of(sums, row, limits);
        var settings = policy.baseline();
        if (crossing == null && settings != null) {
            var subject = new Subject(scope, sums.high(row), sums.low(row), direction);
            var tightened = baselines.tightened(subject, limits, settings, now);
            crossing = tightened == null ? null : Crossing.of(sums, row, tightened);
        }
        if (crossing != null) {
            follow(new Subject(scope, sums.high(row), sums.low(row), direction), group, crossing, above);
        }
    }

    /**
     * A prefix counts without the hosts that are under attack of their own: what is left must be above the limit and go to
     * enough hosts.
     */
    private void judgePrefixes(HostSums sums, FlowPolicy policy, Set<Subject> above) {
        var carpet = policy.carpet();
        for (var row = 0; carpet != null && row < sums.size(); row++) {
            if (Crossing.of(sums, row, carpet.limits()) == null) {
                continue;
            }
            var spread = Spread.of(sums.samples(row), (high, low) -> {
                var host = new Subject(Scope.HOST, high, low, Direction.INCOMING);
                return above.contains(host) || episodes.containsKey(host);
            });
            var subject = new Subject(Scope.PREFIX, sums.high(row), sums.low(row), Direction.INCOMING);
            var crossing = spread.hosts() < carpet.minHosts() ? null : Crossing.of(sums, row, carpet.limits(), spread);
            if (crossing == null) {
                passedOver.add(subject);
            } else {
                follow(subject, policy.groupOf(sums.high(row), sums.low(row)), crossing, above);
            }
        }
    }

    private void follow(Subject subject, HostGroup group, Crossing crossing, Set<Subject> above) {
        if (!episodes.containsKey(subject)) {
            if (episodes.size() >= MOST_EPISODES) {
                refused++;
                return;
            }
            episodes.put(subject, new Episode(subject, group, crossing));
        }
        above.add(subject);
    }

    /** One episode's part of the tick; false when it is over. */
    private boolean follow(
            Episode episode,
            Set<Subject> above,
            WindowSums all,
            FlowPolicy policy,
            long nowMillis,
            Instant now,
            Changes changes) {
        var subject = episode.subject();
        var isAbove = above.contains(subject);
        if (!isAbove && !episode.started()) {
            return false;
        }
        var group = judgedBy(episode, policy);
        if (group == null) {
            if (episode.started()) {
                changes.ended().add(episode.attack(now));
            }
            return false;
        }
        var sums = sums(subject, all);
        var row = sums.find(subject.high(), subject.low());
        List<HostSample> samples = row < 0 ? List.of() : sums.samples(row);
        episode.measure(group, row < 0 ? Rates.ZERO : rates(sums, row), samples, isAbove);
        if (isAbove && subject.scope() != Scope.HOST) {
            episode.extent(
                    policy.prefixLength(subject.scope(), subject.high(), subject.low(), group),
                    Spread.of(samples, (high, low) -> false).hosts());
        }
        if (isAbove) {
            var confirmed = episode.confirm(nowMillis);
            if (!episode.started()) {
                // A tick may come a little early or late.
                var tick = policy.tick().toMillis();
                if (confirmed >= (policy.confirmTicks() - 1) * tick - tick / 2) {
                    episode.start(ids.get(), now);
                    changes.started().add(episode.attack(null));
                }
                return true;
            }
        } else if (episode.quietMillis(nowMillis) >= policy.hysteresis().toMillis()) {
            changes.ended().add(episode.attack(now));
            return false;
        }
        var attack = episode.attack(null);
        changes.ongoing().add(attack);
        if (isAbove && episode.drainNews()) {
            changes.updated().add(attack);
        }
        return true;
    }

    /** The group whose limits an episode is under, or null where there are none any more. */
    private static @Nullable HostGroup judgedBy(Episode episode, FlowPolicy policy) {
        var subject = episode.subject();
        var group =
                switch (subject.scope()) {
                    case HOST -> policy.hostGroup(subject.high(), subject.low());
                    case GROUP -> {
                        var same = policy.summedGroup(subject.low());
                        yield same != null && same.name().equals(episode.groupName()) ? same : null;
                    }
                    case PREFIX -> policy.carpet() == null ? null : policy.groupOf(subject.high(), subject.low());
                };
        return group != null && (subject.scope() == Scope.PREFIX || group.limits(subject.direction()) != null)
                ? group
                : null;
    }

    private void learn(WindowSums sums, FlowPolicy policy, long nowMillis, Instant now) {
        var settings = policy.baseline();
        // Rates are over the window: after a pause no more time than that has been seen.
        var seconds = tickMillis < 0
                ? 0
                : Math.min(nowMillis - tickMillis, policy.window().seconds() * 1000L) / 1000.0;
        tickMillis = nowMillis;
        if (settings == null || seconds <= 0) {
            return;
        }
        learn(sums.incoming(), Direction.INCOMING, seconds, settings, policy, now);
        learn(sums.outgoing(), Direction.OUTGOING, seconds, settings, policy, now);
        learnGroups(sums.totals(), Direction.INCOMING, seconds, settings, policy, now);
        learnGroups(sums.totalsOutgoing(), Direction.OUTGOING, seconds, settings, policy, now);
    }

    private void learn(
            HostSums sums,
            Direction direction,
            double seconds,
            BaselineSettings settings,
            FlowPolicy policy,
            Instant now) {
        for (var row = 0; row < sums.size(); row++) {
            learnHost(sums, row, direction, seconds, settings, policy, now);
        }
    }

    private void learnHost(
            HostSums sums,
            int row,
            Direction direction,
            double seconds,
            BaselineSettings settings,
            FlowPolicy policy,
            Instant now) {
        var group = policy.hostGroup(sums.high(row), sums.low(row));
        var subject = new Subject(Scope.HOST, sums.high(row), sums.low(row), direction);
        if (group != null && group.limits(direction) != null && !episodes.containsKey(subject)) {
            baselines.learn(subject, sums, row, seconds, settings, tickMillis, now);
        }
    }

    private void learnGroups(
            HostSums sums,
            Direction direction,
            double seconds,
            BaselineSettings settings,
            FlowPolicy policy,
            Instant now) {
        for (var row = 0; row < sums.size(); row++) {
            var subject = new Subject(Scope.GROUP, sums.high(row), sums.low(row), direction);
            if (policy.summedGroup(sums.low(row)) != null && !episodes.containsKey(subject)) {
                baselines.learn(subject, sums, row, seconds, settings, tickMillis, now);
            }
        }
    }

    private static HostSums sums(Subject subject, WindowSums sums) {
        var incoming = subject.direction() == Direction.INCOMING;
        return switch (subject.scope()) {
            case HOST -> incoming ? sums.incoming() : sums.outgoing();
            case GROUP -> incoming ? sums.totals() : sums.totalsOutgoing();
            case PREFIX -> sums.prefixes();
        };
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
