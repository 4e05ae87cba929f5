package dev.portcullis.operator.flow;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What detectors report about the MitigationPolicies they use: written where collectors are asked, read where policies are
 * reported on. Holds one entry for each FlowDetector that exists. Thread-safe.
 */
public final class DetectorReports {
    /** What one detector says. */
    public record DetectorReport(Set<String> policies, FlowSummary summary) {}

    private final Map<ResourceID, DetectorReport> reports = new ConcurrentHashMap<>();
    private volatile Consumer<ResourceID> changed = policy -> {};

    /** Sets whom to tell of a policy about which a detector says something new. */
    public void listen(Consumer<ResourceID> changed) {
        this.changed = changed;
    }

    /** Notes what {@code detector} says, and forgets detectors that are gone. */
    void note(ResourceID detector, DetectorReport report, Predicate<ResourceID> exists) {
        reports.keySet().removeIf(other -> !exists.test(other));
        var before = reports.put(detector, report);
        if (before != null
                && before.policies().equals(report.policies())
                && before.summary().mitigation().equals(report.summary().mitigation())
                && before.summary().reporting() == report.summary().reporting()) {
            return;
        }
        report.policies().forEach(name -> tell(detector, name));
        if (before != null) {
            before.policies().stream()
                    .filter(name -> !report.policies().contains(name))
                    .forEach(name -> tell(detector, name));
        }
    }

    private void tell(ResourceID detector, String policy) {
        changed.accept(new ResourceID(policy, detector.getNamespace().orElseThrow()));
    }

    /** What the detectors of {@code policy}'s namespace that use it say, by the detector's name. */
    public Map<String, DetectorReport> using(ResourceID policy) {
        return reports.entrySet().stream()
                .filter(entry -> entry.getKey().getNamespace().equals(policy.getNamespace())
                        && entry.getValue().policies().contains(policy.getName()))
                .collect(Collectors.toMap(entry -> entry.getKey().getName(), Map.Entry::getValue));
    }
}
