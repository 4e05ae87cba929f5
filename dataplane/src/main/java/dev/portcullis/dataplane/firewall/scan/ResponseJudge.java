package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import org.jspecify.annotations.Nullable;

/** Judges what is found in a response body. */
record ResponseJudge(InjectionPolicy policy, String host, boolean refuseOversize) implements BodyWindow.Judge {
    @Override
    public @Nullable Finding finding(Rule rule, long start, long end, String encoding) {
        return policy.finding(rule, host, start, end - start, encoding);
    }

    @Override
    public @Nullable Finding oversize(long limit) {
        return refuseOversize
                ? new Finding(
                        ScannerName.RESPONSE_SIZE,
                        "response-body-length",
                        Severity.medium,
                        Action.Block,
                        "plaintext",
                        "body",
                        limit,
                        "the response body is longer than the " + limit + " bytes that are scanned",
                        "spec.limits.onOversize: Stream")
                : null;
    }

    @Override
    public Finding overBudget(long place) {
        return policy.overBudget(host, place);
    }
}
