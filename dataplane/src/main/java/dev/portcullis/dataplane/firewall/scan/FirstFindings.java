package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.util.ArrayList;
import java.util.List;

/** What was found in a body message by message: of each rule the first finding. Not thread-safe. */
public final class FirstFindings {
    private final List<Finding> first = new ArrayList<>(1);
    private boolean blocked;

    /** Adds those of rules that nothing was found of. */
    public void add(List<Finding> found) {
        for (var finding : found) {
            if (first.stream().noneMatch(known -> known.rule().equals(finding.rule()))) {
                first.add(finding);
            }
            blocked |= finding.action() == Action.Block;
        }
    }

    /** True once one of them refuses the body. */
    public boolean blocked() {
        return blocked;
    }

    /** All of them, in the order they were found. It grows with them. */
    public List<Finding> all() {
        return first;
    }
}
