package dev.portcullis.operator.flow;

import dev.portcullis.crd.v1alpha1.FlowDetectorStatus;
import dev.portcullis.crd.v1alpha1.FlowDetectorStatus.AttackSummary;
import dev.portcullis.operator.flow.FlowSummary.AttackKey;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which attacks of which detector are known, so that each starts and ends once. After a restart, those listed in the
 * status are. Holds the active attacks of detectors that exist. Thread-safe.
 */
final class AttackLog {
    /** What changed. */
    record News(List<AttackSummary> started, List<AttackKey> ended) {}

    private final Map<ResourceID, Set<AttackKey>> known = new ConcurrentHashMap<>();

    /**
     * Notes the {@code active} attacks of {@code detector}.
     *
     * @param listed the status as last written, or null
     * @param exists whether a detector still exists
     */
    News note(
            ResourceID detector,
            @Nullable FlowDetectorStatus listed,
            List<AttackSummary> active,
            Predicate<ResourceID> exists) {
        known.keySet().removeIf(other -> !exists.test(other));
        var now = new LinkedHashMap<AttackKey, AttackSummary>();
        active.forEach(attack -> now.put(AttackKey.of(attack), attack));
        var before = known.put(detector, Set.copyOf(now.keySet()));
        var old = before != null ? before : keys(listed);
        var started = new LinkedHashMap<>(now);
        started.keySet().removeAll(old);
        var ended = new HashSet<>(old);
        ended.removeAll(now.keySet());
        return new News(List.copyOf(started.values()), List.copyOf(ended));
    }

    private static Set<AttackKey> keys(@Nullable FlowDetectorStatus listed) {
        return listed == null || listed.activeAttacks() == null
                ? Set.of()
                : listed.activeAttacks().largest().stream().map(AttackKey::of).collect(Collectors.toSet());
    }
}
