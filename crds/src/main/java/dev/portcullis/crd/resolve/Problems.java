package dev.portcullis.crd.resolve;

import java.util.ArrayList;
import java.util.List;

/** Collects the problems of one resource, {@link #MOST} at most: a file of garbage must not become a page of garbage. */
final class Problems {
    /** Problems kept for one resource; the last one then says how many more there were. */
    static final int MOST = 50;

    private final ResourceId resource;
    private final List<Problem> found = new ArrayList<>();
    private int dropped;

    Problems(ResourceId resource) {
        this.resource = resource;
    }

    void add(String path, ProblemReason reason, String message) {
        if (found.size() < MOST) {
            found.add(new Problem(resource, path, reason, message));
        } else {
            dropped++;
        }
    }

    boolean none() {
        return found.isEmpty();
    }

    boolean at(String path) {
        return found.stream().anyMatch(problem -> problem.path().equals(path));
    }

    boolean atOrBelow(String path) {
        return found.stream()
                .anyMatch(problem -> problem.path().equals(path)
                        || problem.path().startsWith(path + ".")
                        || problem.path().startsWith(path + "["));
    }

    List<Problem> list() {
        if (dropped == 0) {
            return List.copyOf(found);
        }
        var all = new ArrayList<>(found);
        all.add(new Problem(
                resource,
                "spec",
                ProblemReason.InvalidValue,
                dropped + " more problems are not shown: mend these first"));
        return all;
    }
}
