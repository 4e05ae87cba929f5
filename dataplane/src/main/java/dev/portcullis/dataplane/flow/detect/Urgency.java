package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.detect.Attack.Direction;
import dev.portcullis.dataplane.flow.detect.Attack.Scope;
import dev.portcullis.dataplane.flow.detect.Episode.Subject;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whether sums show a target above a configured limit that a decision could say an attack has started on. Pure. */
final class Urgency {
    private final FlowPolicy policy;
    private final Predicate<Subject> couldStart;

    private Urgency(FlowPolicy policy, Predicate<Subject> couldStart) {
        this.policy = policy;
        this.couldStart = couldStart;
    }

    static boolean of(WindowSums sums, FlowPolicy policy, Predicate<Subject> couldStart) {
        var urgency = new Urgency(policy, couldStart);
        return urgency.ofHosts(sums.incoming(), Direction.INCOMING)
                || urgency.ofHosts(sums.outgoing(), Direction.OUTGOING)
                || urgency.ofGroups(sums.totals(), Direction.INCOMING)
                || urgency.ofGroups(sums.totalsOutgoing(), Direction.OUTGOING)
                || urgency.ofPrefixes(sums.prefixes());
    }

    private boolean ofHosts(HostSums sums, Direction direction) {
        for (var row = 0; row < sums.size(); row++) {
            var group = policy.hostGroup(sums.high(row), sums.low(row));
            if (group != null && ofRow(Scope.HOST, sums, row, direction, group.limits(direction))) {
                return true;
            }
        }
        return false;
    }

    private boolean ofGroups(HostSums sums, Direction direction) {
        for (var row = 0; row < sums.size(); row++) {
            var group = policy.summedGroup(sums.low(row));
            if (group != null && ofRow(Scope.GROUP, sums, row, direction, group.limits(direction))) {
                return true;
            }
        }
        return false;
    }

    private boolean ofPrefixes(HostSums sums) {
        var carpet = policy.carpet();
        for (var row = 0; carpet != null && row < sums.size(); row++) {
            if (ofRow(Scope.PREFIX, sums, row, Direction.INCOMING, carpet.limits())) {
                return true;
            }
        }
        return false;
    }

    private boolean ofRow(Scope scope, HostSums sums, int row, Direction direction, HostGroup.@Nullable Limits limits) {
        return limits != null
                && Crossing.of(sums, row, limits) != null
                && couldStart.test(new Subject(scope, sums.high(row), sums.low(row), direction));
    }
}
