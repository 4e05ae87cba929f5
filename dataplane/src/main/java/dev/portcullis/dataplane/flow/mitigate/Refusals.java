package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.metrics.MitigationMetrics;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bans refused to attacks in progress. Each is tried again every round, and counted once for each reason. One thread. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private record Refused(Ban ban, Refusal latest, EnumSet<Refusal> counted) {}

    private final Map<String, Refused> byAttack = new HashMap<>();
    private final Map<String, Long> byPolicy = new HashMap<>();
    private final MitigationMetrics metrics;

    Refusals(MitigationMetrics metrics) {
        this.metrics = metrics;
    }

    /** The ban {@code candidate} was refused to the attack. */
    void add(String attackId, Ban candidate, Refusal refusal) {
        var before = byAttack.get(attackId);
        if (before != null && before.latest() == refusal) {
            return;
        }
        var counted = before == null ? EnumSet.noneOf(Refusal.class) : before.counted();
        if (counted.add(refusal)) {
            count(candidate.policy(), refusal);
            LOG.warn(
                    "ban of {} for attack {} refused: {}",
                    candidate.target().getHostAddress(),
                    attackId,
                    refusal.sentence());
        }
        byAttack.put(attackId, new Refused(candidate.rejected(refusal.sentence()), refusal, counted));
    }

    /** Counts a refusal, whoever asked for the ban. */
    void count(String policy, Refusal refusal) {
        metrics.rejected(refusal.label());
        byPolicy.merge(policy, 1L, Long::sum);
    }

    /** Refusals since the start, by name of the MitigationPolicy; a copy. */
    Map<String, Long> byPolicy() {
        return Map.copyOf(byPolicy);
    }

    /** Forgets the attack: the ban last refused to it, or null. */
    @Nullable
    Ban remove(String attackId) {
        var refused = byAttack.remove(attackId);
        return refused == null ? null : refused.ban();
    }

    /** The {@code most} latest. */
    List<Ban> latest(int most) {
        return byAttack.values().stream()
                .map(Refused::ban)
                .sorted(Comparator.comparing((Ban ban) -> ban.life().startedAt())
                        .reversed())
                .limit(most)
                .toList();
    }
}
