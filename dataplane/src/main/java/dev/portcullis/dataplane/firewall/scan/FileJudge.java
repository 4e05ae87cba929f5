package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import org.jspecify.annotations.Nullable;

/** Judges what is found in a file that is going nowhere: nothing is refused, so that the scan goes on to its end. */
record FileJudge(SecretPolicy policy) implements BodyWindow.Judge {
    @Override
    public @Nullable Finding finding(Rule rule, long start, long end, String encoding) {
        var finding = policy.finding(rule, "", start, end - start, encoding, "file");
        return finding == null ? null : finding.as(Action.Warn);
    }

    @Override
    public @Nullable Finding oversize(long limit) {
        return null;
    }

    @Override
    public Finding overBudget(long place) {
        return policy.overBudget("file", place).as(Action.Warn);
    }
}
